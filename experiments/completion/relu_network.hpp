// SPDX-License-Identifier: BSD-3-Clause
// Fully connected ReLU classifiers whose hidden layers start from the identity or not, and what they learn.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/module.hpp>

namespace sigmagrad::experiments::completion {

struct Examples {
  Tensor x;       // [n, inputs]
  Tensor labels;  // [n], whole numbers
};

/// 2000 points of ten classes of three Gaussian clusters each, about centers in a latent space that a random matrix
/// embeds.
Examples cluster_mixture(Generator& generator);
/// The images of a folder with the binary CIFAR-10, centered.
Examples cifar10_examples(const std::string& folder);
/// The labels with the share `noise` of them drawn anew.
Tensor noisy_labels(const Tensor& labels, double noise, Generator& generator);

/// Gaussian entries of std gain sqrt(2 / in) (N(0, 0.01^2) in the authors' program), and for the hidden square layers
/// of the `identity` start gain sqrt(2) I, which has the same Frobenius norm (I in the authors' program).
struct LayerStart {
  bool identity = false;
  double gain = 1;
  bool authors = false;

  Tensor operator()(std::int64_t out, std::int64_t in, Generator& generator) const;
};

struct NetworkSize {
  std::int64_t inputs = 0, width = 0, depth = 0;
};

/// `depth` weight matrices with zero biases, ReLU after every hidden layer (after the first alone in the authors'
/// program); f32.
class ReluNetwork : public nn::Module {
 public:
  ReluNetwork(const NetworkSize& size, const LayerStart& start, Generator& generator);

  Tensor operator()(const Tensor& x) const;
  /// Mean stable rank of all layers but the last.
  double stable_rank() const;

 private:
  std::vector<nn::Linear> layers_;
  bool first_alone_;
};

}  // namespace sigmagrad::experiments::completion
