// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

namespace sigmagrad::lab {

/// Over the trials of one group. `std` is the population's; quartiles interpolate linearly, as NumPy's do.
/// All are NaN if a value is.
struct Statistics {
  double mean = 0, std = 0, median = 0, q25 = 0, q75 = 0, min = 0, max = 0;
};

/// An Error where there are no values.
Statistics statistics(std::span<const double> values);

/// The value below which the share `p` of the values lies, 0 <= p <= 1; NaN if a value is.
double quantile(std::span<const double> values, double p);

/// Half the width of the 95% interval of the mean: Student's t of n - 1 degrees of freedom times the standard error.
/// NaN for a single value, which says nothing of it.
double mean_interval(std::span<const double> values);

}  // namespace sigmagrad::lab
