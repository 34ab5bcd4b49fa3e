// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/completion_flow.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::theory {
namespace {

using Logs = std::array<double, 2>;  // of l1 and l2

// The smallest share of the residual in its goal; below it only rounding moves.
constexpr double smallest_share = 1e-13;

BlockEigenvalues start_of(const BlockCompletion& c) {
  const double alpha = std::exp(c.log_alpha), d = static_cast<double>(c.n * c.s);
  const double rest = std::isinf(c.m) ? alpha : alpha * ((c.m - 1.0) / c.m);
  return {alpha * (1.0 + (d - 1.0) / c.m), rest, rest};
}

// The fourth-order Runge-Kutta method with steps that follow the flow's own time scale: neither a logarithm nor the
// residual's changes by more than 1/64 in one.
class EigenvalueFlow {
 public:
  explicit EigenvalueFlow(const BlockCompletion& c)
      : c_(c), depth_(static_cast<double>(c.depth)), logs_{std::log(start_of(c).first), std::log(start_of(c).second)} {
    if (!(rate() > 1e-300 && rate() < 1e300))
      engine::fail("completion_flow: log_alpha {} is so {} that times {} at depth {}", c.log_alpha,
                   c.log_alpha < 0.0 ? "small" : "large", c.log_alpha < 0.0 ? "overflow" : "underflow", c.depth);
  }

  // Until `time`, or until the residual is `share` of its goal at the latest.
  void advance(double time, double share = smallest_share) {
    const double small = share * static_cast<double>(c_.s) * c_.w;
    while (t_ < time && std::abs(residual(logs_)) > small) {
      const double step = std::min(1.0 / (64.0 * rate()), time - t_);
      take(step);
      t_ += step;
    }
  }

  double time() const { return t_; }
  double first() const { return std::exp(logs_[0]); }
  double second() const { return std::exp(logs_[1]); }

 private:
  BlockEigenvalues eigenvalues(const Logs& logs) const { return {std::exp(logs[0]), std::exp(logs[1]), 0.0}; }
  double residual(const Logs& logs) const { return completion_residual(c_, eigenvalues(logs)); }

  double rate() const {
    return completion_rate(c_, eigenvalues(logs_)) +
           (depth_ - 1.0) * std::abs(residual(logs_)) * std::exp((depth_ - 2.0) * logs_[0]);
  }

  Logs slope(const Logs& logs) const {
    const double gamma = residual(logs);
    return {-gamma * std::exp((depth_ - 2.0) * logs[0]), -gamma * std::exp((depth_ - 2.0) * logs[1])};
  }

  void take(double h) {
    const auto at = [&](const Logs& k, double f) { return Logs{logs_[0] + f * k[0], logs_[1] + f * k[1]}; };
    const Logs k1 = slope(logs_), k2 = slope(at(k1, 0.5 * h)), k3 = slope(at(k2, 0.5 * h)), k4 = slope(at(k3, h));
    for (std::size_t i = 0; i < 2; ++i) logs_[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
  }

  BlockCompletion c_;
  double depth_;
  Logs logs_;
  double t_ = 0.0;
};

// l3(t) = (l3(0)^-q + q t)^(-1/q), q = 2 L - 2: a power law.
double third_at(const BlockCompletion& c, double time) {
  const double q = 2.0 * static_cast<double>(c.depth) - 2.0, start = start_of(c).third;
  return std::isinf(time) ? 0.0 : start * std::pow(1.0 + q * time * std::pow(start, q), -1.0 / q);
}

}  // namespace

std::vector<BlockEigenvalues> completion_flow(const BlockCompletion& setting, const std::vector<double>& times) {
  check(setting, "completion_flow");
  EigenvalueFlow flow(setting);
  std::vector<BlockEigenvalues> result;
  double before = 0.0;
  for (const double time : times) {
    if (!(time >= before))
      engine::fail("completion_flow: times must be ascending and >= 0 (got {} after {})", time, before);
    flow.advance(before = time);
    result.push_back({flow.first(), flow.second(), third_at(setting, time)});
  }
  return result;
}

double completion_time(const BlockCompletion& setting, double share) {
  check(setting, "completion_time");
  if (!(share >= smallest_share)) engine::fail("completion_time: share must be >= {} (got {})", smallest_share, share);
  EigenvalueFlow flow(setting);
  flow.advance(std::numeric_limits<double>::infinity(), share);
  return flow.time();
}

double completion_residual(const BlockCompletion& c, const BlockEigenvalues& l) {
  const auto L = static_cast<double>(c.depth), n = static_cast<double>(c.n);
  return (std::pow(l.first, L) + (n - 1.0) * std::pow(l.second, L)) / n - static_cast<double>(c.s) * c.w;
}

double completion_rate(const BlockCompletion& c, const BlockEigenvalues& l) {
  const auto L = static_cast<double>(c.depth), n = static_cast<double>(c.n);
  return L / n * (std::pow(l.first, 2.0 * L - 2.0) + (n - 1.0) * std::pow(l.second, 2.0 * L - 2.0));
}

}  // namespace sigmagrad::theory
