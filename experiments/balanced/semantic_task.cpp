// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/semantic_task.hpp>

#include <cmath>

namespace sigmagrad::experiments::balanced {

namespace {

constexpr std::int64_t items = 8;

// A row that is `first` for the first half of `size` items from `begin`, `second` for the other half, else 0.
void add_row(std::vector<double>& rows, std::int64_t begin, std::int64_t size, double first, double second) {
  for (std::int64_t i = 0; i < items; ++i) {
    const bool inside = i >= begin && i < begin + size;
    rows.push_back(!inside ? 0.0 : i < begin + size / 2 ? first : second);
  }
}

Tensor matrix(const std::vector<double>& rows) {
  return tensor(rows, {static_cast<std::int64_t>(rows.size()) / items, items});
}

}  // namespace

Tensor signed_hierarchy() {
  std::vector<double> rows(items, 1.0);
  for (std::int64_t size = items; size >= 2; size /= 2)
    for (std::int64_t begin = 0; begin < items; begin += size) add_row(rows, begin, size, 1.0, -1.0);
  return matrix(rows);
}

Tensor binary_hierarchy() {
  std::vector<double> rows;
  for (std::int64_t size = items; size >= 1; size /= 2)
    for (std::int64_t begin = 0; begin < items; begin += size) add_row(rows, begin, size, 1.0, 1.0);
  return matrix(rows);
}

Task semantic_task(const Tensor& properties) {
  const double scale = std::sqrt(static_cast<double>(items));
  return make_task(scale * eye(items), scale * properties.t().clone());
}

}  // namespace sigmagrad::experiments::balanced
