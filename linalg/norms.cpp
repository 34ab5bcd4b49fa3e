// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/norms.hpp>

#include <cmath>

#include <sigmagrad/autograd/operations/euclidean.hpp>
#include <sigmagrad/autograd/operations/pointwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/linalg/detail/best_signs.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>

namespace sigmagrad::linalg {
namespace {

// x^q for x >= 0, and 0 with all derivatives where x is 0: its slope there may be infinite.
Tensor power(const Tensor& x, double q) {
  return engine::unary(
      "pow", x, engine::saves_input, [q](auto v) { return v == 0 ? v : std::pow(v, static_cast<decltype(v)>(q)); },
      [q](const engine::Saved& saved, const Tensor& grad) { return grad * (q * power(saved.input(), q - 1.0)); });
}

// Entries divided by the largest, so that no power overflows: a constant, on which the result does not depend.
Tensor p_norm(const Tensor& sizes, double p) {
  if (sizes.size(-1) == 0) return sum(sizes, -1);
  const auto largest = max(sizes.detach(), -1, true);
  const auto scale = where((largest > 0.0) * isfinite(largest), largest, 1.0);
  const auto total = sum(power(sizes / scale, p), -1);
  if (p >= 0.0625) return power(total, 1.0 / p) * scale.squeeze(-1);
  // For small p the power may leave the range though its product with the scale does not.
  const auto half = power(total, 0.5 / p);
  return half * scale.squeeze(-1) * half;
}

void check_p(const char* operation, double p) {
  if (!(p > 0.0)) engine::fail("{}: p must be > 0 (got {})", operation, p);
}

}  // namespace

NormKind::NormKind(int p) : name(p == 1 ? One : Two) {
  if (p != 1 && p != 2) engine::fail("norm: kind must be 1, 2, Inf, Fro, Nuclear or Max (got {})", p);
}

Tensor norm(const Tensor& w, NormKind kind) {
  detail::check_matrix("norm", w);
  switch (kind.name) {
    case NormKind::One:
      return max(sum(abs(w), -2), -1);
    case NormKind::Two:
      return detail::two_svdvals("norm", w, 0, 0).select(-1, 0);
    case NormKind::Infinity:
      return max(sum(abs(w), -1), -1);
    case NormKind::Frobenius:
      return engine::euclidean_norm(w.flatten(-2), -1);
    case NormKind::NuclearNorm:
      return sum(detail::svdvals("norm", w), -1);
    case NormKind::MaxNorm:
      return max(abs(w).flatten(-2), -1);
  }
  engine::fail("norm: unknown kind {}", static_cast<int>(kind.name));
}

Tensor row_norms(const Tensor& w) {
  detail::check_matrix("row_norms", w);
  return engine::euclidean_norm(w, -1);
}

Tensor col_norms(const Tensor& w) {
  detail::check_matrix("col_norms", w);
  return engine::euclidean_norm(w, -2);
}

Tensor vector_norm(const Tensor& x, double p) {
  if (x.dim() == 0) engine::fail("vector_norm: needs a vector, got {}", x.shape().str());
  check_p("vector_norm", p);
  if (p == 1.0) return sum(abs(x), -1);
  if (p == 2.0) return engine::euclidean_norm(x, -1);
  return std::isinf(p) ? max(abs(x), -1) : p_norm(abs(x), p);
}

Tensor schatten_norm(const Tensor& w, double p) {
  detail::check_matrix("schatten_norm", w);
  check_p("schatten_norm", p);
  if (p == 2.0) return norm(w);
  if (std::isinf(p)) return detail::two_svdvals("schatten_norm", w, 0, 0).select(-1, 0);
  const auto s = detail::svdvals("schatten_norm", w);
  return p == 1.0 ? sum(s, -1) : p_norm(s, p);
}

Tensor ky_fan_norm(const Tensor& w, std::int64_t k) {
  const detail::Sizes size("ky_fan_norm", w);
  if (k < 1 || k > size.k)
    engine::fail("ky_fan_norm: k must be in 1 ... {} for {} (got {})", size.k, w.shape().str(), k);
  return sum(detail::svdvals("ky_fan_norm", w).narrow(-1, 0, k), -1);
}

Tensor norm_1_to_2(const Tensor& w) {
  detail::check_matrix("norm_1_to_2", w);
  return max(col_norms(w), -1);
}

Tensor norm_2_to_1(const Tensor& w) {
  detail::check_matrix("norm_2_to_1", w);
  return engine::euclidean_norm(sum(detail::rows_times(detail::best_signs(w, 2.0), w), -2), -1);
}

Tensor norm_2_1(const Tensor& w) {
  detail::check_matrix("norm_2_1", w);
  return sum(col_norms(w), -1);
}

}  // namespace sigmagrad::linalg
