// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/checksum.hpp>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <bit>

namespace sigmagrad::lab::detail {

// Least significant byte first, so that a file means the same on every machine.
Checksum& Checksum::add(std::int64_t value) {
  auto rest = static_cast<std::uint64_t>(value);
  std::array<char, sizeof rest> bytes;
  for (char& byte : bytes) byte = static_cast<char>(rest & 0xff), rest >>= 8;
  bytes_.append(bytes.data(), bytes.size());
  return *this;
}

// SQLite keeps no sign of a zero.
Checksum& Checksum::add(double value) { return add(std::bit_cast<std::int64_t>(value + 0.0)); }

std::int64_t Checksum::take() {
  const auto checksum = static_cast<std::int64_t>(XXH3_64bits(bytes_.data(), bytes_.size()));
  bytes_.clear();
  return checksum;
}

}  // namespace sigmagrad::lab::detail
