// SPDX-License-Identifier: BSD-3-Clause
// The panels of spectral/structures.
#pragma once

#include <vector>

#include <sigmagrad/experiments/spectral/targets.hpp>

namespace sigmagrad::experiments::spectral {

/// What spectral/structures trains beside the matrix.
inline const Text multipliers_or_none{
    .name = "correction", .help = "what is trained beside the matrix", .quick = {"sgd", "multipliers"}};
inline const Selection plain = multipliers_or_none == "sgd", corrected = multipliers_or_none == "multipliers";
inline const Quantity squared_row_length{.name = "squared_row_length",
                                         .label = "mean squared length of the target's rows"};

/// A panel for each structure that was run.
PanelFunction for_each_structure(std::vector<Plot> (*plots)(const Structure&, const Results&));

/// The eight components with and without multipliers, at the largest size of the results.
std::vector<Plot> with_and_without_multipliers(const Structure& one, const Results& results);
/// Condition number, gap, rank and, to compare with, the rows of plain SGD; and what a norm is made of.
std::vector<Plot> spectrum_by_dimension(const Structure& one, const Results& results);
std::vector<Plot> norms_by_dimension(const Structure& one, const Results& results);

/// The components of plain SGD, a bar a structure.
Panel plain_sgd(const Results& results);
/// What multipliers leave of the row norms' error against the squared length of the rows, a point a trial.
Panel by_length_of_rows(const Results& results);

}  // namespace sigmagrad::experiments::spectral
