// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/bench/detail/library.hpp>
#include <sigmagrad/bench/problems.hpp>
#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/losses.hpp>
#include <sigmagrad/optim/adam.hpp>

namespace sigmagrad::bench {
namespace {

struct Relu2Model : nn::Module {
  nn::Linear hidden, out;
  Tensor x, y;

  explicit Relu2Model(const Relu2& problem)
      : hidden(register_module("hidden", nn::Linear(problem.d, problem.d))),
        out(register_module("out", nn::Linear(problem.d, problem.d))),
        x(tensor(problem.x, {problem.d, problem.d})),
        y(tensor(problem.y, {problem.d, problem.d})) {}

  Tensor loss() const { return mse_loss(out(relu(hidden(x))), y); }
};

}  // namespace

std::unique_ptr<Step> library(const Relu2& problem, Way way) {
  using Training = LibraryStep<Relu2Model, optim::Adam>;
  return std::make_unique<Training>(Relu2Model(problem), problem.parameters, optim::Adam::Options{.lr = problem.lr},
                                    way);
}

}  // namespace sigmagrad::bench
