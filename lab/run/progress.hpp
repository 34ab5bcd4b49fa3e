// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

namespace sigmagrad::lab {

/// Trials, or pieces of another name, done, rate and time to go: a bar that redraws itself on a terminal, a line every
/// tenth of the way otherwise.
class Progress {
 public:
  Progress(std::size_t total, std::FILE* stream, std::string pieces = "trials");
  Progress(const Progress&) = delete;
  ~Progress();
  void advance(std::size_t finished);

 private:
  using Clock = std::chrono::steady_clock;
  std::string line() const;

  std::size_t total_;
  std::size_t done_ = 0;
  std::size_t printed_tenths_ = 0;
  std::FILE* stream_;
  std::string pieces_;
  bool is_terminal_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace sigmagrad::lab
