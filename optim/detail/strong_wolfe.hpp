// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::optim {

/// A point x + t d of a line: loss, gradient and slope g'd there. A loss that is NaN counts as infinite.
struct LinePoint {
  double t = 0.0, loss = 0.0, slope = 0.0;
  Tensor gradient;
};

/// What a line search is asked for.
struct LineSearch {
  std::function<LinePoint(double t)> evaluate;
  LinePoint start;   // t = 0, of negative slope
  double first_t;    // where it looks first
  double longest;    // entry of d, by size
  double tolerance;  // brackets of which no parameter moves further are not cut again
  int iterations;    // points after the first
};

/// A point that satisfies the strong Wolfe conditions with 1e-4 and 0.9, by a bracket and cubic interpolation (Nocedal
/// and Wright 2006, algorithms 3.5 and 3.6), with the safeguards of PyTorch's LBFGS; or the best end of the bracket
/// where the iterations or the tolerance end the search.
LinePoint strong_wolfe(const LineSearch& search);

}  // namespace sigmagrad::optim
