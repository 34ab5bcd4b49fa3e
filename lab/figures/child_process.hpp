// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace sigmagrad::lab::detail {

struct Patience {
  std::chrono::milliseconds limit;
  std::function<bool()> interrupted = [] { return false; };
};

/// What became of another program. One that is late, or that an interrupt stops, is killed with all it has started.
struct Ended {
  int error = 0;   // why it could not be started
  int status = 0;  // as waitpid gives it
  bool late = false, interrupted = false;
  std::string output = {};  // the first of it on its standard output and standard error
};

/// Runs `words` in `folder`, in a process group of its own: an interrupt from the terminal is for this program, which
/// finishes what it has begun. It never outlives this program.
Ended run_child(const std::vector<std::string>& words, const std::filesystem::path& folder, const Patience& patience);

}  // namespace sigmagrad::lab::detail
