// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/tensor_file.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/parsers/npy.hpp>
#include <sigmagrad/io/parsers/npz.hpp>
#include <sigmagrad/io/parsers/safetensors.hpp>
#include <sigmagrad/io/parsers/zip.hpp>

namespace sigmagrad {
namespace detail {

struct OpenArray {
  StoredArray array;
  std::shared_ptr<const MappedFile> file;  // in which its bytes lie
};

struct OpenTensors {
  std::filesystem::path path;
  std::vector<std::filesystem::path> files = {};
  std::vector<TensorEntry> entries = {};
  std::vector<OpenArray> arrays = {};  // those of the entries

  void add(StoredArray array, const std::shared_ptr<const MappedFile>& file) {
    entries.push_back(array.entry);
    arrays.push_back({std::move(array), file});
  }
};

namespace {

namespace fs = std::filesystem;

constexpr std::string_view formats =
    "safetensors, *.index.json (shards), .npz, .npy, .csv, PyTorch's .pt .pth .bin, .onnx";
constexpr std::string_view lone = "array";  // what an array without a name is called

std::string lower_suffix(const fs::path& path) {
  std::string suffix = path.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(), [](unsigned char c) { return std::tolower(c); });
  return suffix;
}

bool begins_with(Bytes bytes, std::string_view mark) {
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).starts_with(mark);
}

std::vector<StoredArray> only(StoredArray array) {
  array.entry.name = lone;
  std::vector<StoredArray> arrays;
  arrays.push_back(std::move(array));
  return arrays;
}

std::vector<StoredArray> arrays_of(Bytes bytes, const fs::path& path) {
  const auto file = path.string(), suffix = lower_suffix(path);
  if (begins_with(bytes, "\x93NUMPY")) return only(npy_array(bytes, file));
  if (is_zip(bytes)) return npz_arrays(bytes, file);
  if (suffix == ".safetensors" || (bytes.size() > 8 && bytes[8] == std::byte{'{'}))
    return safetensors_arrays(bytes, file).arrays;
  engine::fail("{}: is no file of arrays that is read here: {}", file, formats);
}

}  // namespace
}  // namespace detail

TensorFile::TensorFile(std::shared_ptr<const detail::OpenTensors> open) : open_(std::move(open)) {}

const std::filesystem::path& TensorFile::path() const { return open_->path; }
const std::vector<std::filesystem::path>& TensorFile::files() const { return open_->files; }
const std::vector<TensorEntry>& TensorFile::entries() const { return open_->entries; }

Tensor TensorFile::read(std::size_t index) const {
  engine::refuse_in_capture("file", "read it before the call");
  if (index >= open_->arrays.size())
    engine::fail("{}: has {} arrays, number {} is asked for", path().string(), open_->arrays.size(), index);
  const auto& [array, file] = open_->arrays[index];
  return detail::read_array(array, fmt::format("{}: \"{}\"", file->path().string(), array.entry.name), file.get());
}

TensorFile open_tensors(const std::filesystem::path& path) {
  auto open = std::make_shared<detail::OpenTensors>();
  open->path = path;
  open->files = {path};
  const auto file = std::make_shared<const detail::MappedFile>(path);
  for (auto& array : detail::arrays_of(file->bytes(), path)) open->add(std::move(array), file);
  return TensorFile(std::move(open));
}

bool may_hold_tensors(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 8> suffixes{".safetensors", ".npz", ".npy", ".csv",
                                                     ".pt",          ".pth", ".bin", ".onnx"};
  const auto suffix = detail::lower_suffix(path);
  return std::find(suffixes.begin(), suffixes.end(), suffix) != suffixes.end() ||
         path.filename().string().ends_with(".index.json");
}

}  // namespace sigmagrad
