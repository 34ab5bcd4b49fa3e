// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include <sigmagrad/lab/model/figure.hpp>

namespace sigmagrad::lab::detail {

/// The gnuplot script of a figure whose series are well-formed.
std::string plot_script(const Figure& figure);

}  // namespace sigmagrad::lab::detail
