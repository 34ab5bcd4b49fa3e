// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/figure.hpp>

#include <algorithm>

namespace sigmagrad::lab {

bool Panel::empty() const {
  return std::ranges::all_of(series, [](const Series& s) { return s.x.empty(); }) &&
         std::ranges::none_of(matrix.values, [&](double value) { return matrix.shows(value); });
}

Series theory_line(std::vector<double> x, std::vector<double> y, std::string label) {
  return {.label = std::move(label), .role = Role::Theory, .x = std::move(x), .y = std::move(y)};
}

Series printed(std::vector<double> x, std::vector<double> y, std::string label) {
  return {.label = std::move(label), .kind = Kind::Points, .role = Role::Printed, .x = std::move(x), .y = std::move(y)};
}

}  // namespace sigmagrad::lab
