// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sigmagrad {

/// MT19937: the numbers of std::mt19937, but its state can be read and its outputs come in blocks.
class MersenneTwister {
 public:
  static constexpr std::size_t size = 624;
  using Key = std::array<std::uint32_t, size>;

  explicit MersenneTwister(std::uint32_t seed);
  /// Throws Error where `key` is the all-zero state, which never leaves zero, or `position` > 624.
  MersenneTwister(const Key& key, std::size_t position);

  std::uint32_t next() {
    if (position_ == size) refill();
    return outputs_[position_++];
  }
  void fill(std::span<std::uint32_t> out);

  const Key& key() const { return key_; }
  std::size_t position() const { return position_; }

 private:
  void refill();
  void temper();

  Key key_;
  Key outputs_;  // tempered key_: a whole block at a time is several times as fast as one output at a time
  std::size_t position_ = size;
};

}  // namespace sigmagrad
