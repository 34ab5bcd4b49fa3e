// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <sigmagrad/lab/program/program.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::testing {

struct Ran {
  int code = 0;
  std::string out = {}, err = {};
};

inline Ran program(const std::vector<std::string>& arguments) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Ran ran{.code = lab::run_program(arguments)};
  ran.out = ::testing::internal::GetCapturedStdout();
  ran.err = ::testing::internal::GetCapturedStderr();
  return ran;
}

/// A place of the test's own, removed with the process.
inline std::string scratch(const std::string& name) {
  static const Scratch folder;
  const auto path = folder / name;
  std::filesystem::remove_all(path);
  return path.string();
}

/// Exit code 2 and one line, with `part` in it, on standard error alone.
inline void expect_one_line(const std::vector<std::string>& arguments, const std::string& part) {
  const Ran ran = program(arguments);
  EXPECT_EQ(ran.code, 2) << ran.err;
  EXPECT_TRUE(contains(ran.err, part));
  EXPECT_TRUE(ran.err.starts_with("sigmagrad: "));
  EXPECT_TRUE(ran.err.ends_with("\n"));
  EXPECT_EQ(std::ranges::count(ran.err, '\n'), 1) << ran.err;
  EXPECT_EQ(ran.out, "");
}

}  // namespace sigmagrad::testing
