// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/solve.hpp>
#include <sigmagrad/linalg/spectrum.hpp>
#include <sigmagrad/theory/balanced_dynamics.hpp>
#include <sigmagrad/theory/detail/batch.hpp>
#include <sigmagrad/theory/detail/check.hpp>

// Theorem 3.3.1 of paper 004, whose matrices are, in the basis O of `detail::Drive`, rows of Y = O' Q(0): B' = sqrt 2
// Y+ (the growing modes) and C' = -sqrt 2 Y- (the decaying ones).
namespace sigmagrad::theory {
namespace {

constexpr double saddle_condition = 1e10;

// Singular values that are not zero to rounding, [m] descending.
std::int64_t rank_of(const Tensor& s, std::int64_t size) {
  const auto values = s.data<double>();
  const double zero = values[0] * static_cast<double>(size) * std::numeric_limits<double>::epsilon();
  return std::count_if(values.begin(), values.end(), [&](double value) { return value > zero; });
}

// (1 - e^(-2 |mu| T)) / (2 |mu|) of every entry, T where mu = 0.
Tensor decay_integral(const Tensor& mu, double T) {
  std::vector<double> values;
  for (const double rate : mu.data<double>()) {
    const double twice = 2 * std::abs(rate);
    values.push_back(twice == 0 ? T : -std::expm1(-twice * T) / twice);
  }
  return tensor(values, mu.shape());
}

}  // namespace

Tensor BalancedDynamics::condition() const {
  const NoGrad guard;
  std::vector<double> conditions;
  for (std::int64_t b = 0; b < batch_.numel(); ++b) {
    const auto directions = std::min(n_h_, rank_of(singular_.select(0, b), n_i_ + n_o_));
    const double condition = directions == 0 ? 1.0 : linalg::cond(Y_.select(0, b).narrow(0, 0, directions)).item();
    conditions.push_back(std::isnan(condition) ? std::numeric_limits<double>::infinity() : condition);  // NaN: B = 0
  }
  return tensor(conditions, batch_);
}

Tensor BalancedDynamics::ends_in_saddle() const {
  const NoGrad guard;
  return condition() > saddle_condition;
}

Tensor BalancedDynamics::theorem_qqt(const std::vector<double>& times) const {
  constexpr auto name = "theorem_qqt";
  const std::int64_t m = std::min(n_i_, n_o_);
  if (n_h_ != m) engine::fail("{}: needs n_h = min(n_i, n_o) (got n_i={}, n_h={}, n_o={})", name, n_i_, n_h_, n_o_);
  if (const auto worst = max(condition()).item(); !std::isfinite(worst))
    engine::fail("{}: B is singular: the flow ends in a saddle", name);
  detail::check_times(name, times);
  const NoGrad guard;
  const auto grows = mu_.narrow(-1, 0, m), rest = mu_.narrow(-1, m, n_i_ + n_o_ - m);
  const auto omega = grows.unsqueeze(-2), rate = rest.unsqueeze(-1), one = eye(m).expand({batch_.numel(), m, m});
  const auto inverse = linalg::inv(Y_.narrow(-2, 0, m));                  // sqrt 2 B^-T
  const auto ratio = matmul(Y_.narrow(-2, m, n_i_ + n_o_ - m), inverse);  // -C' B^-T, and what one side has more
  std::vector<Tensor> at_times;
  for (const double time : times) {
    const double T = time / options_.tau;
    // O times `columns` is e^(F T) Q0 B^-T e, where growth and e leave I; M is the stack's sum of squares. Exponents
    // are joined before exp: one alone would overflow.
    const auto columns = cat({one, ratio * exp(T * (rate - omega))}, -2);
    const auto grown = sqrt(decay_integral(grows, T)).unsqueeze(-1) * one;
    const auto other = sqrt(decay_integral(rest, T)).unsqueeze(-1) * ratio * exp(T * (maximum(rate, 0.0) - omega));
    const auto R = linalg::qr(cat({inverse * exp(-T * omega), grown, other}, -2)).R;
    at_times.push_back(matmul(O_, linalg::solve(R.t(), columns.t()).t()));
  }
  const auto Z = stack(at_times, 1);
  return detail::with_batch(matmul(Z, Z.t()), batch_);
}

}  // namespace sigmagrad::theory
