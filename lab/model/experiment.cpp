// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/experiment.hpp>

#include <algorithm>

namespace sigmagrad::lab {

void Experiment::run(std::span<Trial> some) const {
  if (batch) return batch(some);
  for (Trial& one : some) trial(one);
}

const Parameter* Experiment::find(std::string_view parameter) const {
  const auto found = std::ranges::find(parameters, parameter, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

bool Experiment::has_reduced() const {
  return trials.reduced != 0 ||
         std::ranges::any_of(parameters, [](const Parameter& one) { return !one.reduced.empty(); });
}

Statistic fresh(const Statistic& statistic) { return statistic.at(fresh(Selection())); }
Selection fresh(const Selection& selection) { return selection.with(trial_source == trial_source.quick.back()); }

}  // namespace sigmagrad::lab
