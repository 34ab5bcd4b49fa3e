// SPDX-License-Identifier: BSD-3-Clause
// What is trained on which seeds, and how a setting is chosen: functions of what was asked for alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <sigmagrad/lab/model/trial.hpp>

namespace sigmagrad::lab::detail {

/// The trial that one comparison seed means: data and start of a problem come from it, whoever the candidate is. An
/// Error for an index that a tuning seed has.
Trial comparison_trial(const TrialKey& key);
/// The j-th of the tuning seeds of a comparison trial, which no other trial has: neither to tune on nor to compare on.
Trial tuning_trial(const TrialKey& key, std::int64_t j, std::int64_t seeds);

/// What a program's thread draws without a generator of its own depends on the trial alone.
void seed_default_generator(const Trial& trial);

/// The final validation losses of settings, [setting][tuning seed]; none for a training that diverged.
using Validation = std::vector<std::vector<std::optional<double>>>;

/// The median of the losses of one setting; none if one of its trainings diverged.
std::optional<double> loss_of_setting(const std::vector<std::optional<double>>& losses);

/// The setting with the fewest diverged trainings, among these the one with the smallest median, the first of several.
std::size_t best_setting(const Validation& validation);

/// A training is evaluated before the first step, at even distances, and after the last step.
struct Budget {
  std::int64_t steps = 0;
  std::int64_t evaluations = 25;  // even ones, at most
  bool early = true;              // and after 1, 2, 4, 8, ... steps up to the first of these

  bool evaluates(std::int64_t step) const;
};
/// A setting is chosen by its final loss; on the way there a training is only looked at for whether it has diverged.
Budget tuning_budget(std::int64_t steps);

/// The processor time of this thread, which whoever else is at work on the machine does not lengthen.
double thread_seconds();

/// A training has diverged where its validation loss is no finite number, or a thousand times that of its start.
bool has_diverged(double loss, double at_start);

}  // namespace sigmagrad::lab::detail
