// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/mnist.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

#include <sigmagrad/autograd/operations/in_place.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/idx.hpp>

namespace sigmagrad {
namespace {

namespace fs = std::filesystem;

constexpr double brightest = 255.0;
constexpr int classes = 10;

// The file that is there; where both are, the one that needs no work.
fs::path either(const fs::path& plain) {
  fs::path compressed = plain;
  compressed += ".gz";
  std::error_code none;
  return !fs::exists(plain, none) && fs::exists(compressed, none) ? compressed : plain;
}

std::vector<std::int64_t> read_labels(const fs::path& path) {
  const Tensor labels = load_idx(path);
  if (labels.dim() != 1) engine::fail("{}: labels must be [n], got {}", path.string(), labels.shape().str());
  std::vector<std::int64_t> result;
  for (const double label : labels.to_vector()) {
    if (!(label >= 0.0 && label < classes && label == std::floor(label)))
      engine::fail("{}: image {} has the label {}, expected 0 to {}", path.string(), result.size(), label, classes - 1);
    result.push_back(static_cast<std::int64_t>(label));
  }
  return result;
}

}  // namespace

Mnist load_mnist(const fs::path& folder, const MnistOptions& options) {
  const std::string part = options.part == MnistOptions::Part::Train ? "train" : "t10k";
  const fs::path of_images = either(folder / (part + "-images-idx3-ubyte"));
  Mnist result{.images = {}, .labels = read_labels(either(folder / (part + "-labels-idx1-ubyte")))};
  Tensor images = load_idx(of_images, options.dtype);
  if (images.dim() != 3 || images.numel() == 0)
    engine::fail("{}: images must be [n, height, width], got {}", of_images.string(), images.shape().str());
  if (images.size(0) != std::ssize(result.labels))
    engine::fail("{}: has {} images for {} labels", of_images.string(), images.size(0), result.labels.size());
  images.div_(brightest);
  result.images = images.unsqueeze(1);
  return result;
}

std::optional<fs::path> fashion_mnist_folder() {
  const char* given = std::getenv("XDG_DATA_DIRS");
  std::string_view folders = given != nullptr && *given != '\0' ? given : "/usr/local/share:/usr/share";
  while (!folders.empty()) {
    const auto end = std::min(folders.find(':'), folders.size());
    const fs::path folder = fs::path(folders.substr(0, end)) / "datasets" / "fashion-mnist";
    std::error_code none;
    if (folder.is_absolute() && fs::is_directory(folder, none)) return folder;
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return std::nullopt;
}

Mnist load_fashion_mnist(const MnistOptions& options) {
  const auto folder = fashion_mnist_folder();
  if (!folder)
    engine::fail(
        "load_fashion_mnist: the data set is not installed; Debian's package is dataset-fashion-mnist (apt install "
        "dataset-fashion-mnist), and load_mnist takes a folder with its four files");
  return load_mnist(*folder, options);
}

}  // namespace sigmagrad
