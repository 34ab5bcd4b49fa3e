// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

namespace sigmagrad::experiments::balanced {

/// Two laws for the steps that balanced networks of different lambda take to converge, fitted by least squares: the
/// thesis' b exp(a |lambda|), in the logarithm of the steps, and c / sqrt(lambda^2 + 4 s^2), whose rate is that of the
/// exact solution for the target's smallest singular value s.
class ConvergenceLaws {
 public:
  ConvergenceLaws(const std::vector<double>& sizes, const std::vector<double>& steps, double s);

  double exponential(double lambda) const;
  double law(double lambda) const;
  double exponent() const { return exponent_; }
  /// Shares of the variance of the steps that each explains.
  double exponential_r2() const { return exponential_r2_; }
  double law_r2() const { return law_r2_; }

 private:
  double s_, factor_, exponent_, constant_, exponential_r2_, law_r2_;
};

}  // namespace sigmagrad::experiments::balanced
