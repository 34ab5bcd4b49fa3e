// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/components.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/kernels/euclidean.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>
#include <sigmagrad/linalg/norms.hpp>

namespace sigmagrad {
namespace {

constexpr double guard = 1e-10;

double relative(double a, double b) { return std::abs(a - b) / (std::abs(b) + guard); }

double length(const std::vector<double>& x) {
  double squares = 0.0;
  for (const double entry : x) squares += entry * entry;
  return engine::norm_from(squares, x.data(), std::ssize(x));
}

double relative(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> difference(a.size());
  std::transform(a.begin(), a.end(), b.begin(), difference.begin(), std::minus<>());
  return length(difference) / (length(b) + guard);
}

Components components_of(const char* name, const Tensor& w) {
  if (w.dim() != 2 || w.numel() == 0) engine::fail("{}: needs one matrix, got {}", name, w.shape().str());
  const NoGrad no_grad;
  Components result;
  result.row_norms = linalg::row_norms(w).to_vector();
  result.col_norms = linalg::col_norms(w).to_vector();
  result.singular_values = linalg::detail::svdvals(name, w).to_vector();
  const auto& s = result.singular_values;
  result.cond = s.front() / (s.back() + guard);
  result.rank = 0.0;
  for (const double value : s) result.rank += value > 0.01 * s.front();
  result.spectral_gap = s.size() < 2 ? 0.0 : (s[0] - s[1]) / (s[0] + guard);
  result.frobenius_norm = linalg::norm(w).item();
  return result;
}

}  // namespace

Components components(const Tensor& w) { return components_of("components", w); }

RelativeErrors relative_errors(const Tensor& w, const Tensor& target) {
  if (w.shape() != target.shape())
    engine::fail("relative_errors: shapes differ: {} and {}", w.shape().str(), target.shape().str());
  const NoGrad no_grad;
  const auto a = components_of("relative_errors", w), b = components_of("relative_errors", target);
  return {.row_norm = relative(a.row_norms, b.row_norms),
          .col_norm = relative(a.col_norms, b.col_norms),
          .singular_value = relative(a.singular_values, b.singular_values),
          .cond = relative(a.cond, b.cond),
          .rank = relative(a.rank, b.rank),
          .gap = relative(a.spectral_gap, b.spectral_gap),
          .fro = relative(a.frobenius_norm, b.frobenius_norm),
          .overall = linalg::norm(w - target).item() / linalg::norm(target).item()};
}

}  // namespace sigmagrad
