// SPDX-License-Identifier: BSD-3-Clause
// Checks that are about which entries are observed, at any depth.
#include <algorithm>
#include <cmath>
#include <vector>

#include <sigmagrad/experiments/completion/theorem_checks.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {

namespace {

// The smallest sum of squares that the observed entries of u v' have, by turns over unit vectors u and v: given one,
// the sum is linear in the other's squares, and least where these are all in one place.
double smallest_image(const Tensor& observed, Generator& g) {
  const std::int64_t d = observed.size(0);
  auto u = square(randn({d}, g)), v = u;
  for (int turn = 0; turn < 2; ++turn) {
    v = one_hot(argmin(matmul(observed.t(), u / sum(u))), d);
    u = one_hot(argmin(matmul(observed, v)), d);
  }
  return matmul(u, matmul(observed, v)).item();
}

// Definition 1: rows and columns are vertices with the adjacency [[0, P'], [P, 0]], and those without a neighbour do
// not count. Connected if there is a walk between any two.
bool is_connected_by_walks(const Tensor& P) {
  const std::int64_t d = P.size(0);
  const auto none = zeros({d, d});
  const auto A = cat({cat({none, P.t()}, 1), cat({P, none}, 1)});
  const auto walks = linalg::matrix_power(A + eye(2 * d), 2 * d), degrees = sum(A, 1);
  const auto counted = outer(degrees, degrees) > 0.0;
  return sum(P).item() > 0.0 && sum(counted * (walks == 0.0)).item() == 0.0;
}

// Each factor's largest entry outside the diagonal blocks along the flow that starts from alpha I.
double outside_blocks(Generator& g) {
  const std::int64_t depth = integer(g, 2, 5), n = integer(g, 2, 4), s = integer(g, 1, 3), d = n * s;
  const auto inside = theory::block_matrix(n, s, {1.0, 1.0, 0.0});
  const auto alpha = std::pow(log_uniform(g, 1e-4, 3.0), 1.0 / static_cast<double>(depth));
  const Factorization model(std::vector<Tensor>(static_cast<std::size_t>(depth), alpha * eye(d)));
  double largest = 0.0;
  watch(model, {randn({d, d}, g), inside}, {.t_end = 5.0, .rtol = 1e-6, .method = optim::FlowMethod::Explicit},
        {0.3, 1.0}, [&](double) {
          for (const auto& factor : model.factors())
            largest = std::max(largest, largest_entry((1.0 - inside) * factor.detach()));
        });
  return largest;
}

double moved_from_zero(const Tensor& observed, Generator& g) {
  const std::int64_t d = observed.size(0), depth = integer(g, 2, 5);
  const Factorization model(std::vector<Tensor>(static_cast<std::size_t>(depth), zeros({d, d})));
  follow_flow(model, {randn({d, d}, g), observed}, {.t_end = 1.0});
  double largest = 0.0;
  for (const auto& factor : model.factors()) largest = std::max(largest, largest_entry(factor.detach()));
  return largest;
}

}  // namespace

void patterns::check(Trial& t) {
  const auto g = t.generator();
  const std::int64_t d = integer(*g, 2, 5);
  const auto observed = bernoulli(full({d, d}, uniform(*g, 0.2, 0.8)), *g);
  if (sum(observed).item() < static_cast<double>(d * d)) t.record(isometry, smallest_image(observed, *g));
  t.record(all_observed, 1.0 - smallest_image(full({d, d}, 1.0), *g));
  t.record(definition, is_connected_by_walks(observed) == theory::is_connected(observed) ? 0.0 : 1.0);
  t.record(block_starts, outside_blocks(*g));
  t.record(all_zero, moved_from_zero(observed, *g));
}

}  // namespace sigmagrad::experiments::completion
