// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/figures/thinning.hpp>

#include <algorithm>
#include <cmath>

namespace sigmagrad::lab::detail {

namespace {

constexpr std::size_t few = 500;
constexpr double strips = 180;  // of two points each

bool is_line(const Series& series) {
  return (series.kind == Kind::Line || series.kind == Kind::Band) && std::ranges::is_sorted(series.x);
}

void keep(const std::vector<double>& y, std::size_t first, std::size_t last, std::vector<bool>& drawn) {
  const auto from = y.begin() + static_cast<std::ptrdiff_t>(first), to = y.begin() + static_cast<std::ptrdiff_t>(last);
  const auto [low, high] = std::minmax_element(from, to);
  drawn[first] = drawn[last - 1] = true;
  drawn[static_cast<std::size_t>(low - y.begin())] = drawn[static_cast<std::size_t>(high - y.begin())] = true;
}

}  // namespace

std::vector<bool> drawn_points(const Series& series, bool log_x) {
  const auto& x = series.x;
  if (x.size() <= few || !is_line(series)) return std::vector<bool>(x.size(), true);
  std::vector<bool> drawn(x.size());
  std::size_t first = 0;
  while (log_x && first + 1 < x.size() && x[first] <= 0) ++first;  // has no place on the axis
  const auto place = [&](double at) { return log_x ? std::log(at) : at; };
  const double begin = place(x[first]), width = std::max((place(x.back()) - begin) / strips, 1e-300);
  const auto strip = [&](std::size_t i) { return std::floor((place(x[i]) - begin) / width); };
  for (std::size_t i = first; i < x.size(); ++i)
    if (i + 1 == x.size() || strip(i + 1) != strip(first)) {
      keep(series.y, first, i + 1, drawn);
      first = i + 1;
    }
  return drawn;
}

}  // namespace sigmagrad::lab::detail
