// SPDX-License-Identifier: BSD-3-Clause
#include <limits>

#include <sigmagrad/experiments/norms/lipschitz.hpp>

namespace sigmagrad::experiments::norms::learned {
namespace {

constexpr std::int64_t width = 48, points = 100;
constexpr double scale_if_normalised = 4.0;  // of the logits: the network's constant is at most that

nn::Sequential network(std::int64_t inputs, bool normalised) {
  nn::Sequential model;
  const auto add = [&](std::int64_t in, std::int64_t out) {
    if (normalised)
      model.append(nn::parametrize(nn::Linear(in, out), nn::SpectralNorm{}));
    else
      model.append(nn::Linear(in, out));
  };
  add(inputs, width);
  model.append(nn::ReLU());
  add(width, width);
  model.append(nn::ReLU());
  add(width, classes);
  return model;
}

// Newton's steps on the margin to where it is 0, then the nearest change of class on the way there.
Tensor attack_distances(const nn::Sequential& model, const Examples& data) {
  auto x = data.x.clone();
  for (int k = 0; k < 50; ++k) {
    const auto at = x.clone().requires_grad_();
    const auto margins = nn::margins(model(at), data.labels);
    const auto slope = grad(margins.sum(), {at}).front();
    const auto length = square(slope).sum(-1, true) + std::numeric_limits<double>::min();
    x = x - 1.02 * relu(margins.detach() + 1e-9).unsqueeze(-1) / length * slope;
  }
  const NoGrad guard;
  auto right = zeros({data.x.size(0), 1}), wrong = ones({data.x.size(0), 1});
  const auto margins_at = [&](const Tensor& part) {
    return nn::margins(model(data.x + part * (x - data.x)), data.labels).unsqueeze(-1);
  };
  const auto succeeded = (margins_at(wrong) < 0.0).squeeze(-1);
  for (int k = 0; k < 40; ++k) {
    const auto middle = (right + wrong) / 2.0, is_wrong = margins_at(middle) < 0.0;
    right = where(is_wrong, right, middle);
    wrong = where(is_wrong, middle, wrong);
  }
  const auto distance = wrong.squeeze(-1) * linalg::row_norms(x - data.x);
  return where(succeeded, distance, std::numeric_limits<double>::infinity());
}

double stretch_found(const nn::Sequential& model, const Tensor& x, Generator& generator) {
  const auto from = x.narrow(0, 0, 20);
  return largest_stretch(model, from, 0.1 * randn(from.shape(), generator), ones({}), 150).item();
}

void record_robustness(Trial& t, const nn::Sequential& model, const Tensor& lipschitz, const Examples& all) {
  const Examples data{all.x.narrow(0, 0, points), all.labels.narrow(0, 0, points)};
  const auto margins = nn::margins(model(data.x), data.labels).detach();
  const auto radii = nn::certified_radius(margins, lipschitz), distances = attack_distances(model, data);
  const auto right = margins > 0.0;
  t.record(closest_attack, max(where(right, radii / distances, 0.0)).item());
  t.record(certified, median(radii).item());
  t.record(attacked, median(distances_to_error(margins, distances)).item());
  t.record(failed_attacks, (right * !isfinite(distances)).sum().item());
}

// Biases are left out: they move no two inputs apart.
void record_norms(Trial& t, const nn::Sequential& model, const Examples& data) {
  double ranks = 0.0;
  for (const auto& [name, weight] : model.named_weights())
    if (weight.dim() >= 2) ranks += linalg::stable_rank(weight).item();
  t.record(stable_rank, ranks);
  const auto margins = nn::margins(model(data.x), data.labels);
  const double middle = quantile(margins, 0.5).item();
  t.record(no_margin, middle > 0.0 ? 0.0 : 1.0);
  if (!(middle > 0.0)) return;  // most points are misclassified: claims count the bounds as infinite
  const nn::MarginOptions options{
      .input = max(linalg::row_norms(data.x)).item(), .margin = middle, .samples = data.x.size(0)};
  t.record(margin_bound, nn::margin_bound(model, options).item());
  t.record(pac_bayes_bound, nn::pac_bayes_bound(model, options).item());
}

}  // namespace

Tensor distances_to_error(const Tensor& margins, const Tensor& attack) { return where(margins > 0.0, attack, 0.0); }

void check(Trial& t) {
  const auto generator = t.generator(), order = t.generator(1);
  const bool normalised = t[layers] == "normalised";
  const double scale = normalised ? scale_if_normalised : 1.0;
  const auto data = split_mixture(t[label_noise], *generator);
  const auto model = network(data.train.x.size(1), normalised);
  fit(model, data.train, {.epochs = 40, .logit_scale = scale}, *order);
  model.eval();
  model.requires_grad_(false);
  const double trained = accuracy(model, data.train), other = accuracy(model, data.test);
  t.record(training_accuracy, trained);
  t.record(test_accuracy, other);
  t.record(gap, trained - other);
  const auto lipschitz = nn::lipschitz_bound(model).layerwise;
  const double largest = stretch_found(model, data.test.x, *generator);
  t.record(product, lipschitz.item());
  t.record(found_stretch, largest);
  t.record(looseness, lipschitz.item() / largest);
  record_robustness(t, model, lipschitz, data.test);
  record_norms(t, model, data.train);
}

}  // namespace sigmagrad::experiments::norms::learned
