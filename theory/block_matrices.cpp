// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/block_matrices.hpp>

#include <cmath>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::theory {

Tensor block_matrix(std::int64_t n, std::int64_t s, const BlockParameters& p) {
  if (n < 1 || s < 1) engine::fail("block_matrix: needs n >= 1 blocks of size s >= 1 (got n {}, s {})", n, s);
  const std::int64_t d = n * s;
  Tensor result = empty({d, d});
  auto entry = result.mutable_data<double>().begin();
  for (std::int64_t i = 0; i < d; ++i)
    for (std::int64_t j = 0; j < d; ++j) *entry++ = i == j ? p.a : i / s == j / s ? p.b : p.c;
  return result;
}

BlockEigenvalues block_eigenvalues(std::int64_t n, std::int64_t s, const BlockParameters& p) {
  const auto blocks = static_cast<double>(n), size = static_cast<double>(s);
  const double within = p.a + (size - 1.0) * p.b;
  return {within + size * (blocks - 1.0) * p.c, within - size * p.c, p.a - p.b};
}

Tensor completion_start(std::int64_t d, double alpha, double m) {
  if (!(alpha > 0.0 && std::isfinite(alpha))) engine::fail("completion_start: alpha must be > 0 (got {})", alpha);
  if (!(m >= 1.0)) engine::fail("completion_start: m must be >= 1 (got {})", m);
  return block_matrix(d, 1, {alpha, alpha / m, alpha / m});
}

}  // namespace sigmagrad::theory
