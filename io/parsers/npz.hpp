// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/io/named_tensors.hpp>
#include <sigmagrad/io/parsers/stored_array.hpp>
#include <sigmagrad/io/parsers/zip.hpp>

namespace sigmagrad::detail {

/// The arrays in the archive's order; what is no array has its problem.
std::vector<StoredArray> npz_arrays(const std::vector<ZipEntry>& entries);
/// With names, only the entries of those names.
NamedTensors parse_npz(Bytes bytes, const std::string& file, const std::vector<std::string>& names = {});

}  // namespace sigmagrad::detail
