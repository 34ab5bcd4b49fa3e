// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/detail/encoding.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::detail {

static_assert(std::endian::native == std::endian::little, "files are written as the entries lie in memory");

namespace {

template <class T>
T load_item(const std::byte* from, bool swap) {
  std::array<std::byte, sizeof(T)> bytes;
  std::memcpy(bytes.data(), from, sizeof(T));
  if (swap) std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

// Sign, 5 bits of exponent with bias 15, 10 of fraction: IEEE binary16. NaNs keep their bits.
float from_f16(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half >> 15) << 31;
  const std::uint32_t exponent = (half >> 10) & 31U, fraction = half & 1023U;
  if (exponent == 0) {
    const float subnormal = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -subnormal : subnormal;
  }
  const std::uint32_t widened = exponent == 31 ? 255 : exponent + (127 - 15);
  return std::bit_cast<float>(sign | widened << 23 | fraction << 13);
}

// The upper half of a binary32.
float from_bf16(std::uint16_t half) { return std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16); }

// Sign, 4 bits of exponent with bias 7, 3 of fraction; no infinity, and all ones are a NaN: OCP's 8-bit E4M3.
float from_e4m3(std::uint8_t byte) {
  const std::uint32_t sign = static_cast<std::uint32_t>(byte >> 7) << 31;
  const std::uint32_t exponent = (byte >> 3) & 15U, fraction = byte & 7U;
  if (exponent == 0) {
    const float subnormal = static_cast<float>(fraction) * 0x1p-9F;
    return sign != 0 ? -subnormal : subnormal;
  }
  if (exponent == 15 && fraction == 7) return std::bit_cast<float>(sign | 0x7FC00000U);
  return std::bit_cast<float>(sign | (exponent + (127 - 7)) << 23 | fraction << 20);
}

// The upper half of a binary16.
float from_e5m2(std::uint8_t byte) { return from_f16(static_cast<std::uint16_t>(byte << 8)); }

// Whether the digits of the integer, without the zeros at their end, fit the 53 bits of an f64.
template <class T>
bool f64_holds(T value) {
  if constexpr (sizeof(T) < sizeof(double)) {
    return true;
  } else {
    const auto bits = static_cast<std::uint64_t>(value);
    const std::uint64_t magnitude = value < 0 ? 0 - bits : bits;
    return magnitude == 0 || std::bit_width(magnitude) - std::countr_zero(magnitude) <= 53;
  }
}

// Calls f(T{}, convert) with the C++ type of an entry in the file and its value as a number.
template <class F>
decltype(auto) with_encoding(Encoding encoding, F&& f) {
  const auto same = [](auto value) { return value; };
  switch (encoding) {
    case Encoding::F16:
      return f(std::uint16_t{}, from_f16);
    case Encoding::BF16:
      return f(std::uint16_t{}, from_bf16);
    case Encoding::F8E4M3:
      return f(std::uint8_t{}, from_e4m3);
    case Encoding::F8E5M2:
      return f(std::uint8_t{}, from_e5m2);
    case Encoding::F32:
      return f(float{}, same);
    case Encoding::F64:
      return f(double{}, same);
    case Encoding::I8:
      return f(std::int8_t{}, same);
    case Encoding::I16:
      return f(std::int16_t{}, same);
    case Encoding::I32:
      return f(std::int32_t{}, same);
    case Encoding::I64:
      return f(std::int64_t{}, same);
    case Encoding::U8:
      return f(std::uint8_t{}, same);
    case Encoding::U16:
      return f(std::uint16_t{}, same);
    case Encoding::U32:
      return f(std::uint32_t{}, same);
    case Encoding::U64:
      return f(std::uint64_t{}, same);
    case Encoding::Bool:
      break;
  }
  return f(std::uint8_t{}, [](std::uint8_t value) { return value != 0 ? 1.0F : 0.0F; });
}

template <class To, class From, class Convert>
void convert_all(std::span<To> out, std::int64_t first, const std::string& place, Bytes bytes, const Convert& convert,
                 bool swap) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto value = convert(load_item<From>(bytes.data() + i * sizeof(From), swap));
    if constexpr (std::is_integral_v<decltype(value)> && std::is_same_v<To, double>)
      if (!f64_holds(value))
        engine::fail("{}: entry {} is {}, which an f64 does not hold exactly", place,
                     first + static_cast<std::int64_t>(i), value);
    out[i] = static_cast<To>(value);
  }
}

}  // namespace

std::optional<Encoding> encoding_named(std::string_view name) {
  const auto found = std::find(encoding_names.begin(), encoding_names.end(), name);
  if (found == encoding_names.end()) return std::nullopt;
  return static_cast<Encoding>(found - encoding_names.begin());
}

std::size_t item_size(Encoding encoding) {
  return with_encoding(encoding, [](auto entry, const auto&) { return sizeof(entry); });
}

Dtype dtype_for(Encoding encoding) { return encoding > Encoding::F64 && encoding < Encoding::I8 ? f32 : f64; }

Shape make_shape(const std::string& place, std::span<const std::int64_t> sizes) {
  try {
    return Shape(sizes);
  } catch (const Error& error) {
    engine::fail("{}: {}", place, error.what());
  }
}

std::int64_t byte_count(const std::string& place, const Shape& shape, Encoding encoding) {
  std::int64_t bytes = 0;
  if (__builtin_mul_overflow(shape.numel(), static_cast<std::int64_t>(item_size(encoding)), &bytes))
    engine::fail("{}: too many entries: {}", place, shape.str());
  return bytes;
}

void decode_into(Tensor& out, std::int64_t first, const std::string& place, Bytes bytes, Encoding encoding, bool swap) {
  const auto fill = [&]<class To>(std::span<To> all) {
    with_encoding(encoding, [&]<class From>(From, const auto& convert) {
      const auto entries = all.subspan(static_cast<std::size_t>(first), bytes.size() / sizeof(From));
      if (std::is_same_v<From, To> && !swap) {
        if (!bytes.empty()) std::memcpy(entries.data(), bytes.data(), bytes.size());
      } else {
        convert_all<To, From>(entries, first, place, bytes, convert, swap);
      }
    });
  };
  if (out.dtype() == f64)
    fill(out.mutable_data<double>());
  else
    fill(out.mutable_data<float>());
}

Tensor decode(const std::string& place, Bytes bytes, Encoding encoding, const Shape& shape, Dtype dtype, bool swap) {
  const auto expected = byte_count(place, shape, encoding);
  if (bytes.size() != static_cast<std::size_t>(expected))
    engine::fail("{}: {} needs {} bytes, the file has {}", place, shape.str(), expected, bytes.size());
  Tensor out = empty(shape, dtype);
  decode_into(out, 0, place, bytes, encoding, swap);
  return out;
}

Bytes bytes_of(const Tensor& tensor) {
  return tensor.dtype() == f64 ? std::as_bytes(tensor.data<double>()) : std::as_bytes(tensor.data<float>());
}

}  // namespace sigmagrad::detail
