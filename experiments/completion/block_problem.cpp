// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/block_problem.hpp>

#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/autograd/grad_mode.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/theory/block_matrices.hpp>

#include <algorithm>
#include <cmath>

namespace sigmagrad::experiments::completion {

theory::BlockCompletion block_problem(const Params& p) {
  const std::int64_t depth = p.integer("depth");
  return {.w = p.real("w"),
          .n = p.integer("n"),
          .s = p.integer("s"),
          .depth = depth,
          .m = p.real("m"),
          .log_alpha = std::log(p.real("scale")) / static_cast<double>(depth)};
}

Factorization block_model(const theory::BlockCompletion& c) {
  const double scale = std::exp(c.log_alpha * static_cast<double>(c.depth));
  return Factorization(identity_start(1, {.d = c.n * c.s, .depth = c.depth, .scale = scale}, c.m));
}

Completion block_task(const theory::BlockCompletion& c) {
  return {full({c.n * c.s, c.n * c.s}, c.w), theory::block_matrix(c.n, c.s, {1.0, 1.0, 0.0})};
}

Metrics block_metrics(const Factorization& model, const theory::BlockCompletion& c) {
  const NoGrad guard;
  const auto product = model.product();
  const auto values = linalg::svdvals(product);
  const auto sigma = values.data<double>();
  const auto n = static_cast<std::size_t>(c.n);
  double rest = 0.0;
  for (std::size_t i = 1; i < n; ++i) rest += sigma[i] / static_cast<double>(c.n - 1);
  const auto limits = theory::completion_limits(c);
  return {{"sigma_1", sigma[0]},
          {"sigma_rest", rest},
          {"sigma_spread", sigma[1] - sigma[n - 1]},
          {"sigma_beyond", n < sigma.size() ? sigma[n] : 0.0},
          {"sigma_1_error", std::abs(sigma[0] / limits.sigma_1 - 1.0)},
          {"sigma_rest_error", std::abs(rest / limits.sigma_rest - 1.0)},
          {"stable_rank", linalg::stable_rank(product).item()},
          {"effective_rank", linalg::effective_rank(product).item()}};
}

LimitCurves limit_curves(theory::BlockCompletion problem, const std::vector<double>& scales) {
  constexpr int points = 60;
  const auto [low, high] = std::ranges::minmax(scales);
  const double first = std::log(low), last = std::log(high);
  LimitCurves curves;
  for (int i = 0; i < points; ++i) {
    const double log_scale = first + (last - first) * i / (points - 1);
    problem.log_alpha = log_scale / static_cast<double>(problem.depth);
    const auto limits = theory::completion_limits(problem);
    curves.scale.push_back(std::exp(log_scale));
    curves.sigma_1.push_back(limits.sigma_1);
    curves.sigma_rest.push_back(limits.sigma_rest);
  }
  return curves;
}

}  // namespace sigmagrad::experiments::completion
