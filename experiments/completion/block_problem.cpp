// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/block_problem.hpp>

#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/autograd/grad_mode.hpp>
#include <sigmagrad/autograd/matmul.hpp>
#include <sigmagrad/autograd/shape_ops.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/theory/block_matrices.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>

namespace sigmagrad::experiments::completion {

theory::BlockCompletion block_problem(const Params& p) {
  const std::int64_t depth = p.integer("depth");
  const bool blocks = std::ranges::count(p.items(), "s", &Selection::value_type::first) > 0;
  return {.w = p.real("w"),
          .n = p.integer("n"),
          .s = blocks ? p.integer("s") : 1,
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

namespace {

/// Sums over blocks divided by sqrt(s): [n s, n] with orthonormal columns.
Tensor block_sums(const theory::BlockCompletion& c) {
  std::vector<std::int64_t> block;
  for (std::int64_t i = 0; i < c.n * c.s; ++i) block.push_back(i / c.s);
  return index_select(eye(c.n), 0, block) / std::sqrt(static_cast<double>(c.s));
}

}  // namespace

Metrics block_metrics(const Factorization& model, const theory::BlockCompletion& c) {
  const NoGrad guard;
  const auto product = model.product().squeeze(0), sums = block_sums(c);
  const auto between = matmul(matmul(sums.t(), product), sums);
  const auto within = product - matmul(matmul(sums, between), sums.t());
  const auto values = linalg::svdvals(between);
  const auto sigma = values.data<double>();
  const double rest = std::accumulate(sigma.begin() + 1, sigma.end(), 0.0) / static_cast<double>(c.n - 1);
  const auto limits = theory::completion_limits(c);
  return {{"sigma_1", sigma.front()},
          {"sigma_rest", rest},
          {"sigma_spread", sigma[1] - sigma.back()},
          {"sigma_within", c.s > 1 ? linalg::norm(within, 2).item() : 0.0},
          {"sigma_1_error", std::abs(sigma.front() / limits.sigma_1 - 1.0)},
          {"sigma_rest_error", std::abs(rest / limits.sigma_rest - 1.0)},
          {"stable_rank", linalg::stable_rank(product).item()},
          {"effective_rank", linalg::effective_rank(product).item()}};
}

namespace {

/// Both singular values from the smallest to the largest of `scales`.
std::array<Series, 2> limit_curves(theory::BlockCompletion problem, const std::vector<double>& scales) {
  constexpr int points = 60;
  const auto [low, high] = std::ranges::minmax(scales);
  const auto line = theory_line({}, {}, "Theorem 3.3");
  std::array<Series, 2> curves{line, line};
  for (int i = 0; i < points; ++i) {
    const double scale = low * std::pow(high / low, i / (points - 1.0));
    problem.log_alpha = std::log(scale) / static_cast<double>(problem.depth);
    const auto limits = theory::completion_limits(problem);
    for (auto& curve : curves) curve.x.push_back(scale);
    curves[0].y.push_back(limits.sigma_1);
    curves[1].y.push_back(limits.sigma_rest);
  }
  return curves;
}

}  // namespace

Panel limits_panel(const Results& results, const Selection& selection, std::string title) {
  Panel panel{.title = std::move(title),
              .x_label = "initial scale \u03b1^L",
              .y_label = "singular values of the product",
              .log_x = true,
              .log_y = true};
  std::vector<Series> lines;
  for (const Value& depth : results.values_of("depth")) {
    auto one_depth = selection;
    one_depth.emplace_back("depth", depth);
    const auto groups = results.where(one_depth);
    if (groups.empty()) continue;
    Series points{.label = fmt::format("depth {}", to_text(depth)), .kind = Kind::Points};
    for (const char* metric : {"sigma_1", "sigma_rest"})
      for (const Group* group : groups) {
        points.x.push_back(group->params().real("scale"));
        points.y.push_back(group->median(metric));
      }
    panel.series.push_back(points);
    std::ranges::copy(limit_curves(block_problem(groups.front()->params()), points.x), std::back_inserter(lines));
  }
  panel.series.insert(panel.series.end(), lines.begin(), lines.end());
  return panel;
}

}  // namespace sigmagrad::experiments::completion
