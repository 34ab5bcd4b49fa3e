// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <string>

namespace sigmagrad {

/// The sizes of a tensor's axes: 0 (a scalar) to 8 of them, each >= 0. Prints as `[64, 32]`.
class Shape {
 public:
  static constexpr int max_rank = 8;

  Shape() = default;
  Shape(std::initializer_list<std::int64_t> sizes)
      : Shape(std::span<const std::int64_t>(sizes.begin(), sizes.size())) {}
  /// Throws Error for more than 8 axes, a negative size, or more entries than an int64 can count.
  explicit Shape(std::span<const std::int64_t> sizes);

  /// [rows, cols] of sizes that two tensors have.
  Shape(std::int64_t rows, std::int64_t cols) : sizes_{rows, cols}, numel_(rows * cols), rank_(2) {}

  int rank() const { return rank_; }
  std::int64_t numel() const { return numel_; }
  /// Size of an axis; negative axes count from the end. The axis must exist.
  std::int64_t operator[](int axis) const { return sizes_[static_cast<std::size_t>(axis < 0 ? axis + rank_ : axis)]; }
  const std::int64_t* begin() const { return sizes_.data(); }
  const std::int64_t* end() const { return sizes_.data() + rank_; }

  bool operator==(const Shape& other) const {
    if (rank_ != other.rank_ || numel_ != other.numel_) return false;
    for (int i = 0; i < rank_; ++i)
      if (sizes_[static_cast<std::size_t>(i)] != other.sizes_[static_cast<std::size_t>(i)]) return false;
    return true;
  }

  /// This shape with one axis changed, dropped, added, or two swapped (axes may be negative).
  Shape with(int axis, std::int64_t size) const;
  Shape without(int axis) const;
  Shape inserted(int axis, std::int64_t size) const;
  Shape swapped(int a, int b) const;
  /// Axes [0, count), and the rest.
  Shape head(int count) const;
  Shape tail(int from) const;

  std::string str() const;

 private:
  std::array<std::int64_t, max_rank> sizes_{};
  std::int64_t numel_ = 1;
  int rank_ = 0;
};

std::ostream& operator<<(std::ostream& out, const Shape& shape);

namespace engine {

/// NumPy's rule: axes are aligned at the end, sizes are equal or 1. Throws Error naming `operation` and both shapes.
Shape broadcast_shapes(const char* operation, const Shape& a, const Shape& b);

/// A non-negative axis of a tensor of `rank` axes, or Error naming `operation`.
int normalize_axis(const char* operation, int axis, int rank);

}  // namespace engine
}  // namespace sigmagrad
