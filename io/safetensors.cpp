// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/ranges.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/parsers/safetensors.hpp>

namespace sigmagrad {
namespace detail {
namespace {

constexpr std::uint64_t header_limit = 100'000'000;  // as in the reference implementation

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

// The array of an entry that begins where the one before it ended.
StoredArray array_of(const SafetensorsEntry& entry, Bytes data, std::uint64_t expected_begin, const std::string& file) {
  const std::string place = fmt::format("{}: \"{}\"", file, entry.name);
  const auto begin = entry.offsets[0], end = entry.offsets[1];
  if (begin != expected_begin)
    engine::fail("{}: begins at byte {}, expected {}: entries must neither overlap nor leave holes", place, begin,
                 expected_begin);
  if (end < begin || end > data.size())
    engine::fail("{}: data_offsets [{}, {}] do not fit the {} bytes of the file", place, begin, end, data.size());
  const auto encoding = encoding_named(entry.dtype);
  StoredArray array{.entry = {.name = entry.name, .shape = entry.shape, .dtype = entry.dtype},
                    .bytes = data.subspan(begin, end - begin)};
  if (!encoding) {
    array.entry.problem = fmt::format("dtype \"{}\" is not one of {}", entry.dtype, fmt::join(encoding_names, " "));
    return array;
  }
  array.encoding = *encoding;
  const Shape shape = make_shape(place, entry.shape);
  if (end - begin != static_cast<std::uint64_t>(byte_count(place, shape, *encoding)))
    engine::fail("{}: {} of {} needs {} bytes, data_offsets [{}, {}] hold {}", place, shape.str(), entry.dtype,
                 byte_count(place, shape, *encoding), begin, end, end - begin);
  return array;
}

}  // namespace

SafetensorsArrays safetensors_arrays(Bytes bytes, const std::string& file) {
  const auto text = header_text(bytes, file);
  auto [entries, metadata] = parse_safetensors_header(text, file);
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.offsets < b.offsets; });
  const Bytes data = bytes.subspan(sizeof(std::uint64_t) + text.size());
  SafetensorsArrays result{.metadata = std::move(metadata)};
  std::uint64_t position = 0;
  for (const auto& entry : entries) {
    result.arrays.push_back(array_of(entry, data, position, file));
    position = entry.offsets[1];
  }
  if (position != data.size()) engine::fail("{}: the entries end at byte {} of {}", file, position, data.size());
  return result;
}

SafetensorsFile parse_safetensors(Bytes bytes, const std::string& file) {
  auto [arrays, metadata] = safetensors_arrays(bytes, file);
  SafetensorsFile result{.metadata = std::move(metadata)};
  for (const auto& array : arrays)
    result.tensors.emplace_back(array.entry.name, read_array(array, fmt::format("{}: \"{}\"", file, array.entry.name)));
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
