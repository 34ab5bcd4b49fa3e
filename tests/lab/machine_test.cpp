// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <sigmagrad/lab/run/machine.hpp>

namespace sigmagrad::lab {
namespace {

TEST(Machine, IsNamed) {
  const Machine machine = this_machine();
  EXPECT_FALSE(machine.cpu.empty());
  EXPECT_TRUE(machine.blas.starts_with("OpenBLAS")) << machine.blas;
  EXPECT_FALSE(machine.blas.ends_with(' '));
}

}  // namespace
}  // namespace sigmagrad::lab
