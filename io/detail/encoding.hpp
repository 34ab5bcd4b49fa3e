// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <sigmagrad/autograd/tensor/tensor.hpp>
#include <sigmagrad/io/file.hpp>

// The entries of a file, of whatever type it keeps them in, as a tensor.
namespace sigmagrad::detail {

enum class Encoding : std::uint8_t { F64, F32, F16, BF16, F8E4M3, F8E5M2, I8, I16, I32, I64, U8, U16, U32, U64, Bool };

/// The encodings' names in their order, as safetensors has them.
inline constexpr std::array<std::string_view, 15> encoding_names{
    "F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64", "BOOL"};
inline std::string name_of(Encoding encoding) {
  return std::string(encoding_names[static_cast<std::size_t>(encoding)]);
}
/// Nothing where there is no encoding of that name.
std::optional<Encoding> encoding_named(std::string_view name);

std::size_t item_size(Encoding encoding);
/// f32 holds every F32, F16, BF16 and F8; the others become f64.
Dtype dtype_for(Encoding encoding);

/// `place` begins the message of an Error: the file and the tensor. Errors for more axes or entries than a tensor has.
Shape make_shape(const std::string& place, std::span<const std::int64_t> sizes);
/// Bytes of so many entries; Error where they are more than an int64 counts.
std::int64_t byte_count(const std::string& place, const Shape& shape, Encoding encoding);

/// The numbers of `bytes`, in the entries of `out` from number `first` on; as decode.
void decode_into(Tensor& out, std::int64_t first, const std::string& place, Bytes bytes, Encoding encoding, bool swap);

/// `bytes` are shape.numel() entries, row-major; with `swap`, each in the other byte order than this machine's. A
/// value that a 64-bit integer holds and f64 does not is an Error where the result is f64.
Tensor decode(const std::string& place, Bytes bytes, Encoding encoding, const Shape& shape, Dtype dtype, bool swap);

/// The entries in row-major order, as this machine keeps them.
Bytes bytes_of(const Tensor& tensor);
Bytes bytes_of(const Tensor&& tensor) = delete;  // it would not outlive the line

}  // namespace sigmagrad::detail
