// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/tensor_file.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/detail/open_tensors.hpp>

namespace sigmagrad {

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
  return TensorFile(std::make_shared<const detail::OpenTensors>(detail::open_arrays(path)));
}

bool may_hold_tensors(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 8> suffixes{".safetensors", ".npz", ".npy", ".csv",
                                                     ".pt",          ".pth", ".bin", ".onnx"};
  return std::find(suffixes.begin(), suffixes.end(), detail::lower_suffix(path)) != suffixes.end() ||
         detail::is_shard_index(path);
}

}  // namespace sigmagrad
