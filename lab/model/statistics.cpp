// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/statistics.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <sigmagrad/autograd/tensor/error.hpp>

namespace sigmagrad::lab {

namespace {

double sorted_quantile(std::span<const double> sorted, double p) {
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const auto above = std::min(below + 1, sorted.size() - 1);
  const double part = position - static_cast<double>(below);
  if (part == 0.0 || sorted[below] == sorted[above]) return sorted[below];  // from infinity no part can be taken
  return sorted[below] + part * (sorted[above] - sorted[below]);
}

std::vector<double> sorted_copy(std::span<const double> values) {
  if (values.empty()) throw Error("statistics: no values");
  std::vector<double> sorted(values.begin(), values.end());
  if (std::ranges::any_of(sorted, [](double value) { return std::isnan(value); }))
    sorted.assign(sorted.size(), std::numeric_limits<double>::quiet_NaN());  // which have no order
  std::ranges::sort(sorted);
  return sorted;
}

}  // namespace

double quantile(std::span<const double> values, double p) { return sorted_quantile(sorted_copy(values), p); }

Statistics statistics(std::span<const double> values) {
  const auto sorted = sorted_copy(values);
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  const double squares = std::transform_reduce(values.begin(), values.end(), 0.0, std::plus<>{},
                                               [&](double v) { return (v - mean) * (v - mean); });
  return {.mean = mean,
          .std = std::sqrt(squares / n),
          .median = sorted_quantile(sorted, 0.5),
          .q25 = sorted_quantile(sorted, 0.25),
          .q75 = sorted_quantile(sorted, 0.75),
          .min = sorted.front(),
          .max = sorted.back()};
}

namespace {

// The quantile 0.975. Beyond the first two, which are exact, Fisher and Cornish's expansion about the normal one is
// right to 1%.
double student_t(double degrees) {
  if (degrees == 1) return 12.7062;
  if (degrees == 2) return 4.3027;
  const double z = 1.959964, z2 = z * z;
  const double first = (z2 + 1) * z / 4, second = ((5 * z2 + 16) * z2 + 3) * z / 96;
  const double third = (((3 * z2 + 19) * z2 + 17) * z2 - 15) * z / 384;
  return z + (first + (second + third / degrees) / degrees) / degrees;
}

}  // namespace

double mean_interval(std::span<const double> values) {
  const double spread = statistics(values).std, degrees = static_cast<double>(values.size()) - 1;
  return degrees > 0 ? student_t(degrees) * spread / std::sqrt(degrees) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace sigmagrad::lab
