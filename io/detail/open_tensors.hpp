// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include <sigmagrad/io/parsers/stored_array.hpp>

namespace sigmagrad::detail {

/// An array, and the file in which its bytes lie.
struct OpenArray {
  StoredArray array;
  std::shared_ptr<const MappedFile> file;
};

/// What a TensorFile holds.
struct OpenTensors {
  std::filesystem::path path = {};
  std::vector<std::filesystem::path> files = {};
  std::vector<TensorEntry> entries = {};
  std::vector<OpenArray> arrays = {};  // those of the entries
};

/// Reads what a file, and those that it names, say of their arrays.
OpenTensors open_arrays(const std::filesystem::path& path);

/// Whether the file says by its name that it lists the shards of a model.
bool is_shard_index(const std::filesystem::path& path);
/// The suffix in lower case.
std::string lower_suffix(const std::filesystem::path& path);

}  // namespace sigmagrad::detail
