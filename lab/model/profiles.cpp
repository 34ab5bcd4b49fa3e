// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/profiles.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::lab {

namespace {

constexpr double unsolved = std::numeric_limits<double>::infinity();

}  // namespace

std::vector<std::vector<double>> performance_profile(const std::vector<std::vector<double>>& costs,
                                                     std::span<const double> factors) {
  const std::size_t problems = costs.empty() ? 0 : costs.front().size();
  for (const auto& of_solver : costs)
    if (of_solver.size() != problems)
      engine::fail("performance_profile: {} and {} problems", problems, of_solver.size());
  std::vector<std::vector<double>> profile(costs.size(), std::vector<double>(factors.size(), 0.0));
  for (std::size_t p = 0; p < problems; ++p) {
    double best = unsolved;
    for (const auto& of_solver : costs) best = std::min(best, of_solver[p]);
    for (std::size_t s = 0; s < costs.size() && std::isfinite(best); ++s)
      for (std::size_t i = 0; i < factors.size(); ++i)
        if (costs[s][p] <= factors[i] * best) profile[s][i] += 1.0 / static_cast<double>(problems);
  }
  return profile;
}

BestOfTries best_of_tries(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const auto n = static_cast<double>(sorted.size());
  const double width = std::sqrt(std::log(2.0 / 0.05) / (2.0 * n));
  // The smallest value that the part p of all values lies at or below.
  const auto value_at = [&](double p) {
    if (p <= 0.0) return -unsolved;
    const auto place = static_cast<std::size_t>(std::max(0.0, std::ceil(p * n - 1e-9) - 1.0));
    return place < sorted.size() ? sorted[place] : unsolved;
  };
  BestOfTries best;
  for (std::size_t tries = 1; tries <= sorted.size(); ++tries) {
    const double half = 1.0 - std::pow(0.5, 1.0 / static_cast<double>(tries));  // 1 - (1 - F)^tries = 1/2
    best.median.push_back(value_at(half));
    best.low.push_back(value_at(half - width));
    best.high.push_back(value_at(half + width));
  }
  return best;
}

}  // namespace sigmagrad::lab
