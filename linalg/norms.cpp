// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/autograd/reductions.hpp>
#include <sigmagrad/linalg/detail/svdvals.hpp>
#include <sigmagrad/linalg/norms.hpp>

namespace sigmagrad::linalg {
namespace {

// sqrt, with gradient 0 where x is 0: the subgradient of least norm.
Tensor root(const Tensor& x) {
  const auto zero = x == 0.0;
  return sqrt(x + zero) * (1.0 - zero);
}

}  // namespace

NormKind::NormKind(int p) : name(p == 1 ? One : Two) {
  if (p != 1 && p != 2) sigmagrad::detail::fail("norm: kind must be 1, 2, Inf, Fro, Nuclear or Max (got {})", p);
}

Tensor norm(const Tensor& w, NormKind kind) {
  detail::check_matrix("norm", w);
  switch (kind.name) {
    case NormKind::One:
      return max(sum(abs(w), -2), -1);
    case NormKind::Two:
      return detail::svdvals("norm", w, 1).select(-1, 0);
    case NormKind::Infinity:
      return max(sum(abs(w), -1), -1);
    case NormKind::Frobenius:
      return root(sum(square(w).flatten(-2), -1));
    case NormKind::NuclearNorm:
      return sum(detail::svdvals("norm", w), -1);
    case NormKind::MaxNorm:
      return max(abs(w).flatten(-2), -1);
  }
  sigmagrad::detail::fail("norm: unknown kind {}", static_cast<int>(kind.name));
}

Tensor row_norms(const Tensor& w) {
  detail::check_matrix("row_norms", w);
  return root(sum(square(w), -1));
}

Tensor col_norms(const Tensor& w) {
  detail::check_matrix("col_norms", w);
  return root(sum(square(w), -2));
}

}  // namespace sigmagrad::linalg
