// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/images.hpp>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <utility>
#include <vector>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t side = 32;
constexpr std::size_t kept_sets = 2;

struct Read {
  Tensor images, labels;
};

// What all readers return.
template <class Images>
Read read_by(Images read) {
  return {std::move(read.images), tensor({read.labels.begin(), read.labels.end()}).to(f32)};
}

// The archives unpack into a folder of their own, of which the one around it may be given, too.
fs::path cifar_folder(const ImageFiles& files, const char* unpacked) {
  if (files.folder == "installed")
    engine::fail("images: {} is in no package; --set data=FOLDER says where its binary version is", files.set);
  const fs::path folder = files.folder;
  return fs::is_directory(folder / unpacked) ? folder / unpacked : folder;
}

Read read(const ImageFiles& files, DataPart part) {
  if (files.set == "cifar10")
    return read_by(load_cifar10(cifar_folder(files, "cifar-10-batches-bin"), {.part = part, .dtype = f32}));
  if (files.set == "cifar100")
    return read_by(load_cifar100(cifar_folder(files, "cifar-100-binary"), {.part = part, .dtype = f32}));
  if (files.set != "fashion-mnist")
    engine::fail("images: there is no set '{}' (cifar10, cifar100 or fashion-mnist)", files.set);
  const MnistOptions options{.part = part, .dtype = f32};
  return read_by(files.folder == "installed" ? load_fashion_mnist(options) : load_mnist(files.folder, options));
}

Tensor in_a_frame(const Tensor& images) {
  Tensor framed = images;
  for (const int axis : {2, 3}) {
    const std::int64_t missing = side - framed.size(axis);
    if (missing <= 0) continue;
    const auto black = [&](std::int64_t size) {
      const auto height = axis == 2 ? size : framed.size(2), width = axis == 3 ? size : framed.size(3);
      return zeros({framed.size(0), framed.size(1), height, width}, f32);
    };
    framed = cat({black(missing / 2), framed, black(missing - missing / 2)}, axis);
  }
  return framed;
}

// In place, for the images of a whole set are large.
void normalize_both(Tensor& train, Tensor& test) {
  const auto mean = train.mean({0, 2, 3}, true);
  train -= mean;
  test -= mean;
  const auto deviation = sqrt(square(train).mean({0, 2, 3}, true));
  const auto scale = where(deviation > 0.0, deviation, ones_like(deviation));
  train /= scale;
  test /= scale;
}

// The authors of paper 002 normalise CIFAR by these numbers.
Transform cifar_normalize(const std::string& set) {
  const bool ten = set == "cifar10";
  std::vector<double> mean = ten ? std::vector{125.3, 123.0, 113.9} : std::vector{129.3, 124.1, 112.4};
  std::vector<double> std = ten ? std::vector{63.0, 62.1, 66.7} : std::vector{68.2, 65.4, 70.4};
  for (auto* list : {&mean, &std})
    for (double& value : *list) value /= 255.0;
  return normalize(std::move(mean), std::move(std));
}

std::shared_ptr<const ImageSet> read_set(const ImageFiles& files) {
  auto [train, labels] = read(files, DataPart::Train);
  auto [test, test_labels] = read(files, DataPart::Test);
  if (files.framed) {
    train = in_a_frame(train);
    test = in_a_frame(test);
  }
  Transform transform;
  if (files.normalized)
    normalize_both(train, test);
  else
    transform = files.set.starts_with("cifar") ? cifar_normalize(files.set) : normalize_by(train);
  return std::make_shared<const ImageSet>(ImageSet{.train = TensorDataset(train, labels),
                                                   .test = TensorDataset(test, test_labels),
                                                   .classes = files.set == "cifar100" ? 100 : 10,
                                                   .normalize = std::move(transform)});
}

}  // namespace

std::shared_ptr<const ImageSet> image_set(const ImageFiles& files) {
  static std::mutex mutex;
  static std::vector<std::pair<ImageFiles, std::shared_ptr<const ImageSet>>> kept;  // the last asked for first
  const std::lock_guard lock(mutex);  // while a set is read, too: whoever wants it waits rather than read it again
  const auto found = std::ranges::find(kept, files, [](const auto& one) { return one.first; });
  if (found != kept.end()) {
    std::rotate(kept.begin(), found, found + 1);
  } else {
    if (kept.size() == kept_sets) kept.pop_back();  // first, so that there is room
    kept.insert(kept.begin(), {files, read_set(files)});
  }
  return kept.front().second;
}

TensorDataset<2> some_of(const TensorDataset<2>& data, std::int64_t count, Generator& generator) {
  if (count == 0 || count >= data.size()) return data;
  const auto order = randperm(data.size(), generator).narrow(0, 0, count).to_vector();
  return TensorDataset<2>(data.rows(std::vector<std::int64_t>(order.begin(), order.end())));
}

Transform normalize_by(const Tensor& images) {
  std::vector<double> mean, std;
  for (std::int64_t channel = 0; channel < images.size(1); ++channel) {
    const auto values = images.narrow(1, channel, 1);
    mean.push_back(values.mean().item());
    std.push_back(sigmagrad::std(values).item());
  }
  return normalize(std::move(mean), std::move(std));
}

std::string installed_set_or(const std::string& other) { return fashion_mnist_folder() ? "fashion-mnist" : other; }

}  // namespace sigmagrad::experiments
