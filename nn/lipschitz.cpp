// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/lipschitz.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/indexing.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/autograd/tensor/type_name.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/nn/activations.hpp>
#include <sigmagrad/nn/detail/image_bounds.hpp>
#include <sigmagrad/nn/dropout.hpp>
#include <sigmagrad/nn/flatten.hpp>
#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/normalization.hpp>
#include <sigmagrad/nn/parametrize.hpp>
#include <sigmagrad/nn/residual.hpp>

namespace sigmagrad::nn {
namespace {

// The largest slopes: of x Phi(x), at the root of 2, and of x sigmoid(x), at about 2.4.
constexpr double gelu_slope = 1.1289041451851551;
constexpr double silu_slope = 1.0998393201288670;

// The constant of the i-th layer where it works entry by entry, 0 where it does not.
double slope(const Sequential& model, std::size_t i) {
  if (model.layer<ReLU>(i) || model.layer<Tanh>(i) || model.layer<Softplus>(i) || model.layer<Flatten>(i)) return 1.0;
  if (model.layer<Sigmoid>(i)) return 0.25;
  if (model.layer<GELU>(i)) return gelu_slope;
  if (model.layer<SiLU>(i)) return silu_slope;
  if (const auto* leaky = model.layer<LeakyReLU>(i)) return std::max(1.0, std::abs(leaky->negative_slope()));
  if (const auto* elu = model.layer<ELU>(i)) return std::max(1.0, std::abs(elu->alpha()));
  if (const auto* pool = model.layer<MaxPool2d>(i)) return detail::pool_bound(*pool);
  if (const auto* pool = model.layer<AvgPool2d>(i)) return detail::pool_bound(*pool);
  if (const auto* pool = model.layer<AdaptiveAvgPool2d>(i)) return pool->size() == Pair(1) ? 1.0 : 0.0;
  return 0.0;
}

const BatchNorm* batch_norm(const Sequential& model, std::size_t i) {
  if (const auto* norm = model.layer<BatchNorm1d>(i)) return norm;
  return model.layer<BatchNorm2d>(i);
}

Tensor scale_of(const BatchNorm& layer, const std::string& name) {
  if (!layer.running_var.defined())
    engine::fail("lipschitz_bound: layer {} has no bound: batch norm without running statistics", name);
  const Tensor inverse = rsqrt(layer.running_var + layer.eps());
  return max(layer.weight.defined() ? abs(layer.weight) * inverse : inverse, -1);
}

struct Factors {
  LipschitzBound bound;
  Tensor chain;  // the product of matrices that nothing stands between

  void multiply(Tensor& product, const Tensor& factor) { product = product.defined() ? product * factor : factor; }

  void end_chain() {
    if (chain.defined()) multiply(bound.composition, linalg::norm(chain, 2));
    chain = Tensor();
  }

  void append_matrix(const std::string& name, const Tensor& weight) {
    bound.factors.emplace_back(name, linalg::norm(weight, 2));
    multiply(bound.layerwise, bound.factors.back().second);
    chain = chain.defined() ? matmul(weight, chain) : weight;
  }

  void append_factor(const std::string& name, const Tensor& factor) { append_factors(name, factor, factor); }

  void append_factors(const std::string& name, const Tensor& of_layers, const Tensor& of_composition) {
    end_chain();
    bound.factors.emplace_back(name, of_layers);
    multiply(bound.layerwise, of_layers);
    multiply(bound.composition, of_composition);
  }

  void append_sum(const std::string& name, const Residual& layer, Dtype dtype) {
    Factors branch, shortcut;
    branch.append(name + ".branch.", layer.branch(), dtype);
    shortcut.append(name + ".shortcut.", layer.shortcut(), dtype);
    const auto a = branch.result(dtype), b = shortcut.result(dtype);
    append_factors(name, a.layerwise + b.layerwise, a.composition + b.composition);
  }

  void append_slope(const std::string& name, double value, Dtype dtype) {
    end_chain();
    if (value != 1.0) append_factor(name, full({}, value, dtype));
  }

  void append(const std::string& prefix, const Sequential& model, Dtype dtype) {
    for (std::size_t i = 0; i < model.size(); ++i) {
      const std::string name = prefix + std::to_string(i);
      if (const auto* plain = model.layer<Linear>(i))
        append_matrix(name, plain->weight);
      else if (const auto* parametrized = model.layer<Parametrized<Linear>>(i))
        append_matrix(name, parametrized->weight());
      else if (const auto* part = model.layer<Sequential>(i))
        append(name + ".", *part, dtype);
      else if (const auto* conv = model.layer<Conv2d>(i))
        append_factor(name, detail::convolution_bound(conv->weight, conv->options()));
      else if (const auto* computed = model.layer<Parametrized<Conv2d>>(i))
        append_factor(name, detail::convolution_bound(computed->weight(), computed->layer().options()));
      else if (const auto* sum = model.layer<Residual>(i))
        append_sum(name, *sum, dtype);
      else if (const auto* norm = batch_norm(model, i))
        append_factor(name, scale_of(*norm, name));
      else if (model.layer<Identity>(i) || model.layer<Dropout>(i))
        continue;
      else if (const double value = slope(model, i); value > 0.0)
        append_slope(name, value, dtype);
      else
        engine::fail("lipschitz_bound: layer {} has no known bound: {}", name, engine::type_name(model.layer_type(i)));
    }
  }

  LipschitzBound result(Dtype dtype) {
    end_chain();
    for (Tensor* product : {&bound.layerwise, &bound.composition})
      if (!product->defined()) *product = ones({}, dtype);
    return bound;
  }
};

Dtype dtype_of(const Module& model) {
  const auto parameters = model.parameters();
  return parameters.empty() ? f64 : parameters.front().dtype();
}

}  // namespace

LipschitzBound lipschitz_bound(const Sequential& model) {
  Factors factors;
  factors.append("", model, dtype_of(model));
  return factors.result(dtype_of(model));
}

LipschitzBound lipschitz_bound(const Module& model) {
  Factors factors;
  for (const auto& [name, value] : model.named_weights()) {
    const bool is_bias = name == "bias" || name.ends_with(".bias");
    if (is_bias) continue;
    if (value.dim() < 2 || value.dim() > 3)
      engine::fail("lipschitz_bound: parameter {} is neither a matrix nor a bias: {}", name, value.shape().str());
    factors.append_matrix(name, value);
    factors.end_chain();
  }
  return factors.result(dtype_of(model));
}

Tensor margins(const Tensor& logits, const Tensor& labels) {
  engine::check_same_dtype("margins", logits, labels);
  if (logits.dim() < 1 || logits.size(-1) < 2)
    engine::fail("margins: needs logits of at least two classes, got {}", logits.shape().str());
  if (labels.shape() != logits.shape().without(-1))
    engine::fail("margins: labels must be {} for logits {} (got {})", logits.shape().without(-1).str(),
                 logits.shape().str(), labels.shape().str());
  const Tensor own = one_hot(labels, logits.size(-1));
  const double infinity = std::numeric_limits<double>::infinity();
  return gather(logits, -1, labels.unsqueeze(-1)).squeeze(-1) - max(where(own, -infinity, logits), -1);
}

Tensor certified_radius(const Tensor& margin, const Tensor& lipschitz) {
  return relu(margin) / (std::numbers::sqrt2 * lipschitz);
}

}  // namespace sigmagrad::nn
