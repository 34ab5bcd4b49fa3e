// SPDX-License-Identifier: BSD-3-Clause
// Fully connected ReLU classifiers whose hidden layers start from the identity or not.
#pragma once

#include <cstdint>
#include <vector>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/module.hpp>

namespace sigmagrad::experiments::completion {

/// `L` hidden layers have L + 1 weight matrices, the L - 1 between the first and the last of them square.
struct NetworkSize {
  std::int64_t inputs = 0, width = 0, hidden = 0;
};

/// Gaussian entries, or for the square layers of the `identity` start a multiple of I; all times `gain`.
///   He: std sqrt(2 / in) and sqrt(2) I, which have one Frobenius norm.
///   Small: std 0.01 and I, as in the authors' program, whose width is 512. At others the std is 0.01 sqrt(512 /
///   width), which carries signals through just as well.
struct LayerStart {
  enum class Scale : std::uint8_t { He, Small } scale = Scale::He;
  bool identity = false;
  double gain = 1;

  double std(std::int64_t in, std::int64_t width) const;
  double diagonal() const;
};

/// Where the activations are: after every hidden layer, or, as in the authors' program, after all but the first.
enum class Activations : std::uint8_t { All, AllButFirst };

/// ReLU network with zero biases at the start; f32.
class ReluNetwork : public nn::Module {
 public:
  ReluNetwork(const NetworkSize& size, const LayerStart& start, Activations activations, Generator& generator);

  Tensor operator()(const Tensor& x) const;
  /// All L + 1 of them.
  const std::vector<nn::Linear>& layers() const { return layers_; }
  /// Mean stable rank of all layers but the last.
  double stable_rank() const;

 private:
  std::vector<nn::Linear> layers_;
  bool first_is_linear_;
};

}  // namespace sigmagrad::experiments::completion
