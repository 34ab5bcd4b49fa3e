// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/balanced_problems.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::testing {

std::string BalancedProblem::describe() const {
  return fmt::format("n_i={} n_h={} n_o={} lambda={} scale={}", W1.size(1), W1.size(0), W2.size(0), lambda, scale);
}

BalancedProblem balanced_problem(std::int64_t n_i, std::int64_t n_h, std::int64_t n_o, double lambda,
                                 std::uint64_t seed, double scale) {
  Generator generator(seed);
  const auto [W1, W2] = theory::lambda_balanced(lambda, {n_i, n_h, n_o}, {.sigma = scale}, generator);
  return {lambda, scale, W1, W2, randn({n_o, n_i}, generator)};
}

BalancedProblem random_balanced_problem(std::uint64_t seed) {
  Generator generator(seed, 1);
  std::array<std::int64_t, 3> sizes{};
  std::array<double, 3> u{};
  generator.integers(1, 6, sizes);
  generator.uniform(u);
  const auto [n_i, n_h, n_o] = sizes;
  double lambda = u[2] < 0.2 ? 0.0 : std::pow(10.0, -3.0 + 4.5 * u[0]) * (u[2] < 0.6 ? 1.0 : -1.0);
  if (lambda > 0 && n_h > n_o) lambda = n_h <= n_i ? -lambda : 0.0;
  if (lambda < 0 && n_h > n_i) lambda = n_h <= n_o ? -lambda : 0.0;
  return balanced_problem(n_i, n_h, n_o, lambda, seed, 0.05 * std::pow(40.0, u[1]));
}

double relative_distance(const Tensor& a, const Tensor& b) {
  return std::sqrt(square(a - b).sum().item() / square(b).sum().item());
}

double distance_from_gradient_flow(const BalancedProblem& problem) {
  const double rate = 2 * linalg::svdvals(problem.Sigma).data<double>()[0] + std::abs(problem.lambda);
  const std::vector<double> times = {0.5 / rate, 2 / rate, 8 / rate};
  const auto exact = theory::BalancedDynamics(problem.W1, problem.W2, problem.Sigma).qqt(times);
  const Tensor W1 = problem.W1.clone().requires_grad_(), W2 = problem.W2.clone().requires_grad_();
  double worst = 0.0;
  std::int64_t reached = 0;
  const auto compare = [&](double, std::int64_t) {
    const NoGrad guard;
    const auto Q = cat({W1.t(), W2}, 0);
    worst = std::max(worst, relative_distance(matmul(Q, Q.t()), exact.select(0, reached++)));
  };
  optim::gradient_flow([&] { return 0.5 * square(matmul(W2, W1) - problem.Sigma).sum(); }, {W1, W2},
                       {.t_end = times.back(), .rtol = 1e-10, .at = times, .callback = compare});
  const double drift = std::abs(theory::balancedness(W1.detach(), W2.detach()).lambda.item() - problem.lambda);
  const double size = square(problem.W1).sum().item() + square(problem.W2).sum().item();
  return reached == 3 ? std::max(worst, drift / size) : 1.0;
}

}  // namespace sigmagrad::testing
