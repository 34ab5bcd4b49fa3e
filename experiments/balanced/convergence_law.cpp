// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/convergence_law.hpp>

#include <cmath>
#include <numeric>

namespace sigmagrad::experiments::balanced {

namespace {

double mean(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

template <class Law>
double r_squared(const std::vector<double>& sizes, const std::vector<double>& steps, const Law& law) {
  const double centre = mean(steps);
  double rest = 0, all = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    rest += std::pow(steps[i] - law(sizes[i]), 2);
    all += std::pow(steps[i] - centre, 2);
  }
  return 1.0 - rest / all;
}

}  // namespace

ConvergenceLaws::ConvergenceLaws(const std::vector<double>& sizes, const std::vector<double>& steps, double s) : s_(s) {
  std::vector<double> logs;
  for (const double step : steps) logs.push_back(std::log(step));
  const double mx = mean(sizes), my = mean(logs);
  double xx = 0, xy = 0, uu = 0, uy = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const double x = sizes[i] - mx, u = 1.0 / std::hypot(sizes[i], 2.0 * s);
    xx += x * x;
    xy += x * (logs[i] - my);
    uu += u * u;
    uy += u * steps[i];
  }
  exponent_ = xy / xx;
  factor_ = std::exp(my - exponent_ * mx);
  constant_ = uy / uu;
  exponential_r2_ = r_squared(sizes, steps, [this](double size) { return exponential(size); });
  law_r2_ = r_squared(sizes, steps, [this](double size) { return law(size); });
}

double ConvergenceLaws::exponential(double lambda) const { return factor_ * std::exp(exponent_ * std::abs(lambda)); }
double ConvergenceLaws::law(double lambda) const { return constant_ / std::hypot(lambda, 2.0 * s_); }

}  // namespace sigmagrad::experiments::balanced
