// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <sigmagrad/inspect/tensor_row.hpp>
#include <sigmagrad/lab/model/figure.hpp>

namespace sigmagrad::inspection {

/// Singular values in order and the density of their squares, both on log axes, with Marchenko and Pastur's curves for
/// noise of that shape and size, and the power law where one was fitted. Nothing where fewer than three values are
/// positive.
std::optional<lab::Figure> spectrum_figure(const TensorRow& row, const std::string& name);

/// Condition, ranks, spectral norms and exponents of all matrices, numbered from 1. Nothing where there are none.
std::optional<lab::Figure> overview_figure(const std::vector<TensorRow>& rows, const std::string& name);

}  // namespace sigmagrad::inspection
