// SPDX-License-Identifier: BSD-3-Clause
// Files in which unfinished trials keep what they would go on from: DIR/checkpoints/FAMILY-NAME/KEY.safetensors.
#pragma once

#include <filesystem>
#include <span>

#include <sigmagrad/lab/run/task.hpp>

namespace sigmagrad::lab {

/// The file of a trial, named by the key under which its row is stored; empty if the run writes nothing.
std::filesystem::path checkpoint_of(const Task& task);

/// Removes the files of trials that are stored as done; one that failed may go on when it is asked for again. Folders
/// stay, for another trial may be about to write there.
void drop_checkpoints(const std::filesystem::path& out, std::span<const Finished> stored);
/// Removes folders without files, once no trial runs.
void drop_empty_folders(const std::filesystem::path& out);
/// Removes those of a whole experiment.
void drop_checkpoints(const std::filesystem::path& out, const Experiment& experiment);

}  // namespace sigmagrad::lab
