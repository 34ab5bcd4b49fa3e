// SPDX-License-Identifier: BSD-3-Clause
// What the trials of one setting of a problem say of its candidates.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <sigmagrad/lab/compare/setup.hpp>
#include <sigmagrad/lab/model/paired.hpp>

namespace sigmagrad::lab::detail {

/// Numbers by trial.
using ByTrial = std::map<std::int64_t, double>;

struct Standing {
  const Group* group = nullptr;
  const Candidate* candidate = nullptr;
  ByTrial final_loss = {};  // infinite for a trial that diverged
  ByTrial steps = {};       // to the target; infinite where it was not reached
};

/// The candidates of one setting of a problem.
struct Standings {
  Assignments where = {};  // the other parameters
  const Problem* problem = nullptr;
  std::vector<Standing> all = {};
};
std::vector<Standings> standings_of(const Setup& setup, const Results& results);

/// One candidate against another on the trials that both have: the ratio of their final losses, or the difference
/// where a loss is negative.
struct Versus {
  const Standing *one = nullptr, *other = nullptr;
  bool is_ratio = true;
  Centre centre = {};         // of the ratios, or of the differences
  double p = 1;               // of the signed-rank test, corrected by Holm for all pairs of the setting
  bool is_one_lower = false;  // by the trials that differ, which the test is of

  /// Which is better, if either is: called so at p <= 0.05. Else it is a tie.
  const Standing* better() const;
};
std::vector<Versus> versus_all(const Standings& standings);

std::vector<double> values_of(const ByTrial& numbers);

/// What was recorded under a name, by trial.
ByTrial recorded(const Group& group, const std::string& metric);

/// The loss of a setting in the tuning of each trial; infinite if it diverged.
std::vector<double> tuning_losses(const Standing& standing, std::size_t setting);

/// The median of these for each setting of the candidate.
std::vector<double> setting_losses(const Standing& standing);

}  // namespace sigmagrad::lab::detail
