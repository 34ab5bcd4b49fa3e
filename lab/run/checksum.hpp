// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sigmagrad::lab::detail {

/// 64 bits (XXH3) of everything that was added, with the length of each text: a row that has changed by a bit has other
/// ones, but for one chance in 2^64. Of the checksums at hand it is the one that costs an append nothing to speak of.
class Checksum {
 public:
  Checksum& add(std::string_view text) {
    add(static_cast<std::int64_t>(text.size()));
    bytes_ += text;
    return *this;
  }
  Checksum& add(std::int64_t value);
  Checksum& add(double value);
  /// The checksum; what is added next belongs to another.
  std::int64_t take();

 private:
  std::string bytes_;
};

}  // namespace sigmagrad::lab::detail
