// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/cifar.hpp>

#include <algorithm>
#include <string>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/file.hpp>

namespace sigmagrad {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

constexpr std::size_t pixels = 3 * 32 * 32;

// What precedes the pixels of an image: one byte of label, or two, the coarse one first.
struct Layout {
  int labels, coarse_labels;
  std::size_t size() const { return (coarse_labels > 0 ? 2 : 1) + pixels; }
};

std::int64_t label(std::byte byte, int count, std::size_t image, const fs::path& path) {
  const auto value = std::to_integer<std::int64_t>(byte);
  if (value >= count)
    engine::fail("{}: image {} has the label {}, expected 0 to {}", path.string(), image, value, count - 1);
  return value;
}

void add_labels(Cifar& cifar, detail::Bytes records, const Layout& layout, const fs::path& path) {
  for (std::size_t i = 0; i < records.size() / layout.size(); ++i) {
    const auto record = records.subspan(i * layout.size());
    if (layout.coarse_labels > 0) cifar.coarse_labels.push_back(label(record[0], layout.coarse_labels, i, path));
    cifar.labels.push_back(label(record[layout.size() - pixels - 1], layout.labels, i, path));
  }
}

template <class T>
void add_images(std::span<T> out, detail::Bytes records, const Layout& layout) {
  for (std::size_t i = 0; i < records.size() / layout.size(); ++i) {
    const auto image = records.subspan((i + 1) * layout.size() - pixels, pixels);
    std::transform(image.begin(), image.end(), out.begin() + static_cast<std::ptrdiff_t>(i * pixels),
                   [](std::byte value) { return static_cast<T>(std::to_integer<int>(value)) / T{255}; });
  }
}

Cifar load_files(const Paths& paths, const Layout& layout, Dtype dtype) {
  Cifar cifar;
  std::vector<std::vector<std::byte>> files;
  for (const auto& path : paths) {
    const auto& records = files.emplace_back(detail::read_bytes(path));
    if (records.empty() || records.size() % layout.size() != 0)
      engine::fail("{}: has {} bytes, expected a multiple of {}", path.string(), records.size(), layout.size());
    add_labels(cifar, records, layout, path);
  }
  cifar.images = empty({std::ssize(cifar.labels), 3, 32, 32}, dtype);
  std::size_t done = 0;
  for (const auto& records : files) {
    if (dtype == f64)
      add_images(cifar.images.mutable_data<double>().subspan(done), records, layout);
    else
      add_images(cifar.images.mutable_data<float>().subspan(done), records, layout);
    done += records.size() / layout.size() * pixels;
  }
  return cifar;
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
  return load_files(files_of(path, names), {.labels = 10, .coarse_labels = 0}, options.dtype);
}

Cifar load_cifar100(const fs::path& path, const CifarOptions& options) {
  const bool train = options.part == CifarOptions::Part::Train;
  return load_files(files_of(path, {train ? "train.bin" : "test.bin"}), {.labels = 100, .coarse_labels = 20},
                    options.dtype);
}

}  // namespace sigmagrad
