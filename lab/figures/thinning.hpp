// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include <sigmagrad/lab/model/figure.hpp>

namespace sigmagrad::lab::detail {

/// The points of a series that are drawn; the data keep all of them. A long line shows, in each of the strips that a
/// plot's width has room for, its first and last point and its extremes: what the eye would see of all of them.
std::vector<bool> drawn_points(const Series& series, bool log_x);

}  // namespace sigmagrad::lab::detail
