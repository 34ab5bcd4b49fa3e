// SPDX-License-Identifier: BSD-3-Clause
// Who trains a deep linear network fastest, which spends its time at saddles?
#include <cmath>

#include <sigmagrad/experiments/compare/candidates.hpp>

namespace sigmagrad::experiments::compare {
namespace {

const Text inputs{
    .name = "inputs", .help = "white, or with a covariance of condition number 100", .quick = {"white", "non-white"}};
const Int depth{.name = "depth", .help = "number of layers", .quick = {3}, .minimum = 1};

constexpr std::int64_t size = 10;

// A target with singular values from 1 down to 1 / 10, deviations of the inputs, and layers of entries from
// N(0, 0.25 / size): the product of three is small, as are the gradients at the start.
struct DeepLinear {
  Tensor target, deviations;
  std::vector<Tensor> layers;
};

DeepLinear draw(Trial& t) {
  const auto generator = t.generator();
  const auto U = linalg::qr(randn({size, size}, *generator)).Q, V = linalg::qr(randn({size, size}, *generator)).Q;
  const auto variances = t[inputs] == "white" ? ones({size}) : logspace(0.0, -2.0, size);
  DeepLinear drawn{.target = matmul(U * logspace(0.0, -1.0, size), V.t()),
                   .deviations = sqrt(variances / variances.mean()),
                   .layers = {}};
  for (std::int64_t l = 0; l < t[depth]; ++l)
    drawn.layers.push_back(0.5 / std::sqrt(static_cast<double>(size)) * randn({size, size}, *generator));
  return drawn;
}

// The error of all inputs relative to the target's: 1 for a product of zeros.
Tensor loss_of(const std::vector<Tensor>& layers, const Tensor& target, const Tensor& deviations) {
  auto product = layers.front();
  for (std::size_t l = 1; l < layers.size(); ++l) product = matmul(layers[l], product);
  return square((product - target) * deviations).sum({-2, -1}) / square(target * deviations).sum({-2, -1});
}

Training make(Trial& t) {
  const auto drawn = draw(t);
  std::vector<Tensor> layers;
  for (const Tensor& layer : drawn.layers) layers.push_back(layer.clone().requires_grad_());
  return {
      .parameters = layers, .loss = [=] { return loss_of(layers, drawn.target, drawn.deviations); }, .captured = true};
}

Trainings make_many(std::span<Trial> trials) {
  std::vector<Tensor> targets;
  std::vector<std::vector<Tensor>> each(static_cast<std::size_t>(trials.front()[depth]));
  Tensor deviations;
  for (Trial& t : trials) {
    auto drawn = draw(t);
    targets.push_back(drawn.target);
    deviations = drawn.deviations;
    for (std::size_t l = 0; l < each.size(); ++l) each[l].push_back(drawn.layers[l]);
  }
  std::vector<Tensor> layers;
  for (const auto& of_trials : each) layers.push_back(stack(of_trials).requires_grad_());
  return {.parameters = layers, .losses = [=, target = stack(targets)] { return loss_of(layers, target, deviations); }};
}

const Problem deep_linear{.name = "deep_linear",
                          .parameters = {inputs, depth},
                          .make = make,
                          .batched = make_many,
                          .steps = {.quick = 300, .paper = 500},
                          .target = 1e-2};

const Register comparison{lab::compare(
    "compare/deep_linear", {deep_linear}, optimizers(),
    {.title = "Optimisers on a deep linear network",
     .question = "Who trains a deep linear network fastest, which spends its time at saddles?",
     .observe = "Shampoo takes the fewest steps to the target (40 on white inputs, 18 on others), then Adagrad (40), "
                "momentum and Adam (60 to 80), at last SGD (120 and 180); Muon takes 1.9 times SGD's on white inputs, "
                "for its steps do not become smaller.",
     .trials = {.quick = 12, .paper = 20},
     .seconds = {.quick = 3, .paper = 10},
     .claims = {{.claim = "Muon reaches a low loss on deep linear networks in fewer steps than SGD",
                 .source = "what orthogonal updates are proposed for (Jordan 2024)",
                 .says = "faster",
                 .holds = median_ratio(compared::steps_to_target, compared::candidate == "sgd")
                              .at(compared::candidate == "muon") < 1.0,
                 .why = "Steps to the target on the same seeds, each at the rate that is best for the final loss."}},
     .quick = quick_optimizers()})};

}  // namespace
}  // namespace sigmagrad::experiments::compare
