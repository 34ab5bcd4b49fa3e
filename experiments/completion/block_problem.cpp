// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/block_problem.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/theory/block_matrices.hpp>

namespace sigmagrad::experiments::completion {

theory::BlockCompletion block_problem(const Params& p) {
  return {.w = p[observed_value],
          .n = p[blocks],
          .s = p.has(block_size.name) ? p[block_size] : 1,
          .depth = p[depth],
          .m = p[m],
          .log_alpha = std::log(p[scale]) / static_cast<double>(p[depth])};
}

Factorization block_model(const theory::BlockCompletion& c) {
  const double size = std::exp(c.log_alpha * static_cast<double>(c.depth));
  return Factorization(identity_start(1, {.d = c.n * c.s, .depth = c.depth, .scale = size}, c.m));
}

Completion block_task(const theory::BlockCompletion& c) {
  return {full({c.n * c.s, c.n * c.s}, c.w), theory::block_matrix(c.n, c.s, {1.0, 1.0, 0.0})};
}

namespace {

// Sums over blocks divided by sqrt(s): [n s, n] with orthonormal columns.
Tensor block_sums(const theory::BlockCompletion& c) {
  std::vector<std::int64_t> block;
  for (std::int64_t i = 0; i < c.n * c.s; ++i) block.push_back(i / c.s);
  return index_select(eye(c.n), 0, block) / std::sqrt(static_cast<double>(c.s));
}

}  // namespace

theory::CompletionLimits record_ends(Trial& t, const Factorization& model, const theory::BlockCompletion& c) {
  const NoGrad guard;
  const auto product = model.product().squeeze(0), sums = block_sums(c);
  const auto between = matmul(matmul(sums.t(), product), sums);
  const auto within = product - matmul(matmul(sums, between), sums.t());
  const auto values = linalg::svdvals(between);
  const auto sigma = values.data<double>();
  const double rest = std::accumulate(sigma.begin() + 1, sigma.end(), 0.0) / static_cast<double>(c.n - 1);
  const auto limits = theory::completion_limits(c);
  t.record(sigma_1, sigma.front());
  t.record(sigma_rest, rest);
  t.record(sigma_spread, sigma[1] - sigma.back());
  t.record(sigma_within, c.s > 1 ? linalg::norm(within, 2).item() : 0.0);
  const double first_error = std::abs(sigma.front() / limits.sigma_1 - 1.0);
  const double rest_error = std::abs(rest / limits.sigma_rest - 1.0);
  t.record(sigma_1_error, first_error);
  t.record(sigma_rest_error, rest_error);
  t.record(limit_error, rest > least_compared ? std::max(first_error, rest_error) : first_error);
  t.record(stable_rank, linalg::stable_rank(product).item());
  t.record(effective_rank, linalg::effective_rank(product).item());
  return {sigma.front(), rest};
}

std::vector<Plot> limits_plots(const Selection& selection) {
  const auto against_scale = [&](const Quantity& sigma, double theory::CompletionLimits::*limit) {
    return plot(scale, sigma)
        .at(selection)
        .by(depth)
        .points()
        .theory("Theorem 3.3", [limit](const Params& p) { return theory::completion_limits(block_problem(p)).*limit; })
        .log_log()
        .y_label("singular values of the product");
  };
  return {against_scale(sigma_1, &theory::CompletionLimits::sigma_1),
          against_scale(sigma_rest, &theory::CompletionLimits::sigma_rest)};
}

}  // namespace sigmagrad::experiments::completion
