// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <optional>

#include <sigmagrad/io/detail/encoding.hpp>
#include <sigmagrad/io/detail/mapped_file.hpp>
#include <sigmagrad/io/tensor_file.hpp>

namespace sigmagrad::detail {

/// Bytes and what the file says their CRC-32 is.
struct Checksum {
  Bytes bytes;
  std::uint32_t expected = 0;
};

/// Looks at the bytes, in pieces, which `file` gives back; Error, beginning with `place`, where they have another sum.
void check(const Checksum& checksum, const std::string& place, const MappedFile* file = nullptr);

/// An array as the bytes of a file keep it, checked as far as this is possible without looking at its entries.
struct StoredArray {
  TensorEntry entry = {};
  Encoding encoding = Encoding::F32;
  Bytes bytes = {};  // the entries; with strides, from the first one to the last that is reached
  bool swapped = false;
  std::vector<std::int64_t> strides = {};  // >= 0, in entries, one an axis; none: row-major
  std::optional<Checksum> checksum = {};
  /// Makes the row-major entries where the file has another form of them, such as a compressed one; it is given the
  /// beginning of an Error's message.
  std::function<std::vector<std::byte>(const std::string& place)> unpack = {};
};

/// The strides of a row-major array.
std::vector<std::int64_t> row_major(std::span<const std::int64_t> sizes);

/// The array, in dtype_for(encoding); with `file`, in which the bytes lie, its memory is given back. `place` begins the
/// message of an Error.
Tensor read_array(const StoredArray& array, const std::string& place, const MappedFile* file = nullptr);

}  // namespace sigmagrad::detail
