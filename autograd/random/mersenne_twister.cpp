// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/random/mersenne_twister.hpp>

#include <algorithm>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {
namespace {

constexpr std::size_t shift = 397;
constexpr std::uint32_t upper_bit = 0x80000000u;

std::uint32_t twisted(std::uint32_t here, std::uint32_t next, std::uint32_t ahead) {
  const std::uint32_t y = (here & upper_bit) | (next & ~upper_bit);
  return ahead ^ (y >> 1) ^ ((0u - (y & 1u)) & 0x9908b0dfu);
}

// Only the upper bit of the first word belongs to the state.
bool is_zero(const MersenneTwister::Key& key) {
  return (key[0] & upper_bit) == 0 && std::all_of(key.begin() + 1, key.end(), [](auto word) { return word == 0; });
}

}  // namespace

MersenneTwister::MersenneTwister(std::uint32_t seed) {
  key_[0] = seed;
  for (std::size_t i = 1; i < size; ++i)
    key_[i] = 1812433253u * (key_[i - 1] ^ (key_[i - 1] >> 30)) + static_cast<std::uint32_t>(i);
  temper();
}

MersenneTwister::MersenneTwister(const Key& key, std::size_t position) : key_(key), position_(position) {
  if (is_zero(key)) engine::fail("MersenneTwister: the state is all zeros");
  if (position > size) engine::fail("MersenneTwister: position must be at most {} (got {})", size, position);
  temper();
}

void MersenneTwister::fill(std::span<std::uint32_t> out) {
  while (!out.empty()) {
    if (position_ == size) refill();
    const std::size_t count = std::min(out.size(), size - position_);
    std::copy_n(outputs_.begin() + static_cast<std::ptrdiff_t>(position_), count, out.begin());
    position_ += count;
    out = out.subspan(count);
  }
}

// Three loops instead of indices modulo 624: the first two run in vector registers.
void MersenneTwister::refill() {
  for (std::size_t i = 0; i < size - shift; ++i) key_[i] = twisted(key_[i], key_[i + 1], key_[i + shift]);
  for (std::size_t i = size - shift; i < size - 1; ++i) key_[i] = twisted(key_[i], key_[i + 1], key_[i + shift - size]);
  key_[size - 1] = twisted(key_[size - 1], key_[0], key_[shift - 1]);
  temper();
  position_ = 0;
}

void MersenneTwister::temper() {
  for (std::size_t i = 0; i < size; ++i) {
    std::uint32_t y = key_[i];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    outputs_[i] = y ^ (y >> 18);
  }
}

}  // namespace sigmagrad
