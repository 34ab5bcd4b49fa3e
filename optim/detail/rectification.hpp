// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

namespace sigmagrad::optim {

/// How well t squares, weighted by powers of beta, tell the variance (Liu et al. 2020, section 4): the length of an
/// average as good as theirs, and the factor of the rate, which is a number where the length is above 4.
struct Rectification {
  double length, factor;
};

inline Rectification rectification(double beta, double t) {
  const double longest = 2.0 / (1.0 - beta) - 1.0, power = std::pow(beta, t);
  const double length = longest - 2.0 * t * power / (1.0 - power);
  return {length, std::sqrt((length - 4.0) * (length - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * length))};
}

}  // namespace sigmagrad::optim
