// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <type_traits>

#include <sigmagrad/autograd/kernels/multiversion.hpp>

namespace sigmagrad::engine {

/// What counts entries of type T: as wide, for the vectoriser.
template <class T>
using Count = std::conditional_t<sizeof(T) == 8, std::int64_t, std::int32_t>;

// The innermost loops of elementwise kernels. `out` is new memory where it is restricted.

template <class T, class F>
SIGMAGRAD_MULTIVERSION void map_loop(T* __restrict out, const T* x, std::int64_t n, F f) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = f(x[i]);
}

template <class T, class F>
SIGMAGRAD_MULTIVERSION void map_scalar_loop(T* __restrict out, const T* x, T value, std::int64_t n, F f) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = f(x[i], value);
}

template <class T, class F>
SIGMAGRAD_MULTIVERSION void update_loop(T* x, const T* y, std::int64_t n, F f) {
  for (std::int64_t i = 0; i < n; ++i) x[i] = f(x[i], y[i]);
}

template <class T, class F>
SIGMAGRAD_MULTIVERSION void update_scalar_loop(T* x, T value, std::int64_t n, F f) {
  for (std::int64_t i = 0; i < n; ++i) x[i] = f(x[i], value);
}

}  // namespace sigmagrad::engine
