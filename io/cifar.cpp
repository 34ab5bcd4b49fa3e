// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/cifar.hpp>

#include <algorithm>
#include <string>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/parsers/cifar.hpp>

namespace sigmagrad {
namespace detail {
namespace {

constexpr std::size_t pixels = CifarLayout::pixels;

std::int64_t label(std::byte byte, int count, std::size_t image, const std::string& file) {
  const auto value = std::to_integer<std::int64_t>(byte);
  if (value >= count) engine::fail("{}: image {} has the label {}, expected 0 to {}", file, image, value, count - 1);
  return value;
}

void add_labels(Cifar& cifar, const CifarFile& file, const CifarLayout& layout) {
  if (file.bytes.empty() || file.bytes.size() % layout.size() != 0)
    engine::fail("{}: has {} bytes, expected a multiple of {}", file.name, file.bytes.size(), layout.size());
  for (std::size_t i = 0; i < file.bytes.size() / layout.size(); ++i) {
    const auto record = file.bytes.subspan(i * layout.size());
    if (layout.coarse_labels > 0) cifar.coarse_labels.push_back(label(record[0], layout.coarse_labels, i, file.name));
    cifar.labels.push_back(label(record[layout.size() - pixels - 1], layout.labels, i, file.name));
  }
}

template <class T>
void add_images(std::span<T> out, Bytes records, const CifarLayout& layout) {
  for (std::size_t i = 0; i < records.size() / layout.size(); ++i) {
    const auto image = records.subspan((i + 1) * layout.size() - pixels, pixels);
    std::transform(image.begin(), image.end(), out.begin() + static_cast<std::ptrdiff_t>(i * pixels),
                   [](std::byte value) { return static_cast<T>(std::to_integer<int>(value)) / T{255}; });
  }
}

}  // namespace

Cifar parse_cifar(std::span<const CifarFile> files, const CifarLayout& layout, Dtype dtype) {
  Cifar cifar;
  for (const auto& file : files) add_labels(cifar, file, layout);
  cifar.images = empty({std::ssize(cifar.labels), 3, 32, 32}, dtype);
  std::size_t done = 0;
  for (const auto& [bytes, name] : files) {
    if (dtype == f64)
      add_images(cifar.images.mutable_data<double>().subspan(done), bytes, layout);
    else
      add_images(cifar.images.mutable_data<float>().subspan(done), bytes, layout);
    done += bytes.size() / layout.size() * pixels;
  }
  return cifar;
}

}  // namespace detail

namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

Cifar load_files(const Paths& paths, const detail::CifarLayout& layout, Dtype dtype) {
  std::vector<std::vector<std::byte>> contents;
  std::vector<detail::CifarFile> files;
  for (const auto& path : paths) {
    contents.push_back(detail::read_bytes(path));
    files.push_back({contents.back(), path.string()});
  }
  return detail::parse_cifar(files, layout, dtype);
}

// The file itself, or those of that name in a folder.
Paths files_of(const fs::path& path, const std::vector<std::string>& names) {
  std::error_code none;
  if (!fs::is_directory(path, none)) return {path};
  Paths paths;
  for (const auto& name : names) paths.push_back(path / name);
  return paths;
}

}  // namespace

Cifar load_cifar10(const fs::path& path, const CifarOptions& options) {
  std::vector<std::string> names{"test_batch.bin"};
  if (options.part == CifarOptions::Part::Train)
    names = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"};
  return load_files(files_of(path, names), detail::cifar10, options.dtype);
}

Cifar load_cifar100(const fs::path& path, const CifarOptions& options) {
  const bool train = options.part == CifarOptions::Part::Train;
  return load_files(files_of(path, {train ? "train.bin" : "test.bin"}), detail::cifar100, options.dtype);
}

}  // namespace sigmagrad
