// SPDX-License-Identifier: BSD-3-Clause
// How the matrices of one file differ from those of others: what fine-tuning, training or quantising has changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sigmagrad/inspect/inspector.hpp>
#include <sigmagrad/inspect/sheet.hpp>
#include <sigmagrad/linalg/components.hpp>

namespace sigmagrad::inspection {

/// The singular values of a matrix and what they say.
struct Spectrum {
  explicit Spectrum(std::vector<double> descending);

  std::vector<double> values;
  double stable_rank = 0, effective_rank = 0, cond = 0;
};

/// A matrix W of the first file beside the one of that name in another file, V.
struct MatrixChange {
  std::string name = {};
  std::vector<std::int64_t> shape = {};
  std::string note = {};  // how a kernel was made a matrix, or why nothing was compared
  struct Measured {
    RelativeErrors errors;     // of V against W
    double distance;           // ||V - W||_F
    double spectrum_distance;  // root of the sum of (s_i(V) - s_i(W))^2: at most `distance` (Mirsky)
    std::vector<double> left_angles, right_angles;  // degrees, largest first
    Spectrum before, after;                         // W's and V's
  };
  std::optional<Measured> measured = {};
};

struct FileChanges {
  std::string from = {}, to = {};
  std::string error = {};
  std::vector<MatrixChange> matrices = {};
  std::vector<std::string> only_from = {}, only_to = {};  // tensors without a partner

  bool is_empty() const { return error.empty() && matrices.empty() && only_from.empty() && only_to.empty(); }
};

/// Subspaces of so many leading singular vectors are compared, or of half as many as there are where those are fewer.
inline constexpr std::int64_t leading_vectors = 10;

/// Compares the first file with each of the others: what has two axes or more, by its name. A matrix of the first file
/// is read and decomposed once. KernelView::Exact has no matrix to compare: an Error. Where the first file cannot be
/// read, the one result says so.
std::vector<FileChanges> compare_files(const std::vector<std::filesystem::path>& files, const InspectorOptions& options,
                                       const std::function<Watch(std::size_t matrices)>& watch_of);

const std::vector<Column<MatrixChange>>& change_columns();

}  // namespace sigmagrad::inspection
