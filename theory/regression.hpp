// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace sigmagrad::theory {

/// Online linear regression: W is trained by SGD on 1/2 mean_b ||W x - y||^2 over fresh batches of standard normal x
/// and y = T x + noise, where T has rows exp(spread z_i) sqrt(2/d) N(0, I) and W starts at init_scale sqrt(2/d) N(0,
/// I).
struct Regression {
  double dimension;
  double lr = 0.01;
  double batch = 64;
  double noise = 0.01;
  double init_scale = 0.1;
  double spread = 0.5;

  /// Factor by which a step shrinks E||W - T||_F^2: rho = 1 - 2 lr + lr^2 (1 + (d + 1) / B), from the fourth moments
  /// of a Gaussian batch.
  double contraction() const;
  /// The floor of E||W - T||_F^2 / E||T||_F^2 that label noise keeps up: lr^2 noise^2 (d / B) / ((1 - rho) 2 e^(2
  /// s^2)).
  double floor() const;
  /// sqrt(E||W - T||_F^2 / E||T||_F^2) after `steps`: the floor is approached at rate rho.
  double overall_error(double steps) const;
  /// Relative error of a norm above the floor: the mean of W moves to T as 1 - (1 - lr)^steps.
  double norm_error(double steps) const;
};

}  // namespace sigmagrad::theory
