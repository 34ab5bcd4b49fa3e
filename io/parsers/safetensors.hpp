// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>
#include <vector>

#include <sigmagrad/io/parsers/stored_array.hpp>
#include <sigmagrad/io/safetensors.hpp>

namespace sigmagrad::detail {

/// What a safetensors header says of one tensor.
struct SafetensorsEntry {
  std::string name, dtype = {};
  std::vector<std::int64_t> shape = {};
  std::vector<std::uint64_t> offsets = {};  // [begin, end) within what follows the header
  bool has_shape = false;
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;
  Metadata metadata = {};
};

/// Reads the header's JSON, which has one form; `file` begins the message of an Error. Entries are in the header's
/// order and complete; whether they make sense is not looked at.
SafetensorsHeader parse_safetensors_header(std::string_view json, const std::string& file);

struct SafetensorsArrays {
  std::vector<StoredArray> arrays = {};  // in the order of their bytes
  Metadata metadata = {};
};

/// Checks that the entries fill the file without holes. One of an unknown dtype has its problem.
SafetensorsArrays safetensors_arrays(Bytes bytes, const std::string& file);

struct SafetensorsFile {
  NamedTensors tensors = {};
  Metadata metadata = {};
};

SafetensorsFile parse_safetensors(Bytes bytes, const std::string& file);

/// What precedes the entries: the header's length and the header. Errors name `file`.
std::string safetensors_header(const NamedTensors& tensors, const Metadata& metadata, const std::string& file);

}  // namespace sigmagrad::detail
