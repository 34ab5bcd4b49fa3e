// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

// The singular values of large rows x columns matrices of independent entries with mean 0 and standard deviation sigma
// (Marchenko and Pastur 1967; there for the eigenvalues s^2).
namespace sigmagrad::linalg {

/// sigma (sqrt rows + sqrt columns), where their distribution ends above. The largest value of one matrix is near it,
/// on either side.
double marchenko_pastur_edge(double sigma, std::int64_t rows, std::int64_t columns);

/// The density at s of the min(rows, columns) values, which integrates to 1:
/// sqrt((b^2 - s^2)(s^2 - a^2)) / (pi sigma^2 min(rows, columns) s) between a = sigma |sqrt rows - sqrt columns| and
/// the edge b, else 0. sigma > 0.
double marchenko_pastur_density(double s, double sigma, std::int64_t rows, std::int64_t columns);

}  // namespace sigmagrad::linalg
