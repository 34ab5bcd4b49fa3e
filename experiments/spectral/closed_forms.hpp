// SPDX-License-Identifier: BSD-3-Clause
// What theory::Regression says of one group, drawn beside its measurements.
#pragma once

#include <cstdint>
#include <functional>

#include <sigmagrad/lab/model/quantity.hpp>
#include <sigmagrad/lab/model/variables.hpp>
#include <sigmagrad/linalg/components.hpp>
#include <sigmagrad/theory/regression.hpp>

namespace sigmagrad::experiments::spectral {

using namespace lab;

/// What the parameters d, lr and noise say.
theory::Regression closed_form(const Params& params);

/// Overall error after `step` steps.
double overall_error_at(const Params& params, double step);

/// (1 - lr)^step: what the number of steps alone leaves of the start.
double left_at(const Params& params, double step);

/// Relative error of the row norms after `step` steps: what is left of the start, (1 - lr)^step, and what the label
/// noise keeps up, of which a norm sees the part along its row alone.
double norm_error(const Params& params, double step);

/// Median of the condition number's relative error at the noise floor, to first order: W - T has independent entries of
/// one variance there, so the smallest singular value is off by a normal number of that variance.
double cond_floor(const Params& params, const Components& target);
inline const Quantity noise_floor{.name = "cond_floor", .label = "noise floor of the condition number error"};

/// Relative error of the row norms that multipliers leave after so many updates, where rows and columns of the target
/// have one squared length: the mean gradient keeps x T with multipliers y, so that x and y alone move, from 0 and 1.
double multiplier_norm_error(double squared_length, double weight_lr, double lr_of_multipliers, std::int64_t updates);

// After all `steps`.
double overall_at_end(const Params& params);
double norms_at_end(const Params& params);
double left_of_start(const Params& params);
/// Relative error of the row norms where the batches' noise counts, for large d: (1 - lr)^T = r of the way is left to
/// the mean of W, and what scatters about that mean, e^2 - r^2 of the target's squared size where e is the overall
/// error, makes rows longer.
double row_norms_at_end(const Params& params);

/// The closed form for these groups alone: NaN for others.
std::function<double(const Params&)> only(const Selection& selection, double (*form)(const Params&));

}  // namespace sigmagrad::experiments::spectral
