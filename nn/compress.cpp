// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/compress.hpp>

#include <algorithm>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/nn/parametrize.hpp>

namespace sigmagrad::nn {
namespace {

Sequential two_layers(const Tensor& weight, const Tensor& bias, std::int64_t rank) {
  const std::int64_t largest = std::min(weight.size(-1), weight.size(-2));
  if (rank < 1 || rank > largest)
    engine::fail("compress: rank must be in 1 ... {} for a weight {} (got {})", largest, weight.shape().str(), rank);
  const NoGrad guard;
  const auto [U, S, Vt] = linalg::svd(weight);
  const auto root = sqrt(S.narrow(-1, 0, rank));
  return Sequential(Linear(root.unsqueeze(-1) * Vt.narrow(-2, 0, rank)),
                    Linear(U.narrow(-1, 0, rank) * root.unsqueeze(-2), bias.defined() ? bias.clone() : bias));
}

// The weight and bias of a layer, undefined where there is none.
std::pair<Tensor, Tensor> weight_and_bias(const Module& layer) {
  Tensor weight, bias;
  for (const auto& [name, value] : layer.named_weights()) {
    if (name == "weight") weight = value;
    if (name == "bias") bias = value;
  }
  return {weight, bias};
}

bool saves(const Tensor& weight, std::int64_t rank) {
  return rank * (weight.size(-1) + weight.size(-2)) < weight.size(-1) * weight.size(-2);
}

}  // namespace

Sequential compress(const Linear& layer, std::int64_t rank) { return two_layers(layer.weight, layer.bias, rank); }

Sequential compress(const Sequential& model, std::int64_t rank) {
  if (rank < 1) engine::fail("compress: rank must be >= 1 (got {})", rank);
  const Sequential own = model.clone();
  Sequential result;
  if (!model.is_training()) result.eval();
  for (std::size_t i = 0; i < own.size(); ++i) {
    const auto* plain = own.layer<Linear>(i);
    const auto* parametrized = own.layer<Parametrized<Linear>>(i);
    const auto [weight, bias] = plain          ? weight_and_bias(*plain)
                                : parametrized ? weight_and_bias(*parametrized)
                                               : std::pair<Tensor, Tensor>();
    if (weight.defined() && saves(weight, rank))
      result.append(two_layers(weight, bias, rank));
    else if (const auto* part = own.layer<Sequential>(i))
      result.append(compress(*part, rank));
    else
      result.append_layer(own, i);
  }
  return result;
}

}  // namespace sigmagrad::nn
