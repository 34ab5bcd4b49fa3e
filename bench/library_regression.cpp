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

struct RegressionModel : nn::Module {
  nn::Linear layer;
  Tensor x, y;

  explicit RegressionModel(const Regression& problem)
      : layer(register_module("layer", nn::Linear(problem.d, problem.d, {.bias = false}))),
        x(tensor(problem.x, {problem.batch, problem.d})),
        y(tensor(problem.y, {problem.batch, problem.d})) {}

  Tensor loss() const { return mse_loss(layer(x), y, Reduction::HalfSum) / static_cast<double>(x.size(0)); }
};

}  // namespace

std::unique_ptr<Step> library(const Regression& problem, Way way) {
  using Training = LibraryStep<RegressionModel, optim::SGD>;
  return std::make_unique<Training>(RegressionModel(problem), problem.parameters, optim::SGD::Options{.lr = problem.lr},
                                    way);
}

}  // namespace sigmagrad::bench
