// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/bench/detail/library.hpp>
#include <sigmagrad/bench/problems.hpp>
#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/losses.hpp>
#include <sigmagrad/optim/sgd.hpp>

namespace sigmagrad::bench {
namespace {

struct Relu5Model : nn::Module {
  std::vector<nn::Linear> layers;
  Tensor x;
  std::vector<std::int64_t> labels;

  explicit Relu5Model(const Relu5& problem)
      : x(tensor(problem.x, {problem.batch, Relu5::sizes[0]}, f32)), labels(problem.labels) {
    for (std::size_t l = 0; l + 1 < std::size(Relu5::sizes); ++l)
      layers.push_back(
          register_module(std::to_string(l), nn::Linear(Relu5::sizes[l], Relu5::sizes[l + 1], {.dtype = f32})));
  }

  Tensor loss() const {
    Tensor activity = layers.front()(x);
    for (std::size_t l = 1; l < layers.size(); ++l) activity = layers[l](relu(activity));
    return cross_entropy(activity, labels);
  }
};

}  // namespace

std::unique_ptr<Step> library(const Relu5& problem, Way way) {
  using Training = LibraryStep<Relu5Model, optim::SGD>;
  const optim::SGD::Options options{.lr = problem.lr, .momentum = problem.momentum};
  return std::make_unique<Training>(Relu5Model(problem), problem.parameters, options, way);
}

}  // namespace sigmagrad::bench
