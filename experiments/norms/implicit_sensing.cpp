// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <sigmagrad/experiments/norms/implicit.hpp>

namespace sigmagrad::experiments::norms::sensing {
namespace {

constexpr std::int64_t n = 5;
constexpr int iterations = 4000;

struct Problem {
  Tensor A, y;  // measurements [m, n, n], symmetric, and their values [m]

  Tensor of(const Tensor& X) const { return (A * X).sum(-1).sum(-1); }
};

// Values of a random positive semidefinite matrix of rank 2, which other matrices have as well.
Problem measured(const Tensor& A, Generator& generator) {
  const auto factor = randn({n, 2}, generator) / 2.0;
  Problem problem{A, {}};
  problem.y = problem.of(matmul(factor, factor.t()));
  return problem;
}

Problem commuting_problem(Generator& generator) {
  const auto Q = random_orthonormal(n, n, generator);
  return measured(matmul(Q * randn({2, 1, n}, generator), Q.t()), generator);
}

Problem general_problem(Generator& generator) {
  const auto G = randn({5, n, n}, generator);
  return measured((G + G.t()) / 2.0, generator);
}

// The positive semidefinite X of least trace with these values, by Douglas and Rachford's splitting: proximal map of
// the trace on the cone, then projection on the affine set.
Tensor least_trace(const Problem& problem) {
  const std::int64_t m = problem.A.size(0);
  const auto rows = problem.A.reshape({m, n * n});
  const auto to_set = linalg::pinv(rows);  // [n n, m]
  Tensor state = zeros({n, n}), inside = zeros({n, n});
  auto step = capture([&] {
    const NoGrad guard;
    const auto [values, vectors] = linalg::eigh(state);
    inside.copy_(matmul(vectors * relu(values - 0.2), vectors.t()));
    const auto reflected = 2.0 * inside - state;
    const auto missing = problem.of(reflected) - problem.y;
    const auto on_set = reflected - matmul(to_set, missing.unsqueeze(-1)).reshape({n, n});
    state.add_(on_set - inside);
  });
  for (int k = 0; k < iterations; ++k) step();
  return inside;
}

Tensor flow_end(const Problem& problem, double start) {
  Tensor U = (start * eye(n)).requires_grad_();
  optim::gradient_flow([&] { return square(problem.of(matmul(U, U.t())) - problem.y).sum() / 2.0; }, {U},
                       {.rtol = 1e-8, .loss_below = 1e-13, .max_steps = 3000});
  const NoGrad guard;
  return matmul(U, U.t());
}

}  // namespace

void check(Trial& t) {
  const auto g = t.generator();
  for (const bool commutes : {true, false}) {
    const auto problem = commutes ? commuting_problem(*g) : general_problem(*g);
    const auto least = least_trace(problem);
    for (const double start : starts) {
      const auto X = flow_end(problem, start);
      t.record(commutes ? commuting : general, start, trace(X).item() / trace(least).item() - 1.0);
      if (commutes || start > smallest_start) continue;
      t.record(rank_of_flow, linalg::effective_rank(X).item());
      t.record(rank_of_least, linalg::effective_rank(least).item());
    }
  }
}

}  // namespace sigmagrad::experiments::norms::sensing
