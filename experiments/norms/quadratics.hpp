// SPDX-License-Identifier: BSD-3-Clause
// Descent on f(x) = x'H x / 2, with eigenvalues of H from 1 to 1 / cond, evenly on a logarithmic scale: along the axes,
// or rotated.
#pragma once

#include <string>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::norms {

struct Quadratic {
  Tensor H, start;  // [n, n], [n]
  double cond = 1;
};
/// Starts at a distance of 1 along every eigenvector; the same in eigenvectors' coordinates whether rotated or not.
Quadratic random_quadratic(std::int64_t n, double cond, bool rotated, Generator& generator);

struct Descended {
  double steps = 0;       // until the distance to the minimum has fallen to `target` times its start
  double rate = 0;        // the factor a step, over the last quarter of these
  double bound_part = 0;  // the largest ||x_k|| / (theory^k ||x_0||)
};
inline constexpr double target = 1e-4;

double gradient_descent_rate(double cond);  ///< (cond - 1) / (cond + 1), with rate 2 / (L + mu)
double momentum_rate(double cond);          ///< that of the roots, with the best rate and momentum (Polyak 1964)
Descended gradient_descent(const Quadratic& problem);
Descended momentum(const Quadratic& problem);

struct AdamRun {
  double steps = 0;           // of the best of the rates
  double effective_cond = 0;  // of D^(1/2) H D^(1/2), D the step sizes of the entries after ten small steps
};
AdamRun adam(const Quadratic& problem);

}  // namespace sigmagrad::experiments::norms
