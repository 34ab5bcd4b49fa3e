// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sigmagrad/inspect/comparison.hpp>
#include <sigmagrad/lab/model/figure.hpp>

namespace sigmagrad::inspection {

/// A matrix in the files after the first: where it could be compared, the number of the file, from 1.
struct MatrixHistory {
  std::string name = {};
  std::vector<std::pair<std::size_t, const MatrixChange::Measured*>> changes = {};
};

/// The histories of all matrices, in the order of the first file, which refer to `changes`.
std::vector<MatrixHistory> histories(const std::vector<FileChanges>& changes);

/// Its spectra and, beside one other file, the principal angles; over several, curves of the errors, angles and ranks.
lab::Figure history_figure(const MatrixHistory& history, const std::string& name);

/// Medians over the matrices with quartiles, file by file; of one other file, a mark a matrix.
lab::Figure changes_overview(const std::vector<MatrixHistory>& all, std::size_t files, const std::string& name);

}  // namespace sigmagrad::inspection
