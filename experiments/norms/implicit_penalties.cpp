// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/experiments/norms/implicit.hpp>

namespace sigmagrad::experiments::norms {
namespace {

constexpr std::int64_t n = 8;

// Minimises ||W - T||_F^2 / 2 + strength * penalty(W): by gradient where the penalty has one everywhere, else by its
// proximal map after each step.
Tensor fitted(const Tensor& T, const nn::Penalty& penalty, double strength, bool smooth) {
  const nn::Linear layer(zeros(T.shape()));
  optim::SGD optimizer(layer.parameters(), {.lr = 0.1});
  if (!smooth) optimizer.after_step(optim::proximal(layer.parameters(), penalty, strength));
  auto step = capture([&] {
    auto loss = mse_loss(layer.weight, T, Reduction::HalfSum);
    if (smooth) loss = loss + strength * penalty(layer.weight);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  });
  for (int k = 0; k < 400; ++k) step();
  return layer.weight.detach();
}

// The loss with the factors' squares in place of the product's: strength * (||A||_F^2 + ||B||_F^2).
Tensor fitted_factors(const Tensor& T, double strength, Generator& generator) {
  Tensor A = (0.3 * randn({n, n}, generator)).requires_grad_(), B = (0.3 * randn({n, n}, generator)).requires_grad_();
  const auto penalty = nn::frobenius_penalty();
  optim::gradient_flow(
      [&] { return mse_loss(matmul(A, B), T, Reduction::HalfSum) + strength * (penalty(A) + penalty(B)); }, {A, B},
      {.grad_norm_below = 1e-6, .max_steps = 4000});
  return matmul(A, B).detach();
}

void record_values(Trial& t, const Curve& curve, const Tensor& s) {
  for (std::int64_t i = 0; i < n; ++i) t.record(curve, static_cast<double>(i + 1), s[i].item());
}

double part_of_rank(const Tensor& s) { return mean(s > 1e-3).item(); }

}  // namespace

namespace penalties {

void check(Trial& t) {
  const auto g = t.generator();
  const auto T = 3.0 * of_condition(n, 30.0, *g);  // singular values 3, ..., 0.1
  const auto s = linalg::svdvals(T);
  const auto values = [](const Tensor& W) { return linalg::svdvals(W); };
  const auto decayed = values(fitted(T, nn::frobenius_penalty(), 0.2, true));
  const auto low_rank = values(fitted(T, nn::nuclear_penalty(), 0.5, false));
  const auto capped = values(fitted(T, nn::spectral_penalty(), 2.0, false));
  const auto of_factors = values(fitted_factors(T, 0.25, *g));
  record_values(t, none, s);
  record_values(t, frobenius, decayed);
  record_values(t, nuclear, low_rank);
  record_values(t, spectral, capped);
  record_values(t, factored, of_factors);
  const auto factor = decayed / s, lower = (capped / s).narrow(0, n / 2, n / 2);
  t.record(unequal, max(factor).item() / min(factor).item() - 1.0);
  t.record(rank_nuclear, part_of_rank(low_rank));
  t.record(rank_factored, part_of_rank(of_factors));
  t.record(cut, capped[0].item() / s[0].item());
  t.record(untouched, max(abs(lower - 1.0)).item());
}

}  // namespace penalties

namespace adamw {
namespace {

constexpr double weight_decay = 0.5;
constexpr std::array<double, 2> betas{0.9, 0.999};
constexpr int steps = 3000;
constexpr std::int64_t entries = 200;

// The largest |entry| * weight_decay at the end, for gradients g(step, weight).
double end_size(const std::function<Tensor(int step, const Tensor& weight)>& gradient) {
  Tensor weight = zeros({entries}).requires_grad_();
  optim::AdamW optimizer({weight}, {.lr = 0.02, .betas = betas, .weight_decay = weight_decay});
  for (int k = 0; k < steps; ++k) {
    const auto g = gradient(k, weight.detach());
    optimizer.zero_grad();
    (weight * g).sum().backward();
    optimizer.step();
  }
  return max(abs(weight)).item() * weight_decay;
}

}  // namespace

double largest_ratio() {
  const auto [b1, b2] = betas;
  return (1.0 - b1) / std::sqrt((1.0 - b2) * (1.0 - b1 * b1 / b2));
}

void check(Trial& t) {
  const auto g = t.generator();
  const auto direction = randn({entries}, *g);
  t.record(constant, end_size([&](int, const Tensor&) { return direction; }));
  t.record(noisy, end_size([&](int, const Tensor&) { return direction + randn({entries}, *g); }));
  t.record(pulled, end_size([&](int, const Tensor& w) { return w - 10.0 / weight_decay * direction; }));
  // Up to 1e100 at the end, so that no square overflows.
  for (const double factor : {1.0, 1.01, 1.05, worst_growth, 1.2})
    t.record(growing, factor,
             end_size([&](int k, const Tensor&) { return 1e100 * std::pow(factor, k - steps) * sign(direction); }));
}

}  // namespace adamw

}  // namespace sigmagrad::experiments::norms
