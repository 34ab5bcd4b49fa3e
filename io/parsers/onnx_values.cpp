// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/parsers/onnx_values.hpp>

#include <algorithm>
#include <cstring>

#include <protozero/pbf_reader.hpp>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::detail {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

constexpr protozero::pbf_tag_type float_data = 4, int32_data = 5, int64_data = 7, double_data = 10, uint64_data = 11;

protozero::pbf_tag_type field_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::F32:
      return float_data;
    case Encoding::F64:
      return double_data;
    case Encoding::I64:
      return int64_data;
    case Encoding::U32:
    case Encoding::U64:
      return uint64_data;
    default:
      return int32_data;
  }
}

// Calls f with each part of the field: many numbers in one (packed), or a single one.
template <class F>
void for_each_part(Bytes message, Encoding encoding, F&& f) {
  const auto field = field_of(encoding);
  const auto single = field == float_data    ? pbf_wire_type::fixed32
                      : field == double_data ? pbf_wire_type::fixed64
                                             : pbf_wire_type::varint;
  pbf_reader reader(reinterpret_cast<const char*>(message.data()), message.size());
  while (reader.next()) {
    const auto type = reader.wire_type();
    if (reader.tag() != field || (type != single && type != pbf_wire_type::length_delimited)) {
      reader.skip();
      continue;
    }
    if (type == pbf_wire_type::length_delimited) {
      const auto view = reader.get_view();
      f(std::as_bytes(std::span(view.data(), view.size())));
    } else {
      const auto* const begin = reader.data().data();
      reader.skip();
      f(std::as_bytes(std::span(begin, reader.data().data())));
    }
  }
}

bool is_fixed(Encoding encoding) { return encoding == Encoding::F32 || encoding == Encoding::F64; }

// The numbers in a part; each varint has one byte below 128, its last.
std::int64_t count_in(Bytes part, Encoding encoding) {
  if (is_fixed(encoding)) return static_cast<std::int64_t>(part.size() / item_size(encoding));
  return std::count_if(part.begin(), part.end(), [](std::byte byte) { return byte < std::byte{128}; });
}

// Appends the low bytes of a number, which must be all that it has but for its sign.
void append(std::vector<std::byte>& out, std::uint64_t value, std::size_t size, const std::string& place) {
  const auto unused = 64 - 8 * size;
  const auto as_signed = static_cast<std::uint64_t>(static_cast<std::int64_t>(value << unused) >> unused);
  const auto as_unsigned = value << unused >> unused;
  if (value != as_signed && value != as_unsigned)
    engine::fail("{}: entry {} is {}, which does not fit {} bytes", place, out.size() / size, value, size);
  std::array<std::byte, sizeof value> bytes;
  std::memcpy(bytes.data(), &value, sizeof value);
  out.insert(out.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
}

std::vector<std::byte> unpacked(Bytes message, Encoding encoding, std::int64_t count, const std::string& place) {
  std::vector<std::byte> out;
  out.reserve(static_cast<std::size_t>(count) * item_size(encoding));
  for_each_part(message, encoding, [&](Bytes part) {
    if (is_fixed(encoding)) {
      out.insert(out.end(), part.begin(), part.end());
      return;
    }
    const auto* at = reinterpret_cast<const char*>(part.data());
    const auto* const end = at + part.size();
    while (at != end) append(out, protozero::decode_varint(&at, end), item_size(encoding), place);
  });
  return out;
}

}  // namespace

void take_values(StoredArray& array, Bytes message, std::int64_t count, const std::string& place) {
  const auto encoding = array.encoding;
  std::int64_t found = 0, parts = 0;
  bool whole = true;
  Bytes last;
  for_each_part(message, encoding, [&](Bytes part) {
    found += count_in(part, encoding);
    ++parts;
    whole = whole && part.size() % item_size(encoding) == 0;
    last = part;
  });
  if (found != count || (is_fixed(encoding) && !whole))
    engine::fail("{}: {} of {} has {} entries, {} are there", place, make_shape(place, array.entry.shape).str(),
                 array.entry.dtype, count, found);
  if (is_fixed(encoding) && parts <= 1) {
    array.bytes = last;
    return;
  }
  array.unpack = [message, encoding, count](const std::string& where) {
    try {
      return unpacked(message, encoding, count, where);
    } catch (const protozero::exception& error) {
      engine::fail("{}: {}", where, error.what());
    }
  };
}

}  // namespace sigmagrad::detail
