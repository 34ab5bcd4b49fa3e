// SPDX-License-Identifier: BSD-3-Clause
#include <cblas.h>

#include <fstream>

#include <sigmagrad/bench/workloads.hpp>

namespace sigmagrad::bench {

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) {
      const auto name = line.find_first_not_of(": \t", line.find(':'));
      if (name != std::string::npos) return line.substr(name);
    }
  return "unknown";
}

// Its version, build options and the kernels it chose for this processor.
std::string blas_name() {
  std::string name = openblas_get_config();
  name.erase(name.find_last_not_of(' ') + 1);
  return name;
}

}  // namespace sigmagrad::bench
