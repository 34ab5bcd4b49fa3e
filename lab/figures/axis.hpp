// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <sigmagrad/lab/model/figure.hpp>

namespace sigmagrad::lab {

/// The range of one axis and its ticks; without ticks the plotting program chooses both.
struct Axis {
  double low = 0;
  double high = 0;
  std::vector<std::pair<double, std::string>> ticks = {};
};

/// Ticks at the values themselves where a few are all there are, short and apart; the range is left open.
Axis linear_axis_x(const Panel& panel);
/// Logarithmic: at the values themselves likewise, else at decades or 1-2-5 between them.
Axis log_axis_x(const Panel& panel);
/// Logarithmic; where a band reaches far below every curve, or below zero, the axis cuts it off.
Axis log_axis_y(const Panel& panel);
/// From the smallest value to the largest; symmetric about 0 where values have both signs. Logarithmic where the matrix
/// asks for it, with ticks as above.
Axis colour_axis(const Matrix& matrix);

}  // namespace sigmagrad::lab
