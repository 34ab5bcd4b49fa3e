// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>

namespace sigmagrad {

/// Element type of a tensor. Dtypes never mix in one operation: convert with `Tensor::to`.
enum class Dtype : std::uint8_t { f64, f32 };

inline constexpr Dtype f64 = Dtype::f64;
inline constexpr Dtype f32 = Dtype::f32;

constexpr std::size_t item_size(Dtype dtype) { return dtype == f64 ? sizeof(double) : sizeof(float); }
constexpr const char* name_of(Dtype dtype) { return dtype == f64 ? "f64" : "f32"; }

template <class T>
inline constexpr Dtype dtype_of = sizeof(T) == sizeof(double) ? f64 : f32;

std::ostream& operator<<(std::ostream& out, Dtype dtype);

}  // namespace sigmagrad
