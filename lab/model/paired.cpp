// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/paired.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/model/statistics.hpp>

namespace sigmagrad::lab {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(), level = 0.05;

double normal_tail(double z) { return std::erfc(z / std::sqrt(2.0)) / 2.0; }

// Twice the rank of each size, the mean of their ranks where several are equal: whole numbers.
std::vector<std::size_t> doubled_ranks(const std::vector<double>& sizes) {
  std::vector<std::size_t> order(sizes.size()), ranks(sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return sizes[i]; });
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && sizes[order[end]] == sizes[order[begin]]) ++end;
    for (std::size_t k = begin; k < end; ++k) ranks[order[k]] = begin + end + 1;
    begin = end;
  }
  return ranks;
}

// The probability of each sum of those ranks whose sign is positive, if every sign is as likely as not.
std::vector<double> sum_distribution(const std::vector<std::size_t>& ranks) {
  std::vector<double> probability{1.0};
  for (const std::size_t rank : ranks) {
    std::vector<double> next(probability.size() + rank, 0.0);
    for (std::size_t sum = 0; sum < probability.size(); ++sum) {
      next[sum] += probability[sum] / 2.0;
      next[sum + rank] += probability[sum] / 2.0;
    }
    probability = std::move(next);
  }
  return probability;
}

double normal_p(double positive, const std::vector<std::size_t>& ranks) {
  double mean = 0, variance = 0;
  for (const std::size_t rank : ranks) {
    const auto r = static_cast<double>(rank);
    mean += r / 2.0;
    variance += r * r / 4.0;
  }
  return 2.0 * normal_tail(std::abs(positive - mean) / std::sqrt(variance));
}

// The largest number of values below which the lower end of an interval may lie: P(X < it) <= 2.5% of `probability`.
std::size_t cut_off(const std::vector<double>& probability) {
  double below = 0;
  std::size_t cut = 0;
  while (cut < probability.size() && below + probability[cut] <= level / 2.0) below += probability[cut++];
  return cut;
}

// The interval between the cut-th of the sorted values and the one as far from the other end.
Interval between_ranks(const std::vector<double>& sorted, std::size_t cut) {
  if (cut == 0) return {-infinity, infinity};
  return {sorted[cut - 1], sorted[sorted.size() - cut]};
}

// Above 200 values: the number of sums below the interval by the normal distribution.
std::size_t normal_cut(double mean, double variance) {
  return static_cast<std::size_t>(std::max(0.0, std::floor(mean - 1.959964 * std::sqrt(variance))));
}

constexpr std::size_t exact = 200;

}  // namespace

double signed_rank_p(std::span<const double> differences) {
  std::vector<double> sizes;
  std::vector<bool> positive;
  for (const double d : differences) {
    if (d == 0.0) continue;
    sizes.push_back(std::abs(d));
    positive.push_back(d > 0.0);
  }
  if (sizes.empty()) return 1.0;
  const auto ranks = doubled_ranks(sizes);
  std::size_t sum = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) sum += positive[i] ? ranks[i] : 0;
  if (ranks.size() > exact) return normal_p(static_cast<double>(sum), ranks);
  const auto probability = sum_distribution(ranks);
  const auto at = probability.begin() + static_cast<std::ptrdiff_t>(sum);
  const double below = std::accumulate(probability.begin(), at + 1, 0.0);
  const double above = std::accumulate(at, probability.end(), 0.0);
  return std::min(1.0, 2.0 * std::min(below, above));
}

Centre centre(std::span<const double> values) {
  if (values.empty()) throw Error("centre: no values");
  std::vector<double> means;
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = i; j < values.size(); ++j) means.push_back((values[i] + values[j]) / 2.0);
  std::ranges::sort(means);
  const auto n = values.size();
  const auto m = static_cast<double>(n);
  std::vector<std::size_t> ranks(n);
  std::iota(ranks.begin(), ranks.end(), std::size_t{1});
  const auto cut = n > exact ? normal_cut(m * (m + 1.0) / 4.0, m * (m + 1.0) * (2.0 * m + 1.0) / 24.0)
                             : cut_off(sum_distribution(ranks));
  return {.value = quantile(means, 0.5), .interval = between_ranks(means, cut)};
}

Interval median_interval(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const auto n = static_cast<double>(sorted.size());
  const auto cut = sorted.size() > exact
                       ? normal_cut(n / 2.0, n / 4.0)
                       : cut_off(sum_distribution(std::vector<std::size_t>(sorted.size(), std::size_t{1})));
  return between_ranks(sorted, cut);
}

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p_values[i]; });
  std::vector<double> corrected(p_values.size());
  double largest = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    largest = std::max(largest, std::min(1.0, static_cast<double>(order.size() - k) * p_values[order[k]]));
    corrected[order[k]] = largest;
  }
  return corrected;
}

}  // namespace sigmagrad::lab
