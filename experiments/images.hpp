// SPDX-License-Identifier: BSD-3-Clause
// The images that experiments read from files: each set once a process.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/io/dataset.hpp>
#include <sigmagrad/io/transforms.hpp>

namespace sigmagrad::experiments {

struct ImageFiles {
  std::string set = {};     // "cifar10", "cifar100" or "fashion-mnist"; any set of MNIST's form is read as the last
  std::string folder = {};  // of the set's files; "installed": Debian's package of Fashion-MNIST
  bool framed = false;      // black around smaller images, up to CIFAR's 32 x 32
  bool normalized = false;  // each channel has mean 0 and variance 1 over the images to train on

  auto operator<=>(const ImageFiles&) const = default;
};

struct ImageSet {
  TensorDataset<2> train, test;  // f32: [n, channels, height, width], from 0 to 1 unless normalized, and labels [n]
  std::int64_t classes = 10;
  Transform normalize = {};  // by mean and standard deviation of each channel; none if the set is normalized
};

/// Trials share what is read, in whatever thread they run: the last two sets asked for are kept. An Error names the
/// file that is not there or damaged, and the sets there are if `set` is none of them.
std::shared_ptr<const ImageSet> image_set(const ImageFiles& files);

/// `count` of the rows, drawn from `generator`; all of them for 0, or if there are no more.
TensorDataset<2> some_of(const TensorDataset<2>& data, std::int64_t count, Generator& generator);

/// By mean and standard deviation of each channel of these images.
Transform normalize_by(const Tensor& images);

/// "fashion-mnist" where Debian's package is installed, else `other`.
std::string installed_set_or(const std::string& other);

}  // namespace sigmagrad::experiments
