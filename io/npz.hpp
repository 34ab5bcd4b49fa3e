// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>

#include <sigmagrad/io/named_tensors.hpp>

// NumPy's format for several arrays: a zip archive of npy files.
namespace sigmagrad {

/// As numpy.savez writes it, not compressed; the same tensors give the same bytes. An existing file is replaced in one
/// step.
void save_npz(const NamedTensors& tensors, const std::filesystem::path& path);

/// What numpy.savez or numpy.savez_compressed wrote, in the archive's order, each entry as load_npy reads it. A file
/// that is not named *.npy, of which numpy.load gives the bytes, is an Error. With names (without .npy), only their
/// entries, in that order; whatever else the archive holds is not looked at. Error for a name that is not there.
NamedTensors load_npz(const std::filesystem::path& path, const std::vector<std::string>& names = {});

}  // namespace sigmagrad
