// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/product.hpp>

#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/autograd/tensor/type_name.hpp>
#include <sigmagrad/nn/activations.hpp>
#include <sigmagrad/nn/parametrize.hpp>

namespace sigmagrad::nn {
namespace {

// W_L ... W_1 of the weights so far.
struct Chain {
  Tensor matrix;

  void append(const Tensor& weight) { matrix = matrix.defined() ? matmul(weight, matrix) : weight; }

  void append(const std::string& name, const Module& layer) {
    const auto weights = layer.named_weights();
    if (weights.contains("bias")) engine::fail("product: layer {} is not linear: it has a bias", name);
    append(weights["weight"]);
  }

  void append(const std::string& prefix, const Sequential& model) {
    for (std::size_t i = 0; i < model.size(); ++i) {
      const std::string name = prefix + std::to_string(i);
      if (const auto* plain = model.layer<Linear>(i))
        append(name, *plain);
      else if (const auto* parametrized = model.layer<Parametrized<Linear>>(i))
        append(name, *parametrized);
      else if (const auto* part = model.layer<Sequential>(i))
        append(name + ".", *part);
      else if (!model.layer<Identity>(i))
        engine::fail("product: layer {} is not linear: {}", name, engine::type_name(model.layer_type(i)));
    }
  }

  Tensor result() const {
    if (!matrix.defined()) engine::fail("product: the model has no weight");
    return matrix;
  }
};

}  // namespace

Tensor product(const Sequential& model) {
  Chain chain;
  chain.append("", model);
  return chain.result();
}

Tensor product(const ModuleList<Linear>& layers) {
  Chain chain;
  for (std::size_t i = 0; i < layers.size(); ++i) chain.append(std::to_string(i), layers[i]);
  return chain.result();
}

}  // namespace sigmagrad::nn
