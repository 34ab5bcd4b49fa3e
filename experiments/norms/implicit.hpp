// SPDX-License-Identifier: BSD-3-Clause
// The parts of norms/implicit: where flows on products end, what weight decay of factors is, what penalties do to a
// spectrum, and the limit of AdamW.
#pragma once

#include <sigmagrad/experiments/norms/inequality.hpp>

namespace sigmagrad::experiments::norms {

/// Measurements <A_i, U U'> of a positive semidefinite matrix, few enough to leave it open; starts U = start * I.
namespace sensing {
void check(Trial& t);
inline const Curve commuting{.name = "commuting", .label = "commuting measurements", .over = "start"};
inline const Curve general{.name = "general", .label = "Gaussian measurements", .over = "start"};
inline const Quantity rank_of_flow{.name = "rank_of_flow", .label = "effective rank of the flow's end, Gaussian"};
inline const Quantity rank_of_least{.name = "rank_of_least", .label = "effective rank at the least trace, Gaussian"};
inline const std::vector<double> starts{1.0, 0.1, 1e-2, 1e-3, 1e-4, 1e-5};
inline const double smallest_start = 1e-5, largest_start = 1.0;
}  // namespace sensing

/// Products of 1 to 3 matrices from small starts, of which some entries of the product are known; and regression with
/// fewer samples than inputs.
namespace products {
void check(Trial& t);
inline const Curve nuclear{
    .name = "nuclear_excess", .label = "nuclear norm over the least one, less 1", .over = "depth"};
inline const Curve effective_rank{.name = "effective_rank", .label = "flow", .over = "depth"};
inline const Quantity rank_of_least{.name = "rank_of_completion", .label = "effective rank at the least nuclear norm"};
inline const Curve spectral{.name = "spectral_ratio", .label = "completion, over that of depth 1", .over = "depth"};
inline const Curve regression{.name = "regression", .label = "regression, small start", .over = "depth"};
inline const Curve regression_large{.name = "regression_large", .label = "regression, large start", .over = "depth"};
}  // namespace products

/// W = A B and the squares of its factors.
namespace factors {
std::vector<Inequality> rows();
void check(Trial& t);
inline const Quantity decayed{.name = "decayed", .label = "distance of decayed factors from the soft threshold"};
inline const Quantity completed{.name = "completed",
                                .label = "distance of decayed factors from the nuclear-norm completion"};
inline const Quantity recovered{.name = "recovered", .label = "distance of the completion from the matrix"};
inline const Quantity undecayed{.name = "undecayed",
                                .label = "nuclear norm without decay over that of the best approximation"};
}  // namespace factors

/// What three penalties make of one spectrum.
namespace penalties {
void check(Trial& t);
inline const Curve none{.name = "values_none", .label = "none", .over = "singular value"};
inline const Curve frobenius{.name = "values_frobenius", .label = "weight decay", .over = "singular value"};
inline const Curve nuclear{.name = "values_nuclear", .label = "nuclear", .over = "singular value"};
inline const Curve spectral{.name = "values_spectral", .label = "spectral", .over = "singular value"};
inline const Curve factored{
    .name = "values_factored", .label = "weight decay of two factors", .over = "singular value"};
inline const Quantity unequal{.name = "unequal", .label = "largest over smallest factor of weight decay, less 1"};
inline const Quantity rank_nuclear{.name = "rank_nuclear",
                                   .label = "rank under the nuclear penalty, over the full one"};
inline const Quantity rank_factored{.name = "rank_factored",
                                    .label = "rank under weight decay of two factors, over the full one"};
inline const Quantity cut{.name = "cut",
                          .label = "largest singular value under the spectral penalty, over the target's"};
inline const Quantity untouched{.name = "untouched",
                                .label = "change of the lower half under the spectral penalty, relative"};
}  // namespace penalties

/// Largest entry times weight decay under AdamW.
namespace adamw {
void check(Trial& t);
inline const Quantity constant{.name = "constant", .label = "constant gradients"};
inline const Quantity noisy{.name = "noisy", .label = "noisy gradients"};
inline const Quantity pulled{.name = "pulled", .label = "a quadratic with its minimum far outside"};
inline const Curve growing{.name = "growing", .label = "gradients that grow", .over = "factor a step"};
/// |m| / sqrt(v) is at most (1 - b1) / sqrt((1 - b2) (1 - b1^2 / b2)), by the Cauchy-Schwarz inequality; equal where
/// gradients grow by b2 / b1 a step.
inline const double worst_growth = 1.11;
double largest_ratio();
}  // namespace adamw

}  // namespace sigmagrad::experiments::norms
