// SPDX-License-Identifier: BSD-3-Clause
// The tests, or with --program the program `sigmagrad` with the tests' experiments: what they start, kill and resume.
#include <string_view>

#include <gtest/gtest.h>

#include <sigmagrad/lab/program/program.hpp>

int main(int count, char** arguments) {
  if (count > 1 && arguments[1] == std::string_view("--program"))
    return sigmagrad::lab::run_program({arguments + 2, arguments + count});
  testing::InitGoogleTest(&count, arguments);
  return RUN_ALL_TESTS();
}
