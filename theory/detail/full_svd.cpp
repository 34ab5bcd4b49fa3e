// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/detail/full_svd.hpp>

#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/svd.hpp>

namespace sigmagrad::theory::detail {
namespace {

// Orthonormal columns [..., m, k] and m - k more: Q of a matrix padded with zeros is orthogonal all the same.
Tensor completed(const Tensor& columns) {
  const std::int64_t m = columns.size(-2), missing = m - columns.size(-1);
  if (missing == 0) return columns;
  const auto padded = cat({columns, zeros(columns.shape().with(-1, missing))}, -1);
  return cat({columns, linalg::qr(padded).Q.narrow(-1, m - missing, missing)}, -1);
}

}  // namespace

FullSvd full_svd(const Tensor& w) {
  const auto [U, S, Vt] = linalg::svd(w);
  return {completed(U), S, completed(Vt.t())};
}

}  // namespace sigmagrad::theory::detail
