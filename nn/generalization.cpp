// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/generalization.hpp>

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/spectrum.hpp>
#include <sigmagrad/nn/lipschitz.hpp>

namespace sigmagrad::nn {
namespace {

struct Matrices {
  std::vector<Tensor> weights;
  Tensor lipschitz;

  Matrices(const char* operation, const Module& model) {
    for (const auto& [name, value] : model.named_weights())
      if (value.dim() >= 2) weights.push_back(value);
    if (weights.empty()) engine::fail("{}: the model has no matrix", operation);
    lipschitz = lipschitz_bound(model).layerwise;
  }

  template <class F>
  Tensor sum_of(const F& f) const {
    Tensor total = f(weights.front());
    for (std::size_t i = 1; i < weights.size(); ++i) total = total + f(weights[i]);
    return total;
  }
};

void check(const char* operation, const MarginOptions& options) {
  if (!(options.input > 0.0)) engine::fail("{}: input must be > 0 (got {})", operation, options.input);
  if (!(options.margin > 0.0)) engine::fail("{}: margin must be > 0 (got {})", operation, options.margin);
  if (options.samples < 1) engine::fail("{}: samples must be >= 1 (got {})", operation, options.samples);
  if (!(options.delta > 0.0 && options.delta < 1.0))
    engine::fail("{}: delta must be between 0 and 1 (got {})", operation, options.delta);
}

Tensor complexity(const char* operation, const Module& model) {
  const Matrices matrices(operation, model);
  const Tensor sum =
      matrices.sum_of([](const Tensor& w) { return pow(linalg::norm_2_1(w.t()) / linalg::norm(w, 2), 2.0 / 3.0); });
  return matrices.lipschitz * pow(sum, 1.5);
}

}  // namespace

Tensor spectral_complexity(const Module& model) { return complexity("spectral_complexity", model); }

Tensor margin_bound(const Module& model, const MarginOptions& options) {
  check("margin_bound", options);
  const double scale = options.input / (options.margin * std::sqrt(static_cast<double>(options.samples)));
  return scale * complexity("margin_bound", model);
}

Tensor pac_bayes_bound(const Module& model, const MarginOptions& options) {
  check("pac_bayes_bound", options);
  const Matrices matrices("pac_bayes_bound", model);
  const auto d = static_cast<double>(matrices.weights.size()), samples = static_cast<double>(options.samples);
  std::int64_t widest = 0;
  for (const Tensor& w : matrices.weights) widest = std::max({widest, w.size(-1), w.size(-2)});
  const auto h = static_cast<double>(widest);
  const Tensor ranks = matrices.sum_of([](const Tensor& w) { return linalg::stable_rank(w); });
  const Tensor weights = (d * d * h * std::log(d * h)) * square(options.input * matrices.lipschitz) * ranks;
  return sqrt(weights + std::log(d * samples / options.delta)) / (options.margin * std::sqrt(samples));
}

}  // namespace sigmagrad::nn
