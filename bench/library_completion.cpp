// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/autograd/matmul.hpp>
#include <sigmagrad/bench/detail/library.hpp>
#include <sigmagrad/bench/problems.hpp>
#include <sigmagrad/nn/losses.hpp>
#include <sigmagrad/optim/sgd.hpp>

namespace sigmagrad::bench {
namespace {

struct CompletionModel : nn::Module {
  std::vector<Tensor> factors;
  Tensor mask, observed;  // the target's entries where the mask is 1, else 0

  explicit CompletionModel(const Completion& problem)
      : mask(tensor(problem.mask, {problem.d, problem.d})),
        observed(mask * tensor(problem.target, {problem.d, problem.d})) {
    for (const char* name : {"w1", "w2", "w3"})
      factors.push_back(register_parameter(name, zeros({problem.d, problem.d})));
  }

  Tensor product() const {
    Tensor w = factors.front();
    for (std::size_t l = 1; l < factors.size(); ++l) w = matmul(factors[l], w);
    return w;
  }
  Tensor loss() const { return mse_loss(mask * product(), observed, Reduction::HalfSum); }
};

}  // namespace

std::unique_ptr<Step> library(const Completion& problem, Way way) {
  using Training = LibraryStep<CompletionModel, optim::SGD>;
  return std::make_unique<Training>(CompletionModel(problem), problem.parameters, optim::SGD::Options{.lr = problem.lr},
                                    way);
}

}  // namespace sigmagrad::bench
