// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include <sigmagrad/io/file.hpp>

namespace sigmagrad::testing {

/// An empty folder that is removed with this.
class Scratch {
 public:
  Scratch() {
    static int count = 0;
    folder_ = std::filesystem::temp_directory_path() /
              ("sigmagrad_test_" + std::to_string(::getpid()) + "_" + std::to_string(count++));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~Scratch() { std::filesystem::remove_all(folder_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
  /// A file of that text.
  std::filesystem::path file(const std::string& name, const std::string& text) const {
    sigmagrad::detail::write_file(folder_ / name, text);
    return folder_ / name;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      result.push_back(entry.path().filename().string());
    return result;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace sigmagrad::testing
