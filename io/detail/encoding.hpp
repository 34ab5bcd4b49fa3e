// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include <sigmagrad/autograd/tensor/tensor.hpp>
#include <sigmagrad/io/file.hpp>

// The entries of a file, of whatever type it keeps them in, as a tensor.
namespace sigmagrad::detail {

enum class Encoding : std::uint8_t { F16, BF16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Bool };

std::size_t item_size(Encoding encoding);
/// f32 holds every F16, BF16 and F32; the others become f64.
Dtype dtype_for(Encoding encoding);

/// `place` begins the message of an Error: the file and the tensor. Errors for more axes or entries than a tensor has.
Shape make_shape(const std::string& place, std::span<const std::int64_t> sizes);
/// Bytes of so many entries; Error where they are more than an int64 counts.
std::int64_t byte_count(const std::string& place, const Shape& shape, Encoding encoding);

/// `bytes` are shape.numel() entries, row-major; with `swap`, each in the other byte order than this machine's. A
/// value that a 64-bit integer holds and f64 does not is an Error where the result is f64.
Tensor decode(const std::string& place, Bytes bytes, Encoding encoding, const Shape& shape, Dtype dtype, bool swap);

/// The entries in row-major order, as this machine keeps them.
Bytes bytes_of(const Tensor& tensor);

}  // namespace sigmagrad::detail
