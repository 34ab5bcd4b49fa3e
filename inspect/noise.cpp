// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/noise.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

#include <sigmagrad/linalg/marchenko_pastur.hpp>

namespace sigmagrad::inspection {

Noise::Noise(const MatrixSummary& matrix)
    : sigma_(matrix.mp_sigma),
      edge_(std::isfinite(matrix.mp_edge) ? matrix.mp_edge : 0.0),
      lower_(sigma_ *
             std::abs(std::sqrt(static_cast<double>(matrix.rows)) - std::sqrt(static_cast<double>(matrix.columns)))),
      rows_(matrix.rows),
      columns_(matrix.columns) {}

double Noise::density(double s) const { return linalg::marchenko_pastur_density(s, sigma_, rows_, columns_); }

std::vector<double> Noise::points() const {
  constexpr int count = 1000;
  std::vector<double> points;
  for (int i = 0; i <= count; ++i)
    points.push_back(lower_ + (edge_ - lower_) * (1 - std::cos(std::numbers::pi * i / count)) / 2);
  return points;
}

std::vector<double> Noise::values(std::size_t count) const {
  const auto s = points();
  std::vector<double> below{0.0};  // the part of the values below each point, by the trapezoidal rule
  for (std::size_t i = 1; i < s.size(); ++i)
    below.push_back(below.back() + (s[i] - s[i - 1]) * (density(s[i]) + density(s[i - 1])) / 2);
  const double all = below.back(), number = static_cast<double>(std::min(rows_, columns_));
  std::vector<double> values;
  for (std::size_t k = 0; k < count; ++k) {
    const double part = all * std::max(0.0, 1 - (static_cast<double>(k) + 0.5) / number);
    const auto after = std::clamp<std::ptrdiff_t>(std::ranges::upper_bound(below, part) - below.begin(), 1,
                                                  static_cast<std::ptrdiff_t>(below.size()) - 1);
    const auto i = static_cast<std::size_t>(after);
    const double step = below[i] - below[i - 1];
    values.push_back(s[i - 1] + (s[i] - s[i - 1]) * (step > 0 ? (part - below[i - 1]) / step : 0.5));
  }
  return values;
}

std::pair<std::vector<double>, std::vector<double>> Noise::density_of_squares(double least) const {
  constexpr std::size_t stride = 5;
  const auto s = points();
  std::pair<std::vector<double>, std::vector<double>> curve;
  for (std::size_t i = stride; i + stride < s.size(); i += stride) {
    if (s[i] * s[i] < least) continue;
    curve.first.push_back(s[i] * s[i]);
    curve.second.push_back(density(s[i]) / (2 * s[i]));  // ds/d(s^2)
  }
  return curve;
}

}  // namespace sigmagrad::inspection
