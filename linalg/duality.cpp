// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/duality.hpp>

#include <cmath>
#include <limits>

#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>

namespace sigmagrad::linalg {

double conjugate_exponent(double p) {
  if (!(p >= 1.0)) engine::fail("conjugate_exponent: p must be >= 1 (got {})", p);
  if (p == 1.0) return std::numeric_limits<double>::infinity();
  return std::isinf(p) ? 1.0 : p / (p - 1.0);
}

Tensor dual_vector_norm(const Tensor& x, double p) {
  if (x.dim() == 0) engine::fail("dual_vector_norm: needs a vector, got {}", x.shape().str());
  if (!(p >= 1.0)) engine::fail("dual_vector_norm: p must be >= 1 (got {})", p);
  return vector_norm(x, conjugate_exponent(p));
}

Tensor dual_norm(const Tensor& w, NormKind kind) {
  detail::check_matrix("dual_norm", w);
  switch (kind.name) {
    case NormKind::One:
      return sum(max(abs(w), -2), -1);
    case NormKind::Two:
      return sum(detail::svdvals("dual_norm", w), -1);
    case NormKind::Infinity:
      return sum(max(abs(w), -1), -1);
    case NormKind::Frobenius:
      return norm(w, Fro);
    case NormKind::NuclearNorm:
      return detail::two_svdvals("dual_norm", w, 0, 0).select(-1, 0);
    case NormKind::MaxNorm:
      return sum(abs(w).flatten(-2), -1);
  }
  engine::fail("dual_norm: unknown kind {}", static_cast<int>(kind.name));
}

Tensor inner_product(const Tensor& A, const Tensor& B) {
  engine::check_same_dtype("inner_product", A, B);
  const detail::Sizes a("inner_product", A), b("inner_product", B);
  if (a.rows != b.rows || a.cols != b.cols)
    engine::fail("inner_product: sizes differ: {} and {}", A.shape().str(), B.shape().str());
  engine::broadcast_shapes("inner_product", a.batch, b.batch);
  return sum((A * B).flatten(-2), -1);
}

}  // namespace sigmagrad::linalg
