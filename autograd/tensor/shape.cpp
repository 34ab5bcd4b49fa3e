// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/tensor/shape.hpp>

#include <algorithm>
#include <limits>
#include <ostream>

#include <sigmagrad/autograd/tensor/dtype.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {
namespace {

std::string join(std::span<const std::int64_t> sizes) {
  std::string text = "[";
  for (const auto size : sizes) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

}  // namespace

Shape::Shape(std::span<const std::int64_t> sizes) {
  if (sizes.size() > max_rank) engine::fail("shape: at most {} axes, got {}", max_rank, sizes.size());
  for (const auto size : sizes) {
    if (size < 0) engine::fail("shape: sizes must be >= 0, got {}", join(sizes));
    constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 16;  // whose bytes an int64 still counts
    if (__builtin_mul_overflow(numel_, size, &numel_) || numel_ > limit)
      engine::fail("shape: too many entries: {}", join(sizes));
    sizes_[static_cast<std::size_t>(rank_++)] = size;
  }
}

Shape Shape::with(int axis, std::int64_t size) const {
  auto sizes = sizes_;
  sizes[static_cast<std::size_t>(axis < 0 ? axis + rank_ : axis)] = size;
  return Shape(std::span(sizes.data(), static_cast<std::size_t>(rank_)));
}

Shape Shape::without(int axis) const {
  auto sizes = sizes_;
  const auto position = static_cast<std::size_t>(axis < 0 ? axis + rank_ : axis);
  const auto count = static_cast<std::size_t>(rank_);
  std::copy(sizes_.begin() + position + 1, sizes_.begin() + count, sizes.begin() + position);
  return Shape(std::span(sizes.data(), count - 1));
}

Shape Shape::inserted(int axis, std::int64_t size) const {
  if (rank_ == max_rank) engine::fail("shape: at most {} axes, got {}", max_rank, rank_ + 1);
  auto sizes = sizes_;
  const auto position = static_cast<std::size_t>(axis < 0 ? axis + rank_ + 1 : axis);
  const auto count = static_cast<std::size_t>(rank_);
  std::copy(sizes_.begin() + position, sizes_.begin() + count, sizes.begin() + position + 1);
  sizes[position] = size;
  return Shape(std::span(sizes.data(), count + 1));
}

Shape Shape::swapped(int a, int b) const {
  Shape result = *this;
  std::swap(result.sizes_[static_cast<std::size_t>(a < 0 ? a + rank_ : a)],
            result.sizes_[static_cast<std::size_t>(b < 0 ? b + rank_ : b)]);
  return result;
}

Shape Shape::head(int count) const { return Shape(std::span(sizes_.data(), static_cast<std::size_t>(count))); }

Shape Shape::tail(int from) const {
  return Shape(std::span(sizes_.data() + from, static_cast<std::size_t>(rank_ - from)));
}

std::string Shape::str() const { return join(std::span(sizes_.data(), static_cast<std::size_t>(rank_))); }

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << shape.str(); }
std::ostream& operator<<(std::ostream& out, Dtype dtype) { return out << name_of(dtype); }

namespace engine {

Shape broadcast_shapes(const char* operation, const Shape& a, const Shape& b) {
  const Shape& longer = a.rank() >= b.rank() ? a : b;
  const Shape& shorter = a.rank() >= b.rank() ? b : a;
  std::array<std::int64_t, Shape::max_rank> sizes{};
  const int offset = longer.rank() - shorter.rank();
  for (int i = 0; i < longer.rank(); ++i) {
    const auto x = longer[i];
    const auto y = i < offset ? 1 : shorter[i - offset];
    if (x != y && x != 1 && y != 1) fail("{}: shapes do not broadcast: {} and {}", operation, a.str(), b.str());
    sizes[static_cast<std::size_t>(i)] = x == 1 ? y : x;
  }
  return Shape(std::span(sizes.data(), static_cast<std::size_t>(longer.rank())));
}

int normalize_axis(const char* operation, int axis, int rank) {
  if (axis < -rank || axis >= rank) fail("{}: axis {} is out of range for {} axes", operation, axis, rank);
  return axis < 0 ? axis + rank : axis;
}

}  // namespace engine
}  // namespace sigmagrad
