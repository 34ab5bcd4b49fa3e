// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/npz.hpp>

#include <algorithm>
#include <memory>

#include <zip.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/detail/inflate.hpp>
#include <sigmagrad/io/parsers/npy.hpp>
#include <sigmagrad/io/parsers/npz.hpp>

namespace sigmagrad {
namespace detail {
namespace {

// An archive's end record alone; libzip would remove the file.
std::string empty_archive() { return "PK\5\6" + std::string(18, '\0'); }

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using Source = std::unique_ptr<zip_source_t, Discard>;

// A new archive in memory.
Archive new_archive(const Source& source, const std::string& file) {
  zip_error_t error;
  zip_error_init(&error);
  Archive archive(source ? zip_open_from_source(source.get(), ZIP_CREATE | ZIP_TRUNCATE, &error) : nullptr);
  if (!archive) {
    const std::string reason = zip_error_strerror(&error);
    zip_error_fini(&error);
    engine::fail("{}: cannot be written: {}", file, reason);
  }
  zip_source_keep(source.get());  // the archive took one reference
  return archive;
}

// What deflate made of a whole entry.
std::vector<std::byte> inflated(const ZipEntry& entry, const std::string& place) {
  Inflate stream(entry.stored, Inflate::Around::Nothing, place);
  auto bytes = stream.read(entry.size);
  if (bytes.size() != entry.size)
    engine::fail("{}: ended after {} bytes, expected {}", place, bytes.size(), entry.size);
  stream.expect_end();
  check({bytes, entry.checksum}, place);
  return bytes;
}

NpyHeader header_of(const ZipEntry& entry, const std::string& place) {
  const std::size_t start = std::min<std::uint64_t>(entry.size, npy_header_limit);
  const auto header = entry.is_stored()
                          ? parse_npy_header(entry.stored.first(start), place)
                          : parse_npy_header(Inflate(entry.stored, Inflate::Around::Nothing, place).read(start), place);
  if (header.size != entry.size)
    engine::fail("{}: {} needs {} bytes, the archive says {}", place, header.shape.str(), header.size, entry.size);
  return header;
}

StoredArray array_of(const ZipEntry& entry, const std::string& place) {
  const auto header = header_of(entry, place);
  auto array = announced(header);
  if (entry.is_stored()) {
    array.bytes = entry.stored.subspan(header.begin);
    array.checksum = {entry.stored, entry.checksum};
  } else {
    array.unpack = [entry, begin = header.begin](const std::string& where) {
      auto bytes = inflated(entry, where);
      bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(begin));
      return bytes;
    };
  }
  return array;
}

void add(zip_t* archive, const std::string& name, const std::vector<std::byte>& bytes, const std::string& file) {
  Source source(zip_source_buffer(archive, bytes.data(), bytes.size(), 0));
  const auto index = source ? zip_file_add(archive, (name + ".npy").c_str(), source.get(), ZIP_FL_ENC_UTF_8) : -1;
  if (index < 0) engine::fail("{}: \"{}\": {}", file, name, zip_strerror(archive));
  static_cast<void>(source.release());  // it is the archive's now
  const auto entry = static_cast<zip_uint64_t>(index);
  constexpr zip_uint16_t first_day = 1 << 5 | 1;  // 1980-01-01, as NumPy writes it
  if (zip_set_file_compression(archive, entry, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(archive, entry, 0, first_day, 0) != 0)
    engine::fail("{}: \"{}\": {}", file, name, zip_strerror(archive));
}

std::vector<std::byte> npy_bytes(const Tensor& tensor) {
  const auto header = npy_header(tensor.shape(), tensor.dtype());
  const auto start = std::as_bytes(std::span(header)), rest = bytes_of(tensor);
  std::vector<std::byte> bytes(start.begin(), start.end());
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  return bytes;
}

std::vector<std::byte> content(zip_source_t* source, const std::string& file) {
  zip_stat_t stat;
  if (zip_source_open(source) != 0 || zip_source_stat(source, &stat) != 0)
    engine::fail("{}: cannot be written: {}", file, zip_error_strerror(zip_source_error(source)));
  std::vector<std::byte> bytes(stat.size);
  const auto count = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (count < 0 || static_cast<std::size_t>(count) != bytes.size())
    engine::fail("{}: cannot be written: {} bytes of {}", file, count, bytes.size());
  return bytes;
}

}  // namespace

std::vector<StoredArray> npz_arrays(const std::vector<ZipEntry>& entries) {
  std::vector<StoredArray> arrays;
  for (const auto& entry : entries) {
    auto name = entry.name;
    std::string problem = zip_problem(entry);
    if (name.ends_with(".npy"))
      name.resize(name.size() - 4);
    else
      problem = "expected a name that ends in .npy";
    StoredArray array;
    try {
      if (problem.empty()) array = array_of(entry, "");
    } catch (const Error& error) {
      problem = std::string_view(error.what()).substr(2);  // without the empty place
    }
    array.entry.name = std::move(name);
    array.entry.problem = std::move(problem);
    arrays.push_back(std::move(array));
  }
  return arrays;
}

NamedTensors parse_npz(Bytes bytes, const std::string& file, const std::vector<std::string>& names) {
  NamedTensors result;
  for (const auto& array : npz_arrays(parse_zip(bytes, file))) {
    const auto& name = array.entry.name;
    if (names.empty() || std::find(names.begin(), names.end(), name) != names.end())
      result.emplace_back(name, read_array(array, fmt::format("{}: \"{}\"", file, name)));
  }
  return result;
}

}  // namespace detail

void save_npz(const NamedTensors& tensors, const std::filesystem::path& path) {
  const auto file = path.string();
  std::vector<std::vector<std::byte>> entries;
  for (const auto& [name, tensor] : tensors) {
    if (!tensor.defined()) engine::fail("{}: \"{}\" is an undefined tensor", file, name);
    if (name.find('\0') != name.npos) engine::fail("{}: a name holds a zero byte", file);
    entries.push_back(detail::npy_bytes(tensor));
  }
  if (tensors.empty()) return detail::write_file(path, detail::empty_archive());
  const detail::Source source(zip_source_buffer_create(nullptr, 0, 0, nullptr));
  auto archive = detail::new_archive(source, file);
  for (std::size_t i = 0; i < tensors.size(); ++i) detail::add(archive.get(), tensors.at(i).first, entries[i], file);
  if (zip_close(archive.get()) != 0) engine::fail("{}: cannot be written: {}", file, zip_strerror(archive.get()));
  static_cast<void>(archive.release());
  detail::write_file(path, detail::content(source.get(), file));
}

NamedTensors load_npz(const std::filesystem::path& path, const std::vector<std::string>& names) {
  const auto found = detail::parse_npz(detail::read_bytes(path), path.string(), names);
  if (names.empty()) return found;
  NamedTensors result;
  for (const auto& name : names) {
    if (!found.contains(name)) engine::fail("{}: has no entry \"{}\"", path.string(), name);
    result.emplace_back(name, found[name]);
  }
  return result;
}

}  // namespace sigmagrad
