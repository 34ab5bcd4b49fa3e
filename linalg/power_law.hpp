// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstdint>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::linalg {

struct PowerLawOptions {
  /// Sets of values drawn for the interval, and as many again for the p-value; 0 leaves both NaN, and `plausible`
  /// false.
  int resamples = 200;
  /// Keys the generator of the draws: the same seed gives the same digits.
  std::uint64_t seed = 0;
};

/// A tail of values fitted by the density (alpha - 1) / xmin (x / xmin)^-alpha for x >= xmin.
struct PowerLaw {
  double alpha = NAN, xmin = NAN;
  double distance = NAN;  // Kolmogorov and Smirnov's D of the tail, from the fraction of its values below each value
  std::int64_t tail = 0;  // values >= xmin
  double alpha_low = NAN, alpha_high = NAN;  // 95% interval: alpha of sets drawn again with replacement, each with its
                                             // own xmin
  bool plausible = false;  // p_value >= 0.1, else the distance says that this is no power law, and tail >= 50
  double p_value = NAN;  // part of sets drawn from the fit that are as far from their own fit as the values from theirs
};

/// The power law in the tail of some values, whatever the shape of the tensor: alpha = 1 + n / sum log(x / xmin) by
/// maximum likelihood, xmin the value for which D is least, of equal ones the smallest; a tail has two different values
/// or more (Clauset, Shalizi and Newman 2009, "Power-law distributions in empirical data", sections 3 and 4). Zeros and
/// negative values have no part in it. Fewer than 10 positive values, or equal ones, have no fit: NaN and tail 0.
/// Fewer than about 50 values in the tail neither give an exponent nor tell laws apart: the fit of uniform numbers, and
/// of a random matrix's spectrum, ends in such a tail. A plausible fit is no evidence against other laws. Non-finite
/// values are an Error. No gradient flows.
PowerLaw fit_power_law(const Tensor& values, const PowerLawOptions& options = {});

}  // namespace sigmagrad::linalg
