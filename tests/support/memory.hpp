// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fstream>
#include <string>

namespace sigmagrad::testing {

/// A line of /proc/self/status in kilobytes: "VmRSS:" is what the process holds, "VmHWM:" the most that it held. It is
/// always 0 under a sanitizer, which keeps back what the program frees.
inline long memory_kilobytes([[maybe_unused]] const char* line_name) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  std::ifstream status("/proc/self/status");
  const std::string name(line_name);
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::stol(line.substr(name.size()));
#endif
  return 0;
}

inline long resident_memory() { return memory_kilobytes("VmRSS:"); }
inline long peak_memory() { return memory_kilobytes("VmHWM:"); }

}  // namespace sigmagrad::testing
