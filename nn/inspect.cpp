// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/inspect.hpp>

#include <string_view>

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
      constexpr std::string_view prefix = "inspect: ";
      const std::string_view what = error.what();
      engine::fail("{}weight {}: {}", prefix, name, what.starts_with(prefix) ? what.substr(prefix.size()) : what);
    }
  }
  return result;
}

}  // namespace sigmagrad
