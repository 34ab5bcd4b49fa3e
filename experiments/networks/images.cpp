// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/networks/images.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <sigmagrad/experiments/images.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::networks {

namespace {

constexpr std::int64_t side = 32, synthetic_classes = 10;

}  // namespace

TensorDataset<2> synthetic_images(std::int64_t n, Generator& generator) {
  constexpr double repeated = 0.9, mean = 0.5, deviation = 0.2;
  // A row more above and below, which the shift uses.
  auto noise = randn({n, 3, side + 2, side}, generator, f32);
  std::vector<double> labels(static_cast<std::size_t>(n));
  std::vector<Tensor> images;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t label = i % synthetic_classes, shift = label % 3, colour = label / 3;
    labels[static_cast<std::size_t>(i)] = static_cast<double>(label);
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
  return TensorDataset(mean + deviation * cat(images, 0), tensor(labels).to(f32));
}

std::string default_set() { return installed_set_or("synthetic"); }

Images load_images(const ImageSource& source, Generator& generator) {
  if (source.set == "synthetic") {
    constexpr std::int64_t usual = 1000;
    const auto n = std::max(source.samples > 0 ? source.samples : usual, synthetic_classes);
    const auto train = synthetic_images(n, generator), test = synthetic_images(n, generator);
    return {train, test, {}, normalize_by(train.tensors()[0])};
  }
  const auto all = image_set({.set = source.set, .folder = source.folder, .framed = true});  // for five pools
  const auto train = some_of(all->train, source.samples, generator);
  const auto test = some_of(all->test, source.samples, generator);
  return {train, test, {.channels = train.tensors()[0].size(1), .classes = all->classes}, all->normalize};
}

}  // namespace sigmagrad::experiments::networks
