// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/parsers/safetensors.hpp>

namespace sigmagrad {
namespace detail {
namespace {

constexpr std::uint64_t header_limit = 100'000'000;  // as in the reference implementation

constexpr std::array safetensors_encodings{
    std::pair{"F64", Encoding::F64},   std::pair{"F32", Encoding::F32}, std::pair{"F16", Encoding::F16},
    std::pair{"BF16", Encoding::BF16}, std::pair{"I8", Encoding::I8},   std::pair{"I16", Encoding::I16},
    std::pair{"I32", Encoding::I32},   std::pair{"I64", Encoding::I64}, std::pair{"U8", Encoding::U8},
    std::pair{"U16", Encoding::U16},   std::pair{"U32", Encoding::U32}, std::pair{"U64", Encoding::U64},
    std::pair{"BOOL", Encoding::Bool}};

Encoding safetensors_encoding(const std::string& place, std::string_view dtype) {
  for (const auto& [name, encoding] : safetensors_encodings)
    if (dtype == name) return encoding;
  engine::fail("{}: dtype \"{}\" is not one of F64 F32 F16 BF16 I8 I16 I32 I64 U8 U16 U32 U64 BOOL", place, dtype);
}

// Splits off the header and checks its length.
std::string_view header_text(Bytes bytes, const std::string& file) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length)
    engine::fail("{}: is no safetensors file: {} bytes, expected 8 or more", file, bytes.size());
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > header_limit)
    engine::fail("{}: is no safetensors file: the header has {} bytes, expected at most {}", file, length,
                 header_limit);
  const auto rest = bytes.subspan(sizeof length);
  if (length > rest.size())
    engine::fail("{}: the header has {} bytes, the file only {} more", file, length, rest.size());
  return {reinterpret_cast<const char*>(rest.data()), static_cast<std::size_t>(length)};
}

// The tensor of an entry that begins where the one before it ended.
Tensor read_entry(const SafetensorsEntry& entry, Bytes data, std::uint64_t expected_begin, const std::string& file) {
  const std::string place = fmt::format("{}: \"{}\"", file, entry.name);
  const auto encoding = safetensors_encoding(place, entry.dtype);
  const Shape shape = make_shape(place, entry.shape);
  const auto begin = entry.offsets[0], end = entry.offsets[1];
  if (begin != expected_begin)
    engine::fail("{}: begins at byte {}, expected {}: entries must neither overlap nor leave holes", place, begin,
                 expected_begin);
  if (end < begin || end > data.size())
    engine::fail("{}: data_offsets [{}, {}] do not fit the {} bytes of the file", place, begin, end, data.size());
  if (end - begin != static_cast<std::uint64_t>(byte_count(place, shape, encoding)))
    engine::fail("{}: {} of {} needs {} bytes, data_offsets [{}, {}] hold {}", place, shape.str(), entry.dtype,
                 byte_count(place, shape, encoding), begin, end, end - begin);
  return decode(place, data.subspan(begin, end - begin), encoding, shape, dtype_for(encoding), false);
}

}  // namespace

SafetensorsFile parse_safetensors(Bytes bytes, const std::string& file) {
  const auto text = header_text(bytes, file);
  auto [entries, metadata] = parse_safetensors_header(text, file);
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.offsets < b.offsets; });
  const Bytes data = bytes.subspan(sizeof(std::uint64_t) + text.size());
  SafetensorsFile result{.metadata = std::move(metadata)};
  std::uint64_t position = 0;
  for (auto& entry : entries) {
    Tensor tensor = read_entry(entry, data, position, file);
    position = entry.offsets[1];
    result.tensors.emplace_back(std::move(entry.name), std::move(tensor));
  }
  if (position != data.size()) engine::fail("{}: the entries end at byte {} of {}", file, position, data.size());
  return result;
}

}  // namespace detail

void save(const NamedTensors& tensors, const std::filesystem::path& path, const Metadata& metadata) {
  const auto header = detail::safetensors_header(tensors, metadata, path.string());
  detail::AtomicFile file(path);
  file.write(std::as_bytes(std::span(header)));
  for (const auto& [name, tensor] : tensors) file.write(detail::bytes_of(tensor));
  file.commit();
}

NamedTensors load(const std::filesystem::path& path) {
  return detail::parse_safetensors(detail::read_bytes(path), path.string()).tensors;
}

Metadata load_metadata(const std::filesystem::path& path) {
  return detail::parse_safetensors_header(detail::header_text(detail::read_bytes(path), path.string()), path.string())
      .metadata;
}

}  // namespace sigmagrad
