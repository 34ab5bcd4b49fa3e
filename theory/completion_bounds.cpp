// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/completion_bounds.hpp>

#include <cmath>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/euclidean.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/theory/coupling.hpp>

namespace sigmagrad::theory {
namespace {

void check_rows(const char* operation, const Tensor& A, const Tensor& b) {
  if (A.dim() < 2 || b.shape() != A.shape().without(-2))
    engine::fail("{}: needs rows [..., m, k] and a column [..., k], got {} and {}", operation, A.shape().str(),
                 b.shape().str());
}

}  // namespace

Tensor misalignment(const Tensor& A, const Tensor& b) {
  check_rows("misalignment", A, b);
  const Tensor direction = (b / linalg::vector_norm(b).unsqueeze(-1)).unsqueeze(-2);
  const Tensor rows = A * engine::scales_for(max(abs(A.detach()), -1, true));  // a ratio: scale-free
  const Tensor across = rows - (rows * direction).sum(-1, true) * direction;
  return square(across).sum(-1) / square(rows).sum(-1);
}

Tensor misalignment_bound(const Tensor& A, const Tensor& b, const Tensor& targets) {
  check_rows("misalignment_bound", A, b);
  if (targets.shape() != A.shape().without(-1))
    engine::fail("misalignment_bound: needs targets {}, got {}", A.shape().without(-1).str(), targets.shape().str());
  // The bound is the same for s A, s b and s^2 targets.
  const Tensor largest = maximum(max(abs(A.detach()).flatten(-2), -1, true), max(abs(b.detach()), -1, true));
  const Tensor scale = engine::scales_for(largest), y = targets * scale * scale;
  const Tensor rows = square(A * scale.unsqueeze(-1)).sum(-1).sum(-1, true), column = square(b * scale).sum(-1, true);
  return rows * (sqrt(square(column) + 4.0 * square(y).sum(-1, true)) + column) / (2.0 * square(y));
}

double WarmStartBounds::loss(double t) const { return 0.5 * w12 * w12 * std::exp(-2.0 * w * t); }

WarmStartBounds warm_start_bounds(double w, double w12) {
  if (!(w > 0.0) || !(w12 > 0.0)) engine::fail("warm_start_bounds: w and w12 must be > 0 (got {} and {})", w, w12);
  const double growth = std::exp(2.0 * w12 / w);
  return {w, w12, w * growth, w / growth, 1.0 + std::exp(-8.0 * w12 / w)};
}

double LazyBounds::loss(double start, double t) const { return start * std::exp(-0.5 * s_min * s_min * t); }

double LazyBounds::distance_for(double start) const { return 6.0 * std::sqrt(2.0 * start) * s_max / (s_min * s_min); }

LazyBounds lazy_bounds(const Tensor& A, const Tensor& B, const Tensor& observed) {
  const Tensor jacobian = observed_jacobian({B, A}, observed);
  if (jacobian.numel() == 0) engine::fail("lazy_bounds: no entry of observed {} is 1", observed.shape().str());
  const Tensor spectrum = linalg::svdvals(jacobian);
  const double s_max = spectrum.data<double>().front(), s_min = spectrum.data<double>().back();
  const auto d = static_cast<double>(A.size(0));
  const double shift = s_min / (4.0 * std::sqrt(2.0 * d));
  const double rank = (linalg::norm(A).item() - shift) / (linalg::norm(A, 2).item() + shift);
  return {.s_min = s_min,
          .s_max = s_max,
          .largest_loss = std::pow(s_min, 6.0) / (1152.0 * d * s_max * s_max),
          .distance = s_min / (4.0 * std::sqrt(d)),
          .shift = shift,
          .stable_rank = rank * rank};
}

}  // namespace sigmagrad::theory
