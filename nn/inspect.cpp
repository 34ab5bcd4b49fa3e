// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/inspect.hpp>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

std::vector<std::pair<std::string, MatrixSummary>> inspect(const nn::Module& model, const InspectOptions& options) {
  const NoGrad guard;
  std::vector<std::pair<std::string, MatrixSummary>> result;
  for (const auto& [name, weight] : model.named_weights()) {
    if (weight.dim() < 2) continue;
    try {
      result.emplace_back(name, inspect(weight, options));
    } catch (const Error& error) {
      engine::fail("inspect: weight {}: {}", name, error.what());
    }
  }
  return result;
}

}  // namespace sigmagrad
