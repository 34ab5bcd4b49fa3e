// SPDX-License-Identifier: BSD-3-Clause
// Trainings, one by one or as an ensemble, and what came of each.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <sigmagrad/lab/compare/candidate.hpp>
#include <sigmagrad/lab/compare/problem.hpp>
#include <sigmagrad/lab/compare/protocol.hpp>

namespace sigmagrad::lab::detail {

/// The validation loss along one training, until its end or until it diverged.
struct Outcome {
  std::vector<std::pair<std::int64_t, double>> losses = {};  // (steps, loss), from step 0 on
  bool diverged = false;
  Metrics recorded = {};    // what the problem itself recorded
  double step_seconds = 0;  // processor time of this machine; of an ensemble's step, the model's share

  /// None where it diverged.
  std::optional<double> final_loss() const;
  /// The first evaluated step at which the target was reached.
  std::optional<std::int64_t> steps_to(double target) const;
};

/// One training of an ensemble: its data and start, and its rate.
struct Run {
  Trial trial = {};
  double rate = 0;
};

/// Trains once. An Error if the problem gives no parameters or its loss is no scalar.
Outcome train(const Problem& problem, const Variant& variant, Run run, const Budget& budget);

/// Whether an ensemble of this problem can be trained by this variant: it has rates by model, and what takes matrices
/// alone meets no vector of a model.
bool train_together(const Problem& problem, const Variant& variant, const Trial& sample);

/// Trains all of them as one model each; the bits of each do not depend on the others.
std::vector<Outcome> train_ensemble(const Problem& problem, const Variant& variant, std::span<const Run> runs,
                                    const Budget& budget);

}  // namespace sigmagrad::lab::detail
