// SPDX-License-Identifier: BSD-3-Clause
// What theory::Regression says of one group, drawn beside its measurements.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <sigmagrad/lab/model/figure.hpp>
#include <sigmagrad/lab/model/parameters.hpp>
#include <sigmagrad/linalg/components.hpp>
#include <sigmagrad/theory/regression.hpp>

namespace sigmagrad::experiments::spectral {

using namespace lab;

/// Of a group with the parameters d, lr and noise.
theory::Regression closed_form(const Params& params);

/// Relative error of the row norms after `steps`: what is left of the start, (1 - lr)^steps, and what the label noise
/// keeps up, of which a norm sees the part along its row alone.
double norm_error(const Params& params, double steps);

/// Median of the condition number's relative error at the noise floor, to first order: W - T has independent entries of
/// one variance there, so the smallest singular value is off by a normal number of that variance.
double cond_floor(const Params& params, const Components& target);

/// Relative error of the row norms that multipliers leave after `steps`, where rows and columns of the target have one
/// squared length: the mean gradient keeps x T with multipliers y, so that x and y alone move, from 0 and 1.
double multiplier_norm_error(double squared_length, double lr, double multiplier_lr, std::int64_t steps);

/// `value` at the points of `measured`.
Series along(const Series& measured, std::string label, const std::function<double(double)>& value);

}  // namespace sigmagrad::experiments::spectral
