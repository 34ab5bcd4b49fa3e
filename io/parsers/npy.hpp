// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/io/parsers/stored_array.hpp>

namespace sigmagrad::detail {

struct NpyHeader {
  Encoding encoding = Encoding::F64;
  Shape shape = {};
  bool swapped = false, fortran = false;
  std::size_t begin = 0;   // where the entries are
  std::uint64_t size = 0;  // of the whole file
};

/// No header is longer, whatever its version.
inline constexpr std::size_t npy_header_limit = std::size_t{1} << 16;

/// From the first bytes of a file, npy_header_limit of them or all; `place` begins the message of an Error.
NpyHeader parse_npy_header(Bytes start, const std::string& place);
StoredArray npy_array(Bytes bytes, const std::string& place);
Tensor parse_npy(Bytes bytes, const std::string& place);

/// The array that a header announces, without its bytes.
StoredArray announced(const NpyHeader& header);

/// What precedes the entries of a tensor, in C order.
std::string npy_header(const Shape& shape, Dtype dtype);

}  // namespace sigmagrad::detail
