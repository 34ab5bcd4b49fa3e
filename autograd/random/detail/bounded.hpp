// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <numeric>
#include <span>
#include <utility>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::engine {

/// low, ..., high - 1 as low + (0, ..., the value returned); in unsigned arithmetic, where no range overflows.
inline std::uint64_t largest_offset(std::int64_t low, std::int64_t high) {
  if (low >= high) fail("integers: low must be below high (got low {}, high {})", low, high);
  return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) - 1;
}

inline std::int64_t with_offset(std::int64_t low, std::uint64_t offset) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

/// 0, ..., n - 1 in an order drawn from `bounded(largest)`, uniform in 0, ..., largest (Fisher and Yates, from the
/// end).
template <class Bounded>
void fill_permutation(std::span<std::int64_t> out, const Bounded& bounded) {
  std::iota(out.begin(), out.end(), std::int64_t{0});
  for (std::size_t i = out.size(); i-- > 1;) std::swap(out[i], out[bounded(i)]);
}

}  // namespace sigmagrad::engine
