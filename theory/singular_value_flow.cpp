// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/singular_value_flow.hpp>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/svd.hpp>

namespace sigmagrad::theory {

Tensor singular_value_speeds(const Tensor& product, const Tensor& gradient, std::int64_t depth) {
  if (depth < 1) engine::fail("singular_value_speeds: depth must be >= 1 (got {})", depth);
  if (gradient.shape() != product.shape())
    engine::fail("singular_value_speeds: needs a gradient {}, got {}", product.shape().str(), gradient.shape().str());
  const auto L = static_cast<double>(depth);
  const auto [U, S, Vt] = linalg::svd(product);
  return -L * pow(S, 2.0 - 2.0 / L) * (U * matmul(gradient, Vt.t())).sum(-2);
}

}  // namespace sigmagrad::theory
