// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/bench/detail/library.hpp>
#include <sigmagrad/bench/problems.hpp>
#include <sigmagrad/nn/losses.hpp>
#include <sigmagrad/optim/sgd.hpp>

namespace sigmagrad::bench {
namespace {

struct CompletionModel : nn::Module {
  std::vector<Tensor> factors;
  Tensor target, mask;

  CompletionModel(const Shape& shape, const std::vector<double>& target_entries,
                  const std::vector<double>& mask_entries)
      : target(tensor(target_entries, shape)), mask(tensor(mask_entries, shape)) {
    for (const char* name : {"w1", "w2", "w3"}) factors.push_back(register_parameter(name, zeros(shape)));
  }

  Tensor product() const {
    Tensor w = factors.front();
    for (std::size_t l = 1; l < factors.size(); ++l) w = matmul(factors[l], w);
    return w;
  }
  Tensor loss() const { return masked_mse_loss(product(), target, mask, Reduction::HalfSum); }
};

using Training = LibraryStep<CompletionModel, optim::SGD>;

}  // namespace

std::unique_ptr<Step> library(const Completion& problem, Way way) {
  return std::make_unique<Training>(CompletionModel({problem.d, problem.d}, problem.target, problem.mask),
                                    problem.parameters, optim::SGD::Options{.lr = problem.lr}, way);
}

std::unique_ptr<Step> library(const Ensemble& problem, Way way) {
  std::vector<double> mask;
  for (int trial = 0; trial < problem.trials; ++trial)
    mask.insert(mask.end(), problem.mask.begin(), problem.mask.end());
  return std::make_unique<Training>(CompletionModel({problem.trials, problem.d, problem.d}, problem.target, mask),
                                    problem.parameters, optim::SGD::Options{.lr = problem.lr}, way);
}

}  // namespace sigmagrad::bench
