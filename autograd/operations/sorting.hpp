// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

/// Entries in an order, and where each stood on its axis: whole numbers, as f64. `auto [values, indices] = sort(x);`
struct SortResult {
  Tensor values, indices;
};

// NaN counts as larger than any number, and equal entries keep their order. Gradients flow to the entries that the
// values are.

/// The entries along an axis in rising order, or in falling order if `descending`.
SortResult sort(const Tensor& x, int axis = -1, bool descending = false);
/// The indices of `sort` alone. No gradient.
Tensor argsort(const Tensor& x, int axis = -1, bool descending = false);
/// The k largest entries along an axis in falling order, or the k smallest in rising order. Error if there are fewer.
SortResult topk(const Tensor& x, std::int64_t k, int axis = -1, bool largest = true);

}  // namespace sigmagrad
