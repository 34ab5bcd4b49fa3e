// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/networks/images.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <utility>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::networks {

namespace {

namespace fs = std::filesystem;

using Part = CifarOptions::Part;
constexpr std::int64_t side = 32, synthetic_classes = 10;

TensorDataset<2> data_set(const Tensor& images, const std::vector<std::int64_t>& labels) {
  return TensorDataset(images, tensor({labels.begin(), labels.end()}).to(f32));
}

// `count` of the rows, drawn at random; all of them for 0, or if there are no more.
TensorDataset<2> some(const TensorDataset<2>& data, std::int64_t count, Generator& generator) {
  if (count == 0 || count >= data.size()) return data;
  const auto order = randperm(data.size(), generator).to_vector();
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < count; ++i)
    rows.push_back(static_cast<std::int64_t>(order[static_cast<std::size_t>(i)]));
  return TensorDataset<2>(data.rows(rows));
}

// The archives unpack into a folder of their own, of which the one around it may be given, too.
fs::path cifar_folder(const ImageSource& source, const char* unpacked) {
  if (source.folder == "installed")
    engine::fail("networks: {} is in no package; --set data=FOLDER says where its binary version is", source.set);
  const fs::path folder = source.folder;
  return fs::is_directory(folder / unpacked) ? folder / unpacked : folder;
}

TensorDataset<2> cifar(const ImageSource& source, Part part) {
  const CifarOptions options{.part = part, .dtype = f32};
  const auto data = source.set == "cifar10" ? load_cifar10(cifar_folder(source, "cifar-10-batches-bin"), options)
                                            : load_cifar100(cifar_folder(source, "cifar-100-binary"), options);
  return data_set(data.images, data.labels);
}

// Black around smaller images, up to CIFAR's size, which five pools need.
Tensor in_a_frame(const Tensor& images) {
  Tensor framed = images;
  for (const int axis : {2, 3}) {
    const std::int64_t missing = std::max<std::int64_t>(side - framed.size(axis), 0);
    const auto black = [&](std::int64_t size) {
      const auto height = axis == 2 ? size : framed.size(2), width = axis == 3 ? size : framed.size(3);
      return zeros({framed.size(0), framed.size(1), height, width}, f32);
    };
    framed = cat({black(missing / 2), framed, black(missing - missing / 2)}, axis);
  }
  return framed;
}

TensorDataset<2> fashion_mnist(const ImageSource& source, Part part) {
  const MnistOptions options{.part = part, .dtype = f32};
  const auto data = source.folder == "installed" ? load_fashion_mnist(options) : load_mnist(source.folder, options);
  return data_set(in_a_frame(data.images), data.labels);
}

// Those of the training set, which the authors' program has for CIFAR to three digits.
Transform normalize_by(const Tensor& images) {
  std::vector<double> mean, std;
  for (std::int64_t channel = 0; channel < images.size(1); ++channel) {
    const auto values = images.narrow(1, channel, 1);
    mean.push_back(values.mean().item());
    std.push_back(sigmagrad::std(values).item());
  }
  return normalize(std::move(mean), std::move(std));
}

Transform cifar_normalize(const std::string& set) {
  const bool ten = set == "cifar10";
  std::vector<double> mean = ten ? std::vector{125.3, 123.0, 113.9} : std::vector{129.3, 124.1, 112.4};
  std::vector<double> std = ten ? std::vector{63.0, 62.1, 66.7} : std::vector{68.2, 65.4, 70.4};
  for (auto* list : {&mean, &std})
    for (double& value : *list) value /= 255.0;
  return normalize(std::move(mean), std::move(std));
}

}  // namespace

TensorDataset<2> synthetic_images(std::int64_t n, Generator& generator) {
  constexpr double repeated = 0.9, mean = 0.5, deviation = 0.2;
  // A row more above and below, which the shift uses.
  auto noise = randn({n, 3, side + 2, side}, generator, f32);
  std::vector<std::int64_t> labels(static_cast<std::size_t>(n));
  std::vector<Tensor> images;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t label = i % synthetic_classes, shift = label % 3, colour = label / 3;
    labels[static_cast<std::size_t>(i)] = label;
    std::vector<Tensor> colours;
    for (std::int64_t c = 0; c < 3; ++c) {
      auto own = noise.narrow(0, i, 1).narrow(1, c, 1).narrow(2, 1, side);
      if (label < 9 && c == (colour + 1) % 3) {
        const auto other = noise.narrow(0, i, 1).narrow(1, colour, 1).narrow(2, shift, side);
        own = repeated * other + std::sqrt(1.0 - repeated * repeated) * own;
      }
      colours.push_back(own);
    }
    images.push_back(cat(colours, 1));
  }
  return data_set(mean + deviation * cat(images, 0), labels);
}

std::string default_set() { return fashion_mnist_folder() ? "fashion-mnist" : "synthetic"; }

Images load_images(const ImageSource& source, Generator& generator) {
  if (source.set == "synthetic") {
    constexpr std::int64_t usual = 1000;
    const auto n = std::max(source.samples > 0 ? source.samples : usual, synthetic_classes);
    const auto train = synthetic_images(n, generator), test = synthetic_images(n, generator);
    return {train, test, {}, normalize_by(train.tensors()[0])};
  }
  const bool is_cifar = source.set.starts_with("cifar");
  const auto load = [&](Part part) { return is_cifar ? cifar(source, part) : fashion_mnist(source, part); };
  const auto train = load(Part::Train);
  const auto transform = is_cifar ? cifar_normalize(source.set) : normalize_by(train.tensors()[0]);
  return {some(train, source.samples, generator),
          some(load(Part::Test), source.samples, generator),
          {.channels = is_cifar ? 3 : 1, .classes = source.set == "cifar100" ? 100 : 10},
          transform};
}

}  // namespace sigmagrad::experiments::networks
