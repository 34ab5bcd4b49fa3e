// SPDX-License-Identifier: BSD-3-Clause
// How solvers compare over many problems, and how many settings one has to try.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sigmagrad::lab {

/// `costs[s][p]` is what solver s spends on problem p, infinite if it does not solve it. The profile of a solver
/// (Dolan and Moré 2002) says of each factor tau >= 1 which part of the problems it solves at tau times the cost of the
/// best or less: [s][i] of factors[i]. Problems that nobody solves count for nobody. An Error for solvers with other
/// numbers of problems.
std::vector<std::vector<double>> performance_profile(const std::vector<std::vector<double>>& costs,
                                                     std::span<const double> factors);

/// What half of those who try n settings, drawn from the same distribution as these, end below: the median of the best
/// of n, for n = 1, ..., as many as there are values, with a band that holds 95% of the time for all n at once,
/// whatever the distribution (from that of Dvoretzky, Kiefer and Wolfowitz for the distribution function; Lourie, Cho
/// and He 2024). Where the band is open, it is infinite. Values may be infinite.
struct BestOfTries {
  std::vector<double> median = {}, low = {}, high = {};
};
BestOfTries best_of_tries(std::span<const double> values);

}  // namespace sigmagrad::lab
