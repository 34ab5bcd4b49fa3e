// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/completion_limits.hpp>

#include <cmath>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::theory {
namespace {

double size_of(const BlockCompletion& c) { return static_cast<double>(c.n * c.s); }

// With k = L - 2 and p = k / L, (8) and (9) say that the singular values add up to w d and that
// sigma_rest^-p - sigma_1^-p keeps the value it has at the start. `excess` is the difference of the logarithms of both
// sides of the latter where the former holds and sigma_1 = e^x sigma_rest; it grows with x.
class Equations {
 public:
  explicit Equations(const BlockCompletion& c)
      : total_(c.w * size_of(c)), others_(static_cast<double>(c.n - 1)), d_(size_of(c)) {
    const auto k = static_cast<double>(c.depth - 2);
    p_ = k / static_cast<double>(c.depth);
    log_start_ =
        -k * (c.log_alpha + std::log((c.m - 1.0) / c.m)) + std::log(-std::expm1(-k * std::log1p(d_ / (c.m - 1.0))));
  }

  double log_rest(double x) const { return std::log(total_) - x - std::log1p(others_ * std::exp(-x)); }
  double excess(double x) const { return -p_ * log_rest(x) + std::log(-std::expm1(-p_ * x)) - log_start_; }

 private:
  double total_, others_, d_, p_, log_start_;
};

// Bisection for log x: x is tiny where m is large.
double log_ratio(const Equations& equations) {
  double low = -80.0, high = 8.0;
  for (int i = 0; i < 100; ++i) {
    const double middle = 0.5 * (low + high);
    (equations.excess(std::exp(middle)) < 0.0 ? low : high) = middle;
  }
  return std::exp(0.5 * (low + high));
}

CompletionLimits with_ratio(const BlockCompletion& c, double rest_over_first) {
  const double sigma_1 = c.w * size_of(c) / (1.0 + static_cast<double>(c.n - 1) * rest_over_first);
  return {sigma_1, rest_over_first * sigma_1};
}

}  // namespace

void check(const BlockCompletion& c, const char* operation) {
  if (!(c.w > 0.0 && std::isfinite(c.w))) engine::fail("{}: w must be > 0 (got {})", operation, c.w);
  if (c.n < 2 || c.s < 1) engine::fail("{}: needs n >= 2 blocks of size s >= 1 (got n {}, s {})", operation, c.n, c.s);
  if (c.depth < 2) engine::fail("{}: depth must be >= 2 (got {})", operation, c.depth);
  if (!(c.m > 1.0)) engine::fail("{}: m must be > 1 (got {})", operation, c.m);
  if (!std::isfinite(c.log_alpha)) engine::fail("{}: log_alpha must be finite (got {})", operation, c.log_alpha);
}

CompletionLimits completion_limits(const BlockCompletion& c) {
  check(c, "completion_limits");
  if (std::isinf(c.m)) return with_ratio(c, 1.0);
  if (c.depth == 2) {  // the ratio of the eigenvalues is conserved
    const double r = (c.m - 1.0) / (c.m - 1.0 + size_of(c));
    return with_ratio(c, r * r);
  }
  const Equations equations(c);
  const double x = log_ratio(equations), log_rest = equations.log_rest(x);
  return {std::exp(log_rest + x), std::exp(log_rest)};
}

double CompletionLimits::stable_rank(std::int64_t n) const {
  const double ratio = sigma_rest / sigma_1;
  return 1.0 + static_cast<double>(n - 1) * ratio * ratio;
}

double CompletionLimits::effective_rank(std::int64_t n) const {
  const auto others = static_cast<double>(n - 1);
  const double total = sigma_1 + others * sigma_rest, p = sigma_1 / total, q = sigma_rest / total;
  return std::exp(-p * std::log(p) - (q > 0.0 ? others * q * std::log(q) : 0.0));
}

}  // namespace sigmagrad::theory
