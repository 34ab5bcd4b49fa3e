// SPDX-License-Identifier: BSD-3-Clause
// Small ReLU classifiers of points in clusters, which the experiments on whole networks train.
#pragma once

#include <functional>

#include <sigmagrad/experiments/completion/examples.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::norms {

using completion::Examples;

/// 1000 points to train on and 1000 to test, with the share `label_noise` of all labels drawn anew.
struct Split {
  Examples train, test;
};
Split split_mixture(double label_noise, Generator& generator);

inline constexpr std::int64_t classes = 10;

struct FitOptions {
  std::int64_t epochs = 20;
  double lr = 3e-3;              // of Adam
  std::int64_t power_steps = 1;  // of layers with spectral norm, a training step
  double logit_scale = 1.0;      // the loss sees the network's outputs times this
  std::function<void()> look{};  // called after each tenth step
};
/// Steps of Adam on the cross-entropy of shuffled batches of 100.
void fit(const nn::Sequential& model, const Examples& data, const FitOptions& options, Generator& order);

/// The part of the points that is classified as its label says.
double accuracy(const nn::Sequential& model, const Examples& data);

}  // namespace sigmagrad::experiments::norms
