// SPDX-License-Identifier: BSD-3-Clause
// What experiments share that follow a flow to its end: what they vary, how long they follow it, what they record.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <sigmagrad/experiments/completion/factorization.hpp>
#include <sigmagrad/linalg/spectrum.hpp>

namespace sigmagrad::experiments::completion {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

// Experiments give them their values: `depth.with({2, 3})`.
inline const Int depth{.name = "depth", .help = "number of factors", .quick = {2, 3, 4, 5}, .minimum = 2};
inline const Real scale{.name = "scale",
                        .help = "initial scale alpha^depth",
                        .label = "initial scale \u03b1^L",
                        .quick = {1e-1, 1e-3, 1e-5, 1e-7},
                        .minimum = 1e-30};
inline const Real m{.name = "m",
                    .help = "diagonal of a factor at the start over its other entries; inf: the identity",
                    .quick = {100.0},
                    .minimum = 1};
inline const Int matrix_size{.name = "d", .help = "matrix size", .quick = {5}, .minimum = 2};

inline const Text convention{
    .name = "convention",
    .help =
        "factors drawn one by one with entries of variance scale^(2/depth), or as in the authors' program: "
        "one matrix for all of them, variance scale^(2/depth)/d (theirs are also loss=mean-all and "
        "tolerance=1e-5)",
    .quick = {"paper"},
    .choices = {"authors"}};
inline const Text entropy{.name = "entropy",
                          .help = "the effective rank is that of the singular values or of their squares",
                          .quick = {"values"},
                          .choices = {"squares"}};
inline const Text reduction{.name = "loss",
                            .help =
                                "half the sum of squared errors at observed entries, their mean, or their sum "
                                "over d^2",
                            .quick = {"half-sum"},
                            .choices = {"mean-observed", "mean-all"}};
inline const Real tolerance{.name = "tolerance", .help = "a trial stops at this loss", .quick = {1e-10}, .minimum = 0};
inline const Real stop_time{.name = "time",
                            .help = "a trial stops at this time of the flow, with tolerance=0 there alone",
                            .quick = {infinity},
                            .minimum = 0};

/// An experiment's own parameters, and behind them `reduction`, `entropy`, `tolerance` and `stop_time`.
std::vector<Parameter> with_flow_parameters(std::vector<Parameter> own, double tolerance);

/// From d, depth and scale.
StartSize start_size(const Params& params);
Convention convention_of(const Params& params);
linalg::EntropyOf entropy_of(const Params& params);
Reduction reduction_of(const Params& params);
/// Stops at `tolerance`, at `stop_time` or after `max_steps` steps.
optim::GradientFlowOptions flow_options(const Params& params, std::int64_t max_steps);

inline const Quantity effective_rank{.name = "effective_rank", .label = "effective rank"};
inline const Quantity stable_rank{.name = "stable_rank", .label = "stable rank"};
inline const Quantity final_loss{.name = "loss", .label = "loss at the end"};
inline const Quantity unobserved_rmse{.name = "unobserved_rmse", .label = "unobserved RMSE"};
inline const Quantity steps_to_stop{.name = "steps_to_stop", .label = "steps to the end"};
inline const Quantity time_to_stop{.name = "time_to_stop", .label = "time to the end"};
inline const Quantity converged{.name = "converged", .label = "whether it ended before it ran out of steps"};

/// A number for each of the products: [T].
struct Ranks {
  Tensor effective, stable;
};

/// Follows the flow of one group's trials. The product's ranks at its end, what of the loss is left, and how far it
/// went: every quantity above is recorded.
Ranks run_flow(std::span<Trial> trials, const Factorization& model, const Completion& completion,
               std::int64_t max_steps);

/// Gradient descent of one model until its loss is at `goal`, or for so many steps at most.
struct Descent {
  double loss = 0;
  std::int64_t steps = 0;
};
Descent descend(const Factorization& model, const Completion& completion, double lr, double goal, std::int64_t most);

/// Like `run_flow`, by steps of gradient descent until each trial's loss is at the tolerance.
Ranks run_descent(std::span<Trial> trials, const Factorization& model, const Completion& completion, double lr);

/// One value of [T] for each trial.
void record(std::span<Trial> trials, const Quantity& quantity, const Tensor& values);

}  // namespace sigmagrad::experiments::completion
