// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/time_to_learn.hpp>

#include <cmath>
#include <limits>

namespace sigmagrad::experiments::balanced {

void LossCrossing::look(double time, double loss) {
  if (passed_ == 0 && loss <= wanted_)
    passed_ = last_time_ + (time - last_time_) * std::log(last_ / wanted_) / std::log(last_ / loss);
  last_time_ = time;
  last_ = loss;
}

std::vector<double> times_to_look() {
  std::vector<double> times;
  for (int i = 0; i <= 600; ++i) times.push_back(std::pow(10.0, -5 + i / 50.0));
  return times;
}

double exact_time(const theory::BalancedDynamics& flow, double wanted) {
  const auto before = [&](double t) { return flow.loss({t}).item() > wanted; };
  double low = 0.0, high = 1e-4;
  while (before(high)) {
    low = high;
    high *= 2;
    if (high > 1e9) return std::numeric_limits<double>::infinity();
  }
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (before(middle) ? low : high) = middle;
  }
  return high;
}

}  // namespace sigmagrad::experiments::balanced
