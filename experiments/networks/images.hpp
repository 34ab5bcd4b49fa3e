// SPDX-License-Identifier: BSD-3-Clause
// The images that networks are trained on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/experiments/networks/architectures.hpp>
#include <sigmagrad/io/dataset.hpp>
#include <sigmagrad/io/transforms.hpp>

namespace sigmagrad::experiments::networks {

struct Images {
  TensorDataset<2> train, test;  // f32: [n, channels, height, width], and labels [n]
  ImageForm form = {};
  Transform normalize = {};  // by mean and standard deviation of each channel
};

struct ImageSource {
  std::string set = {};      // "cifar10", "cifar100", "fashion-mnist" or "synthetic"
  std::string folder = {};   // of the set's files; "installed": Debian's package of Fashion-MNIST
  std::int64_t samples = 0;  // to train on, and at most as many to test with; 0: all (1000 synthetic ones)
};

/// Which of the images, and what synthetic ones look like, is drawn from `generator`. An Error names the file that is
/// not there or damaged.
Images load_images(const ImageSource& source, Generator& generator);

/// Images of CIFAR's shape in ten classes, n / 10 of each at least. Colours are independent noise, but that one of them
/// repeats in part another one, a pixel higher, lower or at the same place: nine classes are the pairs of colours and
/// the places, in the tenth no colour does. The mean of every class is the same, so that the best linear classifier is
/// one that says nothing (its loss is convex, and its gradient at 0 is made of the means), and classes stay what they
/// are when an image is shifted or mirrored.
TensorDataset<2> synthetic_images(std::int64_t n, Generator& generator);

/// "fashion-mnist" where Debian's package is installed, else "synthetic".
std::string default_set();

}  // namespace sigmagrad::experiments::networks
