// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/machine.hpp>

#include <array>
#include <ctime>
#include <fstream>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

extern "C" {
char* openblas_get_config(void);
char* openblas_get_corename(void);
}

namespace sigmagrad::lab {

namespace {

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name"))
      if (const auto name = line.find_first_not_of(": \t", line.find(':')); name != std::string::npos)
        return line.substr(name);
  return "unknown";
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string without_trailing_spaces(const std::string& text) { return text.substr(0, text.find_last_not_of(' ') + 1); }

std::string compiler() {
#ifdef __clang__
  return __VERSION__;
#else
  return fmt::format("GCC {}", __VERSION__);
#endif
}

}  // namespace

Machine this_machine() {
  return {.host = host_name(),
          .cpu = cpu_name(),
          .blas = without_trailing_spaces(openblas_get_config()),
          .blas_kernel = openblas_get_corename(),
          .compiler = compiler(),
          .cores = std::thread::hardware_concurrency()};
}

std::string now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

}  // namespace sigmagrad::lab
