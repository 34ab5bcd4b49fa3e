// SPDX-License-Identifier: BSD-3-Clause
// The report's tables as files: .csv with full precision, one row a group and metric or a claim, and .tex (booktabs and
// longtable) for a paper.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sigmagrad/lab/report/evaluation.hpp>

namespace sigmagrad::lab {

/// A table's cells, header first.
using Cells = std::vector<std::vector<std::string>>;

std::string csv_table(const Cells& cells);
/// The first `narrow` columns are as wide as their entries, the others share the rest of the line.
std::string latex_table(const Cells& cells, std::size_t narrow);

/// spectral-depth for spectral/depth: tables/spectral-depth.csv, spectral-depth-claims.tex and so on.
std::string file_stem(const Experiment& experiment);

/// Writes the tables of each experiment, and claims.csv and claims.tex of them all, into the folder.
void write_tables(const std::vector<Evaluation>& evaluations, const std::filesystem::path& folder);

}  // namespace sigmagrad::lab
