// SPDX-License-Identifier: BSD-3-Clause
// Training on few entries, and then on more by the model that was trained before (warm) and by a new one (cold).
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/lab/model/plot.hpp>

namespace sigmagrad::experiments::completion {

using namespace lab;

struct Phase {
  std::string name = {}, label = {};

  /// A quantity of this phase: `warm_start(stable_rank)` is warm_stable_rank.
  Quantity operator()(const Quantity& quantity) const {
    return {.name = name + "_" + quantity.name, .label = quantity.text() + ", " + label};
  }
};

inline const Phase before{"pre", "before"}, warm_start{"warm", "warm start"}, cold_start{"cold", "cold start"};

/// A line for each phase.
inline std::vector<Plot> by_phase(const Parameter& x, const Quantity& quantity, const Selection& selection = {}) {
  std::vector<Plot> lines;
  for (const Phase& phase : {before, warm_start, cold_start})
    lines.push_back(plot(x, phase(quantity)).at(selection).called(phase.label).y_label(quantity.text()));
  return lines;
}

inline std::vector<Plot> log_y(std::vector<Plot> plots) {
  for (Plot& one : plots) one = one.log_y();
  return plots;
}

}  // namespace sigmagrad::experiments::completion
