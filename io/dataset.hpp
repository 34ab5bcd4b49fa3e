// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

namespace detail {

/// The size of the first axis of all. Error, naming `who`, unless they have one, and it is above 0.
std::int64_t rows_of(const char* who, std::span<const Tensor> tensors);
/// Whole numbers of rows that are in those proportions and sum to `rows`. Error unless these sum to 1.
std::vector<std::int64_t> sizes_of(std::int64_t rows, std::span<const double> fractions);
/// The rows of each part, drawn at random. Error unless the sizes are >= 1 and sum to `rows`.
std::vector<std::vector<std::int64_t>> split_rows(std::int64_t rows, std::span<const std::int64_t> sizes,
                                                  Generator& generator);

}  // namespace detail

/// Tensors of one first axis: row i of each belongs together. `TensorDataset data(x, y)`; `auto [x, y] =
/// data.tensors()`.
template <std::size_t N>
class TensorDataset {
 public:
  /// Error unless all have the same number of rows, which is above 0.
  template <std::convertible_to<Tensor>... T>
  requires(sizeof...(T) == N) explicit TensorDataset(const T&... tensors)
      : TensorDataset(std::array{Tensor(tensors)...}) {}
  explicit TensorDataset(std::array<Tensor, N> tensors)
      : tensors_(std::move(tensors)), size_(detail::rows_of("TensorDataset", tensors_)) {}

  /// Number of rows.
  std::int64_t size() const { return size_; }
  const std::array<Tensor, N>& tensors() const { return tensors_; }
  /// Copies of these rows of each tensor, in that order.
  std::array<Tensor, N> rows(std::span<const std::int64_t> indices) const {
    std::array<Tensor, N> result;
    for (std::size_t i = 0; i < N; ++i) result[i] = tensors_[i].index_select(0, indices);
    return result;
  }

 private:
  std::array<Tensor, N> tensors_;
  std::int64_t size_;
};

template <std::convertible_to<Tensor>... T>
TensorDataset(const T&...) -> TensorDataset<sizeof...(T)>;

/// Parts of a data set, without a row in common, drawn at random from the thread's generator or from the one given:
/// `auto [train, test] = random_split(data, {800, 200})`. Numbers of rows that sum to all of them, each >= 1, or
/// fractions that sum to 1: rounded down, what is left goes to the first parts.
template <std::size_t N, class Size, std::size_t Parts>
requires std::is_arithmetic_v<Size> std::array<TensorDataset<N>, Parts> random_split(
    const TensorDataset<N>& data, const Size (&sizes)[Parts], Generator& generator = default_generator()) {
  std::vector<std::int64_t> numbers;
  if constexpr (std::is_floating_point_v<Size>)
    numbers = detail::sizes_of(data.size(), std::vector<double>(sizes, sizes + Parts));
  else
    numbers.assign(sizes, sizes + Parts);
  const auto rows = detail::split_rows(data.size(), numbers, generator);
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::array{TensorDataset<N>(data.rows(rows[I]))...};
  }
  (std::make_index_sequence<Parts>());
}

}  // namespace sigmagrad
