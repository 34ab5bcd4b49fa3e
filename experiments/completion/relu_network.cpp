// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/relu_network.hpp>

#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/completion/examples.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

namespace {

constexpr double authors_std = 0.01, authors_width = 512;

}  // namespace

double LayerStart::std(std::int64_t in, std::int64_t width) const {
  if (scale == Scale::He) return gain * std::sqrt(2.0 / static_cast<double>(in));
  return gain * authors_std * std::sqrt(authors_width / static_cast<double>(width));
}

double LayerStart::diagonal() const { return gain * (scale == Scale::He ? std::sqrt(2.0) : 1.0); }

ReluNetwork::ReluNetwork(const NetworkSize& size, const LayerStart& start, Activations activations,
                         Generator& generator)
    : first_is_linear_(activations == Activations::AllButFirst) {
  for (std::int64_t l = 0; l <= size.hidden; ++l) {
    const bool first = l == 0, last = l == size.hidden;
    const std::int64_t in = first ? size.inputs : size.width, out = last ? classes : size.width;
    const auto weight = start.identity && !first && !last ? start.diagonal() * eye(in)
                                                          : start.std(in, size.width) * randn({out, in}, generator);
    layers_.push_back(register_module(fmt::format("layer{}", l + 1), nn::Linear(weight, zeros({out}))));
  }
  to(f32);
}

Tensor ReluNetwork::operator()(const Tensor& x) const {
  auto y = layers_.front()(x);
  for (std::size_t l = 1; l < layers_.size(); ++l) y = layers_[l](l == 1 && first_is_linear_ ? y : relu(y));
  return y;
}

double ReluNetwork::stable_rank() const {
  const NoGrad guard;
  double sum = 0;
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l) sum += linalg::stable_rank(layers_[l].weight).item();
  return sum / static_cast<double>(layers_.size() - 1);
}

}  // namespace sigmagrad::experiments::completion
