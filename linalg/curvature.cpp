// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/curvature.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/kernels/euclidean.hpp>
#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/detail/tridiagonal.hpp>

namespace sigmagrad {
namespace {
using Vector = std::vector<double>;

double dot(const Vector& x, const Vector& y) {
  return engine::sum_entries<double>(0, std::ssize(x),
                                     [a = x.data(), b = y.data()](std::int64_t i) { return a[i] * b[i]; });
}

double norm(const Vector& x) { return engine::norm_from(dot(x, x), x.data(), std::ssize(x)); }

// H x, the inputs' entries one after the other.
Vector multiply(const HessianOperator& hessian, const Vector& x) {
  std::vector<Tensor> parts;
  auto from = x.begin();
  for (const auto& input : hessian.inputs()) {
    const auto to = from + static_cast<std::ptrdiff_t>(input.numel());
    parts.push_back(tensor(Vector(from, to), input.shape(), input.dtype()));
    from = to;
  }
  Vector result;
  for (const auto& product : hessian(parts)) {
    const Tensor entries = product.to(f64);
    const auto values = entries.data<double>();
    result.insert(result.end(), values.begin(), values.end());
  }
  if (!std::all_of(result.begin(), result.end(), [](double value) { return std::isfinite(value); }))
    engine::fail("hessian_extremes: a Hessian-vector product is not finite");
  return result;
}

// Twice: what the first pass leaves of nearly dependent vectors, the second removes.
void orthogonalize(Vector& w, const std::vector<Vector>& basis) {
  for (int pass = 0; pass < 2; ++pass)
    for (const auto& q : basis) {
      const double share = dot(q, w);
      for (std::size_t i = 0; i < w.size(); ++i) w[i] -= share * q[i];
    }
}

Vector scaled(Vector x, double factor) {
  for (double& value : x) value *= factor;
  return x;
}

Vector start(std::size_t n, std::uint64_t seed) {
  Vector x(n);
  Generator(seed).normal(x);
  const double length = norm(x);
  return scaled(std::move(x), 1.0 / length);
}

std::size_t count_entries(const HessianOperator& hessian) {
  std::size_t n = 0;
  for (const auto& input : hessian.inputs()) n += static_cast<std::size_t>(input.numel());
  return n;
}

}  // namespace

HessianExtremes hessian_extremes(const HessianOperator& hessian, const HessianExtremesOptions& options) {
  engine::refuse_in_capture("hessian_extremes", "the number of products depends on values");
  if (options.steps < 1) engine::fail("hessian_extremes: steps must be >= 1 (got {})", options.steps);
  if (!(options.tolerance >= 0)) engine::fail("hessian_extremes: tolerance must be >= 0 (got {})", options.tolerance);
  const std::size_t n = count_entries(hessian);
  if (n == 0) engine::fail("hessian_extremes: the inputs have no entries");
  // A residual of rounding errors means that the basis spans an invariant space: nothing more can be found from here.
  const double tolerance = std::max(options.tolerance, 16 * std::numeric_limits<double>::epsilon());
  std::vector<Vector> basis;
  Vector diagonal, beside, next = start(n, options.seed);
  while (true) {
    basis.push_back(next);
    next = multiply(hessian, basis.back());
    diagonal.push_back(dot(basis.back(), next));
    orthogonalize(next, basis);
    const double rest = norm(next);
    const auto low = linalg::detail::smallest_of_tridiagonal(diagonal, beside, 1.0);
    const auto high = linalg::detail::smallest_of_tridiagonal(diagonal, beside, -1.0);
    const bool complete = basis.size() == n;
    const double error = complete ? 0.0 : rest * std::max(low.last, high.last);
    const double size = std::max(std::abs(low.value), std::abs(high.value));
    const auto iterations = static_cast<int>(basis.size());
    if (complete || error <= tolerance * size || iterations == options.steps)
      return {low.value, -high.value, iterations, error};
    beside.push_back(rest);
    next = scaled(std::move(next), 1.0 / rest);
  }
}

}  // namespace sigmagrad
