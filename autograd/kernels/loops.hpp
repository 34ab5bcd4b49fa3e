// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <sigmagrad/autograd/kernels/multiversion.hpp>
#include <sigmagrad/autograd/threads/parallel_for.hpp>

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

// All entries, on the threads of the calling one.

template <class T, class F>
void map_entries(T* out, const T* x, std::int64_t n, F f) {
  parallel_for(n, entry_grain, [=](std::int64_t i, std::int64_t end) { map_loop(out + i, x + i, end - i, f); });
}

template <class T, class F>
void map_scalar_entries(T* out, const T* x, T value, std::int64_t n, F f) {
  parallel_for(n, entry_grain,
               [=](std::int64_t i, std::int64_t end) { map_scalar_loop(out + i, x + i, value, end - i, f); });
}

template <class T, class F>
void update_entries(T* x, const T* y, std::int64_t n, F f) {
  parallel_for(n, entry_grain, [=](std::int64_t i, std::int64_t end) { update_loop(x + i, y + i, end - i, f); });
}

template <class T>
void fill_entries(T* x, std::int64_t n, T value) {
  parallel_for(n, entry_grain, [=](std::int64_t i, std::int64_t end) { std::fill_n(x + i, end - i, value); });
}

inline void copy_bytes(void* to, const void* from, std::size_t bytes) {
  constexpr std::int64_t grain = entry_grain * sizeof(double);
  parallel_for(static_cast<std::int64_t>(bytes), grain, [=](std::int64_t i, std::int64_t end) {
    std::memcpy(static_cast<char*>(to) + i, static_cast<const char*>(from) + i, static_cast<std::size_t>(end - i));
  });
}

}  // namespace sigmagrad::engine
