// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/regression.hpp>

#include <cmath>

namespace sigmagrad::theory {

double Regression::contraction() const { return 1.0 - 2.0 * lr + lr * lr * (1.0 + (dimension + 1.0) / batch); }

double Regression::floor() const {
  const double target = 2.0 * std::exp(2.0 * spread * spread);  // E||T||_F^2 / d
  return lr * lr * noise * noise * (dimension / batch) / ((1.0 - contraction()) * target);
}

double Regression::overall_error(double steps) const {
  const double start = 1.0 + init_scale * init_scale / std::exp(2.0 * spread * spread);  // W0 is independent of T
  return std::sqrt(std::pow(contraction(), steps) * (start - floor()) + floor());
}

double Regression::norm_error(double steps) const { return std::pow(1.0 - lr, steps); }

}  // namespace sigmagrad::theory
