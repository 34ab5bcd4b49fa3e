// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <optional>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

struct GradOptions {
  bool create_graph = false;           // the gradients can be differentiated again
  std::optional<bool> retain_graph{};  // keep the graph for another walk; as create_graph unless given
  bool allow_unused = false;           // an input that `output` does not depend on gives an undefined tensor, not Error
  Tensor grad_outputs{};               // the gradient to start from; needed where `output` has more than one entry
};

/// d(output)/d(input) for each input, leaving every `grad()` alone. Inputs may be leaves or results.
std::vector<Tensor> grad(const Tensor& output, const std::vector<Tensor>& inputs, const GradOptions& options = {});

/// `grad` for a braced list: `auto [g] = grad(loss, {w});`
template <std::size_t N>
std::array<Tensor, N> grad(const Tensor& output, const Tensor (&inputs)[N], const GradOptions& options = {}) {
  const auto gradients = grad(output, std::vector<Tensor>(inputs, inputs + N), options);
  std::array<Tensor, N> result;
  for (std::size_t i = 0; i < N; ++i) result[i] = gradients[i];
  return result;
}

}  // namespace sigmagrad
