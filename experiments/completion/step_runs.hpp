// SPDX-License-Identifier: BSD-3-Clause
// Completion by an optimiser's steps, many trials as one model: when a trial has come to its end, and what it records.
#pragma once

#include <cstdint>
#include <span>

#include <sigmagrad/experiments/completion/flow_runs.hpp>
#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::experiments::completion {

inline const Quantity loss_afterwards{.name = "loss_afterwards", .label = "loss of the 100 steps behind the end"};

struct Steps {
  bool one_entry = false;  // a step follows the error of one entry of the diagonal, drawn anew for each trial
  std::int64_t most = 10'000;
  double tolerance = 1e-6;  // a trial ends once its loss is below
};

/// Steps of `optimizer` on the loss of `all`, which is shown the diagonal. Each trial's ranks, loss and step as its
/// loss first falls below the tolerance, or at the last step; and `loss_afterwards`.
void record_steps(std::span<Trial> trials, const Factorization& model, const Completion& all,
                  optim::Optimizer& optimizer, const Steps& steps);

/// The end of the flow that all optimisers approximate with small steps, as the only one that was looked at.
void record_flow(std::span<Trial> trials, const Factorization& model, const Completion& all, double stop_at);

}  // namespace sigmagrad::experiments::completion
