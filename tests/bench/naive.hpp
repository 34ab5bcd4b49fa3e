// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include <sigmagrad/bench/problems.hpp>

// The training steps again, entry by entry as their equations are written: what the hand-written loops are held to.
namespace sigmagrad::bench::naive {

struct End {
  std::vector<double> parameters;
  double loss = 0;  // of the last step, before its update
};

End train(const Completion& problem, int steps);
End train(const Regression& problem, int steps);
End train(const Relu2& problem, int steps);
End train(const Ensemble& problem, int steps);

}  // namespace sigmagrad::bench::naive
