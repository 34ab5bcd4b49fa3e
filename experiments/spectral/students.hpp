// SPDX-License-Identifier: BSD-3-Clause
// A matrix that is learned as it is, or with what a parametrisation adds to it.
#pragma once

#include <string>

#include <sigmagrad/experiments/spectral/regression.hpp>

namespace sigmagrad::experiments::spectral {

inline const Real multiplier_lr{
    .name = "multiplier_lr",
    .help = "learning rate of multipliers and trained singular values (0.001 for corrections without)",
    .quick = {0.001},
    .minimum = 0};
inline const Real lambda{.name = "lambda", .help = "weight of the spectral penalty", .quick = {0.005}, .minimum = 0};
inline const Text correction{
    .name = "correction",
    .help =
        "none (sgd), multipliers, spectral (penalty), svd (pulled towards the target's), singular_values (trained), "
        "combined (multipliers and penalty)",
    .quick = {"sgd", "multipliers", "spectral", "svd", "singular_values", "combined"}};

/// Whether a correction trains parameters beside the weight.
bool has_parameters(const std::string& name);

/// Trains by SGD with the parameter `correction`, on batches of the generator that `start` was drawn from, and records
/// the errors.
void train_corrected(Trial& trial, const Tensor& target, const nn::Linear& start, Generator& generator);

}  // namespace sigmagrad::experiments::spectral
