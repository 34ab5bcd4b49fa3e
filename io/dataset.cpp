// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/dataset.hpp>

#include <cmath>
#include <numeric>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::detail {

std::int64_t rows_of(const char* who, std::span<const Tensor> tensors) {
  for (const Tensor& tensor : tensors) {
    if (tensor.dim() == 0) engine::fail("{}: a tensor [] has no rows", who);
    if (tensor.size(0) != tensors.front().size(0))
      engine::fail("{}: the tensors must have one number of rows, got {} and {}", who, tensors.front().shape().str(),
                   tensor.shape().str());
    if (tensor.size(0) == 0) engine::fail("{}: needs at least one row, got {}", who, tensor.shape().str());
  }
  return tensors.front().size(0);
}

std::vector<std::int64_t> sizes_of(std::int64_t rows, std::span<const double> fractions) {
  double sum = 0.0;
  for (const double fraction : fractions) {
    if (!(fraction > 0.0)) engine::fail("random_split: a fraction must be > 0 (got {})", fraction);
    sum += fraction;
  }
  if (!(std::abs(sum - 1.0) <= 1e-9)) engine::fail("random_split: the fractions must sum to 1 (got {})", sum);
  std::vector<std::int64_t> sizes;
  for (const double fraction : fractions)  // a product that rounding leaves just below a whole number is that number
    sizes.push_back(static_cast<std::int64_t>(fraction * static_cast<double>(rows) + 1e-9));
  std::int64_t left = rows - std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  for (std::size_t i = 0; left > 0; i = (i + 1) % sizes.size(), --left) ++sizes[i];
  return sizes;
}

std::vector<std::vector<std::int64_t>> split_rows(std::int64_t rows, std::span<const std::int64_t> sizes,
                                                  Generator& generator) {
  engine::refuse_in_capture("random_split", "split the data outside");
  std::int64_t sum = 0;
  for (const std::int64_t size : sizes) {
    if (size < 1) engine::fail("random_split: a part must have at least one row (got {})", size);
    sum += size;
  }
  if (sum != rows) engine::fail("random_split: the parts have {} rows, the data set {}", sum, rows);
  std::vector<std::int64_t> order(static_cast<std::size_t>(rows));
  generator.permutation(order);
  std::vector<std::vector<std::int64_t>> parts;
  for (auto from = order.begin(); const std::int64_t size : sizes) {
    parts.emplace_back(from, from + size);
    from += size;
  }
  return parts;
}

}  // namespace sigmagrad::detail
