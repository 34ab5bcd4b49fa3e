// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/relu_network.hpp>

#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

namespace {

constexpr std::int64_t classes = 10, clusters = 3, latent = 20, inputs = 192, examples = 2000;
constexpr double spread = 0.3;

}  // namespace

Examples cluster_mixture(Generator& generator) {
  const auto centers = randn({classes * clusters, latent}, generator);
  const auto embedding = randn({latent, inputs}, generator) / std::sqrt(static_cast<double>(latent));
  const auto cluster = randint(0, classes * clusters, {examples}, generator);
  const auto x = matmul(index_select(centers, 0, cluster), embedding) + spread * randn({examples, inputs}, generator);
  std::vector<double> labels(cluster.data<double>().begin(), cluster.data<double>().end());
  for (double& label : labels) label = std::fmod(label, static_cast<double>(classes));
  return {x, tensor(labels)};
}

Examples cifar10_examples(const std::string& folder) {
  const auto images = load_cifar10(folder);
  const auto x = images.images.flatten(1);
  return {x - x.mean(), tensor({images.labels.begin(), images.labels.end()})};
}

Tensor noisy_labels(const Tensor& labels, double noise, Generator& generator) {
  const auto redrawn = bernoulli(full(labels.shape(), noise), generator);
  return where(redrawn, randint(0, classes, labels.shape(), generator), labels);
}

Tensor LayerStart::operator()(std::int64_t out, std::int64_t in, Generator& generator) const {
  if (identity && in == out) return (authors ? 1.0 : gain * std::sqrt(2.0)) * eye(in);
  return (authors ? 0.01 : gain * std::sqrt(2.0 / static_cast<double>(in))) * randn({out, in}, generator);
}

ReluNetwork::ReluNetwork(const NetworkSize& size, const LayerStart& start, Generator& generator)
    : first_alone_(start.authors) {
  for (std::int64_t l = 0; l < size.depth; ++l) {
    const std::int64_t out = l + 1 < size.depth ? size.width : classes;
    const nn::Linear layer(start(out, l == 0 ? size.inputs : size.width, generator), zeros({out}));
    layers_.push_back(register_module(fmt::format("layer{}", l + 1), layer));
  }
  to(f32);
}

Tensor ReluNetwork::operator()(const Tensor& x) const {
  auto y = layers_.front()(x);
  for (std::size_t l = 1; l < layers_.size(); ++l) y = layers_[l](l == 1 || !first_alone_ ? relu(y) : y);
  return y;
}

double ReluNetwork::stable_rank() const {
  const NoGrad guard;
  double sum = 0;
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l) sum += linalg::stable_rank(layers_[l].weight).item();
  return sum / static_cast<double>(layers_.size() - 1);
}

}  // namespace sigmagrad::experiments::completion
