// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

namespace sigmagrad::linalg::detail {

/// An eigenvalue, and the size of the last entry of its unit eigenvector.
struct RitzValue {
  double value, last;
};

/// The smallest eigenvalue of sign * T, T symmetric tridiagonal with `diagonal` (one entry or more) and `beside` (one
/// fewer, none of them zero), to a rounding error of T's size.
RitzValue smallest_of_tridiagonal(std::span<const double> diagonal, std::span<const double> beside, double sign);

}  // namespace sigmagrad::linalg::detail
