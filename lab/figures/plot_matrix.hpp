// SPDX-License-Identifier: BSD-3-Clause
// Panels of coloured cells: viridis, or blue to orange about 0. Both survive colour blindness and a grey printer.
#pragma once

#include <cstddef>
#include <string>

#include <sigmagrad/lab/model/figure.hpp>

namespace sigmagrad::lab::detail {

/// Axes, colours and the plot command of a matrix whose cells are the rows of `csv` from `first_row` on.
std::string plot_matrix(const Panel& panel, const std::string& csv, std::size_t first_row);

}  // namespace sigmagrad::lab::detail
