// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/npz.hpp>

#include <algorithm>
#include <memory>

#include <zip.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/parsers/npy.hpp>
#include <sigmagrad/io/parsers/npz.hpp>

namespace sigmagrad {
namespace detail {
namespace {

constexpr std::uint64_t deflate_ratio = 1032;  // deflate makes nothing smaller than by this factor

// An archive's end record alone; libzip would remove the file.
std::string empty_archive() { return "PK\5\6" + std::string(18, '\0'); }

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using ZipEntry = std::unique_ptr<zip_file_t, Discard>;
using Source = std::unique_ptr<zip_source_t, Discard>;

// An archive in memory: `bytes`, or a new one.
Archive open_archive(const Source& source, int flags, const std::string& file) {
  zip_error_t error;
  zip_error_init(&error);
  Archive archive(source ? zip_open_from_source(source.get(), flags, &error) : nullptr);
  if (!archive) {
    const std::string reason = zip_error_strerror(&error);
    zip_error_fini(&error);
    engine::fail("{}: is no zip archive that can be used: {}", file, reason);
  }
  zip_source_keep(source.get());  // the archive took one reference
  return archive;
}

// The next bytes of the entry, as many as asked for.
void read_entry(zip_file_t* entry, std::span<std::byte> out, const std::string& place) {
  const auto count = zip_fread(entry, out.data(), out.size());
  if (count < 0) engine::fail("{}: {}", place, zip_file_strerror(entry));
  if (static_cast<std::size_t>(count) != out.size())
    engine::fail("{}: ended after {} bytes, expected {}", place, count, out.size());
}

// What the archive says of an entry, as far as it can be true.
zip_stat_t checked_stat(zip_t* archive, zip_uint64_t index, std::size_t archive_size, const std::string& place) {
  zip_stat_t stat;
  constexpr auto needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  if (zip_stat_index(archive, index, 0, &stat) != 0 || (stat.valid & needed) != needed)
    engine::fail("{}: {}", place, zip_strerror(archive));
  if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE)
    engine::fail("{}: is encrypted", place);
  if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)
    engine::fail("{}: compression method {}, expected 0 (stored) or 8 (deflated)", place, stat.comp_method);
  const auto ratio = stat.comp_method == ZIP_CM_STORE ? 1 : deflate_ratio;
  if (stat.comp_size > archive_size || stat.size > stat.comp_size * ratio)
    engine::fail("{}: {} bytes cannot come from {} in an archive of {}", place, stat.size, stat.comp_size,
                 archive_size);
  return stat;
}

Tensor read_tensor(zip_t* archive, zip_uint64_t index, const zip_stat_t& stat, const std::string& place) {
  const ZipEntry entry(zip_fopen_index(archive, index, 0));
  if (!entry) engine::fail("{}: {}", place, zip_strerror(archive));
  std::vector<std::byte> bytes(std::min<std::size_t>(stat.size, npy_header_limit));
  read_entry(entry.get(), bytes, place);
  const auto header = parse_npy_header(bytes, place);
  if (header.size != stat.size)
    engine::fail("{}: {} needs {} bytes, the archive says {}", place, header.shape.str(), header.size, stat.size);
  const auto begun = bytes.size();
  bytes.resize(stat.size);
  read_entry(entry.get(), std::span(bytes).subspan(begun), place);
  std::byte more{};
  if (zip_fread(entry.get(), &more, 1) != 0)  // the checksum is looked at here
    engine::fail("{}: {}", place, zip_file_strerror(entry.get()));
  return parse_npy(bytes, place);
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

NamedTensors parse_npz(Bytes bytes, const std::string& file, const std::vector<std::string>& names) {
  const Source source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr));
  const Archive archive = open_archive(source, ZIP_RDONLY | ZIP_CHECKCONS, file);
  NamedTensors result;
  std::uint64_t compressed = 0;
  const auto count = static_cast<zip_uint64_t>(zip_get_num_entries(archive.get(), 0));
  for (zip_uint64_t index = 0; index < count; ++index) {
    const char* const raw = zip_get_name(archive.get(), index, 0);
    std::string name = raw ? raw : "";
    const auto place = fmt::format("{}: \"{}\"", file, name);
    const bool is_npy = name.ends_with(".npy");
    if (is_npy) name.resize(name.size() - 4);
    const bool wanted = names.empty() || (is_npy && std::find(names.begin(), names.end(), name) != names.end());
    if (!wanted) continue;
    if (!is_npy) engine::fail("{}: expected a name that ends in .npy; give the names of the entries to read", place);
    const auto stat = checked_stat(archive.get(), index, bytes.size(), place);
    compressed += stat.comp_size;
    if (compressed > bytes.size()) engine::fail("{}: overlaps another entry", place);
    result.emplace_back(std::move(name), read_tensor(archive.get(), index, stat, place));
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
  auto archive = detail::open_archive(source, ZIP_CREATE | ZIP_TRUNCATE, file);
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
