// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <Random123/philox.h>

namespace sigmagrad::engine {

/// The words of one Philox4x64-10 stream, from a position on.
class PhiloxWords {
 public:
  PhiloxWords(std::uint64_t seed, std::uint64_t trial, std::uint64_t purpose, std::uint64_t position)
      : key_{{seed, trial}}, purpose_(purpose), position_(position) {}

  std::uint64_t next() {
    if (index_ != position_ / 4) block_ = block(index_ = position_ / 4);
    return block_[position_++ % 4];
  }

  void fill(std::span<std::uint64_t> out) {
    for (; !out.empty() && position_ % 4 != 0; out = out.subspan(1)) out.front() = next();
    const PhiloxWords local = *this;  // `out` might overlap the members, for all the compiler knows
    const std::size_t blocks = out.size() / 4;
    for (std::size_t b = 0; b < blocks; ++b) {
      const Block words = local.block(local.position_ / 4 + b);
      for (std::size_t i = 0; i < 4; ++i) out[4 * b + i] = words[i];  // one by one: pairs would wait for the last store
    }
    position_ += 4 * blocks;
    for (auto& word : out.subspan(4 * blocks)) word = next();
  }

  std::uint64_t position() const { return position_; }

 private:
  using Block = r123::Philox4x64::ctr_type;

  Block block(std::uint64_t index) const { return r123::Philox4x64()({{index, 0, purpose_, 0}}, key_); }

  r123::Philox4x64::key_type key_;
  std::uint64_t purpose_, position_;
  Block block_{};
  std::uint64_t index_ = ~std::uint64_t{0};  // block_ is the one of this index; a position / 4 is never as large
};

}  // namespace sigmagrad::engine
