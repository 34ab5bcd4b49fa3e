// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace sigmagrad::detail {

/// A file that the system has opened, closed at the end of the scope; negative where it could not be opened.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags) : value_(::open(path.c_str(), flags | O_CLOEXEC)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

}  // namespace sigmagrad::detail
