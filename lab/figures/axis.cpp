// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/figures/axis.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>

#include <fmt/format.h>

namespace sigmagrad::lab {

namespace {

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = 0;

  void include(double value) {
    if (!(value > 0) || !std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  void include(const std::vector<double>& values) {
    for (const double value : values) include(value);
  }
  bool empty() const { return high == 0; }
};

std::string tick_label(double value) {
  if (value <= 0 || (value >= 1e-3 && value < 1e5)) return fmt::format("{:g}", value);
  const double exponent = std::floor(std::log10(value) + 1e-9);
  const double mantissa = value / std::pow(10.0, exponent);
  const auto power = fmt::format("10^{{{:.0f}}}", exponent);
  return mantissa < 1.5 ? power : fmt::format("{:.0f}·{}", mantissa, power);
}

// Decades, at most eight of them labelled; within less than two decades the steps 1, 2, 5.
std::vector<std::pair<double, std::string>> log_ticks(double low, double high) {
  std::vector<std::pair<double, std::string>> ticks;
  const int first = static_cast<int>(std::floor(std::log10(low))), last = static_cast<int>(std::ceil(std::log10(high)));
  const bool fine = std::log10(high / low) < 2;
  const int stride = std::max(1, (last - first + 7) / 8);
  for (int exponent = first; exponent <= last; exponent += stride)
    for (const int step : {1, 2, 5}) {
      const double value = step * std::pow(10.0, exponent);
      if ((step == 1 || fine) && value >= low * 0.999 && value <= high * 1.001)
        ticks.emplace_back(value, tick_label(value));
    }
  return ticks;
}

Axis padded(const Range& range) {
  if (range.empty()) return {};
  // By parts, since the ratio of what has converged and what has diverged may be no number.
  const double margin = std::max(std::pow(range.high, 0.05) / std::pow(range.low, 0.05), 1.1);
  using Limits = std::numeric_limits<double>;
  Axis axis{.low = std::max(range.low / margin, Limits::min()), .high = std::min(range.high * margin, Limits::max())};
  axis.ticks = log_ticks(axis.low, axis.high);
  return axis;
}

// The values of x where something is measured, or nothing where they are many or their labels would meet.
std::set<double> few_values(const Panel& panel) {
  constexpr std::size_t few = 7, long_label = 6;
  constexpr double apart = 0.1;  // of the axis
  std::set<double> values;
  for (const Series& series : panel.series)
    if (series.role != Role::Theory) values.insert(series.x.begin(), series.x.end());
  if (values.empty() || values.size() > few || (panel.log_x && *values.begin() <= 0)) return {};
  const auto place = [&](double x) { return panel.log_x ? std::log(x) : x; };
  const double least = apart * (place(*values.rbegin()) - place(*values.begin()));
  for (auto value = values.begin(); value != values.end(); ++value) {
    const bool meets = value != values.begin() && place(*value) - place(*std::prev(value)) < least;
    if (meets || fmt::format("{:g}", *value).size() > long_label) return {};
  }
  return values;
}

std::vector<std::pair<double, std::string>> ticks_at(const std::set<double>& values) {
  std::vector<std::pair<double, std::string>> ticks;
  for (const double value : values) ticks.emplace_back(value, tick_label(value));
  return ticks;
}

Axis log_colour_axis(const std::vector<double>& values) {
  Range range;
  range.include(values);
  if (range.empty()) range.include(1);
  if (range.low == range.high) range.low /= 2, range.high *= 2;
  return {.low = range.low, .high = range.high, .ticks = log_ticks(range.low, range.high)};
}

}  // namespace

Axis linear_axis_x(const Panel& panel) { return {.ticks = ticks_at(few_values(panel))}; }

Axis log_axis_x(const Panel& panel) {
  Range range;
  for (const Series& series : panel.series) range.include(series.x);
  Axis axis = padded(range);
  if (const auto values = few_values(panel); !values.empty()) axis.ticks = ticks_at(values);
  return axis;
}

Axis log_axis_y(const Panel& panel) {
  Range curves, bands;
  for (const Series& series : panel.series) {
    curves.include(series.y);
    bands.include(series.low);
    bands.include(series.high);
  }
  if (curves.empty()) return padded(bands);
  constexpr double reach = 30;
  Range range = curves;
  if (!bands.empty()) {
    range.low = std::min(curves.low, std::max(bands.low, curves.low / reach));
    range.high = std::max(curves.high, bands.high);
  }
  return padded(range);
}

Axis colour_axis(const Matrix& matrix) {
  if (matrix.log) return log_colour_axis(matrix.values);
  auto finite = matrix.values;
  std::erase_if(finite, [](double value) { return !std::isfinite(value); });
  if (finite.empty()) return {.low = 0, .high = 1};
  auto [low, high] = std::ranges::minmax(finite);
  if (low < 0 && high > 0) high = std::max(high, -low), low = -high;
  if (low == high) low -= 0.5, high += 0.5;
  return {.low = low, .high = high};
}

}  // namespace sigmagrad::lab
