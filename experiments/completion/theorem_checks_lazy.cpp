// SPDX-License-Identifier: BSD-3-Clause
// Checks of Theorem 4.3: training that starts close to fitting, random and in the paper's example.
#include <cmath>

#include <sigmagrad/experiments/completion/theorem_checks.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

namespace {

double distance_from(const Factorization& model, const std::vector<Tensor>& from) {
  double squared = 0.0;
  for (std::size_t l = 0; l < from.size(); ++l) squared += square(model.factors()[l].detach() - from[l]).sum().item();
  return std::sqrt(squared);
}

// What the theorem promises of a model that starts at {B, A} with the loss `start_loss`, along its flow.
class LazyWatch {
 public:
  LazyWatch(const std::vector<Tensor>& start, const Completion& task)
      : start_(start),
        task_(task),
        bounds_(theory::lazy_bounds(start[1], start[0], task.observed)),
        sigma_(linalg::svdvals(start[1])),
        start_loss_(task.loss(matmul(start[1], start[0])).item()) {}

  const theory::LazyBounds& bounds() const { return bounds_; }
  double start_loss() const { return start_loss_; }

  void run() {
    const Factorization model(start_);
    const double unit = 1.0 / (bounds_.s_min * bounds_.s_min);
    watch(model, task_, {.t_end = 20.0 * unit, .rtol = 1e-9}, {0.3 * unit, unit, 3.0 * unit, 10.0 * unit},
          [&](double time) { look(model, time); });
  }

  Largest worst;

 private:
  void look(const Factorization& model, double time) {
    const auto A = model.factors()[1].detach();
    worst.see(lazy::loss, task_.loss(model.product()).item() / bounds_.loss(start_loss_, time));
    worst.see(lazy::distance, distance_from(model, start_) / bounds_.distance_for(start_loss_));
    worst.see(lazy::shift, largest_entry(linalg::svdvals(A) - sigma_) / bounds_.shift);
    worst.see(lazy::rank, bounds_.stable_rank / linalg::stable_rank(A).item());
  }

  std::vector<Tensor> start_;
  Completion task_;
  theory::LazyBounds bounds_;
  Tensor sigma_;
  double start_loss_;
};

// Balanced: A = U S V', B = V S U2' with singular values near 1.
std::vector<Tensor> balanced_start(std::int64_t d, Generator& g) {
  const auto S = 0.7 + 0.6 * rand({d}, g);
  const auto U = orthogonal(d, g), V = orthogonal(d, g), U2 = orthogonal(d, g);
  return {matmul(V * S, U2.t()), matmul(U * S, V.t())};
}

Tensor random_mask(std::int64_t d, Generator& g) {
  auto observed = bernoulli(full({d, d}, 0.6), g);
  return maximum(observed, eye(d));
}

// A target near the product: the start's loss is `share` of what the theorem allows.
Completion near_task(const std::vector<Tensor>& start, const Tensor& observed, double share, Generator& g) {
  const auto product = matmul(start[1], start[0]), direction = randn(product.shape(), g);
  const Completion unit{product + direction, observed};
  const double allowed = share * theory::lazy_bounds(start[1], start[0], observed).largest_loss;
  return {product + std::sqrt(allowed / unit.loss(product).item()) * direction, observed};
}

// The Jacobian at a random point `length` away.
Tensor jacobian_at(const std::vector<Tensor>& start, const Tensor& observed, double length, Generator& g) {
  std::vector<Tensor> step;
  double squared = 0.0;
  for (const auto& factor : start) {
    step.push_back(randn(factor.shape(), g));
    squared += square(step.back()).sum().item();
  }
  std::vector<Tensor> there;
  for (std::size_t l = 0; l < start.size(); ++l) there.push_back(start[l] + length / std::sqrt(squared) * step[l]);
  return theory::observed_jacobian(there, observed);
}

}  // namespace

Completion upper_triangle(std::int64_t d, double w, double c) {
  const auto order = arange(static_cast<double>(d)), gap = order - order.unsqueeze(-1);
  return {w * pow(full({d, d}, c), maximum(gap, 0.0)), gap >= 0.0};
}

void lazy::check(Trial& t) {
  const auto g = t.generator();
  const std::int64_t d = integer(*g, 2, 5);
  const auto start = balanced_start(d, *g);
  const auto observed = random_mask(d, *g);
  const auto task = near_task(start, observed, uniform(*g, 0.05, 1.0), *g);
  LazyWatch flow(start, task);
  flow.run();
  const auto& bounds = flow.bounds();
  const double root = std::sqrt(static_cast<double>(d)), far = log_uniform(*g, 0.01, 10.0);
  const auto here = theory::observed_jacobian(start, observed);
  const auto away = jacobian_at(start, observed, far, *g) - here;
  const auto values = linalg::svdvals(jacobian_at(start, observed, bounds.s_min / (2.0 * root), *g));
  flow.worst.record(t);
  t.record(lipschitz, linalg::norm(away, 2).item() / (root * far));
  t.record(smallest_value, 0.5 * bounds.s_min / values.data<double>().back());
  t.record(largest_value, values.data<double>().front() / (1.5 * bounds.s_max));
}

void example::check(Trial& t) {
  const auto g = t.generator();
  const std::int64_t d = integer(*g, 2, 10);
  const double w = log_uniform(*g, 0.3, 3.0), kappa = log_uniform(*g, 0.03, 10.0);
  const auto root = std::sqrt(w) * eye(d);
  const auto n = static_cast<double>(d);
  LazyWatch flow({root, root}, upper_triangle(d, w, kappa / n));
  const LazyWatch edge({root, root}, upper_triangle(d, w, 1.0 / (12.0 * n)));
  t.record(sufficient, edge.start_loss() / edge.bounds().largest_loss);
  t.record(spectrum, std::max(std::abs(edge.bounds().s_min / std::sqrt(2.0 * w) - 1.0),
                              std::abs(edge.bounds().s_max / std::sqrt(2.0 * w) - 1.0)));
  flow.run();
  const bool inside = flow.start_loss() <= flow.bounds().largest_loss;
  t.record(inside ? rank_inside : rank_outside, flow.worst.of(lazy::rank));
}

}  // namespace sigmagrad::experiments::completion
