// SPDX-License-Identifier: BSD-3-Clause
// The rows of files: every matrix is read, decomposed and dropped again.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <sigmagrad/inspect/tensor_row.hpp>
#include <sigmagrad/inspect/workers.hpp>
#include <sigmagrad/io/tensor_file.hpp>
#include <sigmagrad/linalg/inspect.hpp>

namespace sigmagrad::inspection {

struct InspectorOptions {
  InspectOptions matrix = {};
  std::vector<std::string> only = {};  // patterns of names, as a shell's; all where there is none
  int jobs = 0;                        // 0: as many as there are cores
};

/// Whether a name is asked for.
bool is_wanted(const std::string& name, const std::vector<std::string>& patterns);

/// The row of a tensor before it is read, with the reason in its note if there is nothing to measure.
TensorRow row_of(const TensorEntry& entry);

/// The time that a tensor's decomposition takes, up to a factor.
double cost_of(const TensorRow& row);

/// How a kernel of three axes or more is seen as a matrix, and what else is to be known before its numbers are read.
std::string note_of(const TensorRow& row, const InspectOptions& options);

/// "3 NaN and 1 infinite of 120 entries"; nothing where all are finite.
std::string non_finite_note(const Tensor& values);

/// A row for each tensor that is asked for, in the order of files and of tensors within them, the same for any number
/// of jobs. `watch.advance` is called once a matrix. What an interrupt leaves undone says so in its note.
std::vector<FileRows> inspect_files(const std::vector<std::filesystem::path>& files, const InspectorOptions& options,
                                    const std::function<Watch(std::size_t matrices)>& watch_of);

}  // namespace sigmagrad::inspection
