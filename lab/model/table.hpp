// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sigmagrad::lab {

/// A table of the report beside those that every experiment has: tables/<family>-<experiment>-<name>.csv and .tex.
struct Table {
  std::string name = {};
  std::string title = {};
  std::vector<std::string> header = {};
  std::vector<std::vector<std::string>> rows = {};
  std::string note = {};                 // below it
  std::vector<std::size_t> clocks = {};  // columns with times of this machine, which JSON leaves out
};

}  // namespace sigmagrad::lab
