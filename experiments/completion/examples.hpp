// SPDX-License-Identifier: BSD-3-Clause
// What classifiers are trained on: images from files, or points of a mixture.
#pragma once

#include <cstdint>
#include <string>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::experiments::completion {

struct Examples {
  Tensor x;       // [n, inputs]
  Tensor labels;  // [n], whole numbers
};

struct TrainAndTest {
  Examples train, test;
};

inline constexpr std::int64_t classes = 10;

/// Points of ten classes of three Gaussian clusters each, about centers in a latent space that a random matrix embeds.
Examples cluster_mixture(Generator& generator, std::int64_t count = 2000);

/// "fashion-mnist", "mixture", or a folder with the binary CIFAR-10 or with files of MNIST's form; f32. Each channel
/// has mean 0 and variance 1 over all images to train on; of these, or of the mixture, `count` are drawn (0: all of
/// them, 2000 of the mixture), and there are as many points of the mixture to test with.
TrainAndTest train_and_test(const std::string& data, std::int64_t count, Generator& generator);
/// "fashion-mnist" where Debian's package is installed, else "mixture".
std::string default_data();

/// The labels with the share `noise` of them drawn anew.
Tensor noisy_labels(const Tensor& labels, double noise, Generator& generator);

}  // namespace sigmagrad::experiments::completion
