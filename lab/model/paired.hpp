// SPDX-License-Identifier: BSD-3-Clause
// Tests and intervals that assume no distribution.
#pragma once

#include <span>
#include <vector>

namespace sigmagrad::lab {

struct Interval {
  double low = 0, high = 0;
};

/// Two-sided p-value of Wilcoxon's signed-rank test (1945): whether signs of the differences are as likely as not,
/// given their sizes. Exact with ties up to 200 differences that are not zero, which are left out; normal beyond. 1
/// without any.
double signed_rank_p(std::span<const double> differences);

/// The median of the means of all pairs of values (Hodges and Lehmann 1963), with the signed-rank test's interval: it
/// covers the centre with 95% or more. Infinite where there are too few values for one (5 or fewer). An Error for none.
struct Centre {
  double value = 0;
  Interval interval = {};
};
Centre centre(std::span<const double> values);

/// The interval between two of the ordered values that covers the median with 95% or more, whatever the distribution
/// (David and Nagaraja 2003, section 7.1); infinite where there are too few values (5 or fewer). Values may be
/// infinite.
Interval median_interval(std::span<const double> values);

/// p-values corrected for their number (Holm 1979), in the same order: that one of them is below 0.05 by chance alone
/// has a probability of 0.05 at most.
std::vector<double> holm(std::span<const double> p_values);

}  // namespace sigmagrad::lab
