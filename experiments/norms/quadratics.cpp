// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/norms/quadratics.hpp>

#include <cmath>

#include <sigmagrad/experiments/norms/inequality.hpp>

namespace sigmagrad::experiments::norms {
namespace {

constexpr std::int64_t most_steps = 200'000, most_adam_steps = 20'000;

// A step of x [models, n] down x'H x / 2, one model a row, returning the models' distances to 0.
CapturedStep step_down(Tensor& x, const Tensor& H, optim::Optimizer& optimizer) {
  return capture([&x, &H, &optimizer] {
    const auto loss = (matmul(x, H) * x).sum() / 2.0;
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return linalg::row_norms(x.detach());
  });
}

Descended descend(const Quadratic& problem, const optim::SGDOptions& options, double theory) {
  auto x = problem.start.unsqueeze(0).clone().requires_grad_();
  optim::SGD optimizer({x}, options);
  auto step = step_down(x, problem.H, optimizer);
  const double start = linalg::vector_norm(problem.start).item();
  std::vector<double> distances{1.0};
  Descended result;
  while (distances.back() > target && static_cast<std::int64_t>(distances.size()) <= most_steps) {
    step();
    distances.push_back(step.output().item() / start);
    const auto bound = std::pow(theory, static_cast<double>(distances.size() - 1));
    if (bound > 0.0) result.bound_part = larger(result.bound_part, distances.back() / bound);
  }
  const std::size_t last = distances.size() - 1, late = last - last / 4;
  result.steps = static_cast<double>(last);
  result.rate = std::pow(distances[last] / distances[late], 1.0 / static_cast<double>(last - late));
  return result;
}

// cond(D^(1/2) H D^(1/2)) of the entries' step sizes D = 1 / (root of the mean square gradient).
double effective_cond(const Tensor& H, const Tensor& squares) {
  const auto root = pow(squares, -0.25);
  return linalg::cond(root.unsqueeze(1) * H * root).item();
}

}  // namespace

Quadratic random_quadratic(std::int64_t n, double cond, bool rotated, Generator& generator) {
  const auto Q = random_orthonormal(n, n, generator);
  const auto signs = 2.0 * randint(0, 2, {n}, generator) - 1.0;
  const auto eigenvalues = logspace(0.0, -std::log10(cond), n);
  if (!rotated) return {diag(eigenvalues), signs, cond};
  return {matmul(Q * eigenvalues, Q.t()), matmul(Q, signs), cond};
}

double gradient_descent_rate(double cond) { return (cond - 1.0) / (cond + 1.0); }
double momentum_rate(double cond) { return gradient_descent_rate(std::sqrt(cond)); }

Descended gradient_descent(const Quadratic& problem) {
  return descend(problem, {.lr = 2.0 / (1.0 + 1.0 / problem.cond)}, gradient_descent_rate(problem.cond));
}

Descended momentum(const Quadratic& problem) {
  const double rate = momentum_rate(problem.cond), roots = 1.0 + 1.0 / std::sqrt(problem.cond);
  return descend(problem, {.lr = 4.0 / (roots * roots), .momentum = rate * rate}, rate);
}

AdamRun adam(const Quadratic& problem) {
  const auto rates = logspace(-3.0, -0.5, 6);  // tried side by side: a model for each
  const auto n = problem.start.size(0);
  auto x = problem.start.expand({6, n}).clone().requires_grad_();
  optim::Adam optimizer({x}, {.lr = 1.0, .lr_scale = rates});
  auto step = step_down(x, problem.H, optimizer);
  const double goal = target * linalg::vector_norm(problem.start).item();
  AdamRun run;
  while (run.steps < static_cast<double>(most_adam_steps)) {
    step();
    run.steps += 1.0;
    if (run.steps == 10.0)
      run.effective_cond = effective_cond(problem.H, optimizer.state_dict()["0.exp_avg_sq"].select(0, 0));
    if (run.steps > 10.0 && min(step.output()).item() <= goal) break;
  }
  return run;
}

}  // namespace sigmagrad::experiments::norms
