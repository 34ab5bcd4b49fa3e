// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/power_law.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <span>
#include <vector>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::linalg {
namespace {

constexpr std::int64_t least_values = 10, least_plausible_tail = 50;

// What a tail of ascending logarithms is fitted by.
struct TailFit {
  std::int64_t first = -1;  // the tail begins here; -1 where no tail has a fit
  double slope = 0.0;       // alpha - 1
  double distance = std::numeric_limits<double>::infinity();
};

// Finds the tail with the least distance. A distance is a maximum over the tail, so that one value further away than
// the best distance found rules a candidate out, and mostly it is the value that ruled out the candidate before: some
// candidates are looked at through all of their tail, the others at one value.
class TailSearch {
 public:
  TailFit operator()(std::span<const double> logs) {
    logs_ = logs;
    best_ = {};
    const auto count = std::ssize(logs);
    sums_.assign(logs.size(), 0.0);
    for (std::int64_t i = count - 2; i >= 0; --i)
      sums_[i] = sums_[i + 1] + (logs[i + 1] - logs[i]) * double(count - 1 - i);
    const auto stride = std::max<std::int64_t>(1, std::llround(std::sqrt(static_cast<double>(count))));
    for (std::int64_t i = 0; i < count; i += stride) consider(i);
    for (std::int64_t i = 0; i < count; ++i)
      if (i % stride != 0) consider(i);
    return best_;
  }

 private:
  void consider(std::int64_t first) {
    if (first > 0 && logs_[first] == logs_[first - 1]) return;  // equal values belong to one tail
    if (!(sums_[first] > 0.0)) return;
    const auto count = std::ssize(logs_);
    const double size = static_cast<double>(count - first);
    const double slope = size / sums_[first];
    const auto gap = [&](std::int64_t i) {
      const double below = -std::expm1(slope * (logs_[first] - logs_[i]));
      return std::abs(below - static_cast<double>(i - first) / size);
    };
    const auto too_far = [&](double distance) {
      return distance > best_.distance || (distance == best_.distance && first > best_.first);
    };
    if (farthest_ > first && too_far(gap(farthest_))) return;
    double distance = 0.0;
    for (std::int64_t i = first; i < count; ++i) {
      const double here = gap(i);
      if (here <= distance) continue;
      distance = here;
      farthest_ = i;
      if (too_far(distance)) return;
    }
    best_ = {first, slope, distance};
  }

  std::span<const double> logs_;
  std::vector<double> sums_;   // of logs[j] - logs[i] over j >= i
  std::int64_t farthest_ = 0;  // the value that ruled out the last candidate
  TailFit best_;
};

// The positive values, ascending.
std::vector<double> positive_ascending(const Tensor& values) {
  const auto all = values.to_vector();
  const auto bad = std::count_if(all.begin(), all.end(), [](double x) { return !std::isfinite(x); });
  if (bad > 0) engine::fail("fit_power_law: {} of {} values are not finite", bad, all.size());
  std::vector<double> result;
  std::copy_if(all.begin(), all.end(), std::back_inserter(result), [](double x) { return x > 0.0; });
  std::sort(result.begin(), result.end());
  return result;
}

// alpha - 1 of each set drawn with replacement, ascending.
std::vector<double> resampled_slopes(std::span<const double> logs, const PowerLawOptions& options) {
  TailSearch search;
  std::vector<std::int64_t> draws(logs.size()), times(logs.size());
  std::vector<double> drawn, slopes;
  for (int i = 0; i < options.resamples; ++i) {
    Generator(options.seed, static_cast<std::uint64_t>(i), 0).integers(0, std::ssize(logs), draws);
    std::fill(times.begin(), times.end(), 0);
    for (const auto place : draws) ++times[place];
    drawn.clear();
    for (std::size_t place = 0; place < times.size(); ++place) drawn.insert(drawn.end(), times[place], logs[place]);
    const TailFit fit = search(drawn);
    if (fit.first >= 0) slopes.push_back(fit.slope);
  }
  std::sort(slopes.begin(), slopes.end());
  return slopes;
}

// Between two of some ascending numbers where it falls between them.
double quantile(std::span<const double> x, double part) {
  if (x.empty()) return std::nan("");
  const double place = part * static_cast<double>(x.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, x.size() - 1);
  return x[below] + (place - static_cast<double>(below)) * (x[above] - x[below]);
}

// The part of sets, drawn from the values below the tail and from the law above (section 4.1), whose own fit is as far
// from them as `fit` is from `logs`.
double p_value(std::span<const double> logs, const TailFit& fit, const PowerLawOptions& options) {
  TailSearch search;
  const auto count = std::ssize(logs);
  const double body = static_cast<double>(fit.first);
  std::vector<double> draws(logs.size()), drawn(logs.size());
  int as_far = 0;
  for (int i = 0; i < options.resamples; ++i) {
    Generator(options.seed, static_cast<std::uint64_t>(i), 1).uniform(draws);
    for (std::int64_t j = 0; j < count; ++j) {
      // One uniform number decides where the value lies, and its place there.
      const double place = draws[j] * static_cast<double>(count);
      drawn[j] = place < body
                     ? logs[static_cast<std::int64_t>(place)]
                     : logs[fit.first] - std::log1p(-(place - body) / (static_cast<double>(count) - body)) / fit.slope;
    }
    std::sort(drawn.begin(), drawn.end());
    as_far += search(drawn).distance >= fit.distance;
  }
  return static_cast<double>(as_far) / options.resamples;
}

}  // namespace

PowerLaw fit_power_law(const Tensor& values, const PowerLawOptions& options) {
  if (options.resamples < 0) engine::fail("fit_power_law: resamples must be >= 0 (got {})", options.resamples);
  const auto sorted = positive_ascending(values);
  PowerLaw result;
  if (std::ssize(sorted) < least_values) return result;
  auto logs = sorted;
  for (double& x : logs) x = std::log(x);
  const TailFit fit = TailSearch()(logs);
  if (fit.first < 0) return result;
  result.alpha = 1.0 + fit.slope;
  result.xmin = sorted[fit.first];
  result.distance = fit.distance;
  result.tail = std::ssize(logs) - fit.first;
  if (options.resamples == 0) return result;
  const auto slopes = resampled_slopes(logs, options);
  result.alpha_low = 1.0 + quantile(slopes, 0.025);
  result.alpha_high = 1.0 + quantile(slopes, 0.975);
  result.p_value = p_value(logs, fit, options);
  result.plausible = result.p_value >= 0.1 && result.tail >= least_plausible_tail;
  return result;
}

}  // namespace sigmagrad::linalg
