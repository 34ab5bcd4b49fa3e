// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace sigmagrad::lab {

/// Where and with what the program runs: what decides the last bits of a result.
struct Machine {
  std::string host = {};
  std::string cpu = {};
  std::string blas = {};
  std::string blas_kernel = {};
  std::string compiler = {};
  unsigned cores = 0;
};

Machine this_machine();

/// The time in UTC, "2025-01-31T12:00:00Z".
std::string now();

}  // namespace sigmagrad::lab
