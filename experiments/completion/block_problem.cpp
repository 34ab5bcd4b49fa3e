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
#include <cmath>
#include <limits>
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

void break_line(Series& series) {
  series.x.push_back(series.x.back());
  series.y.push_back(std::numeric_limits<double>::quiet_NaN());
}

namespace {

/// From the smallest to the largest of `scales`, for each of `problems` and both of its singular values.
Series limit_curves(const std::vector<theory::BlockCompletion>& problems, const std::vector<double>& scales) {
  constexpr int points = 60;
  const auto [low, high] = std::ranges::minmax(scales);
  Series curves = experiments::theory({}, {}, "Theorem 3.3");
  for (auto problem : problems)
    for (const auto part : {&theory::CompletionLimits::sigma_1, &theory::CompletionLimits::sigma_rest}) {
      for (int i = 0; i < points; ++i) {
        const double scale = low * std::pow(high / low, i / (points - 1.0));
        problem.log_alpha = std::log(scale) / static_cast<double>(problem.depth);
        curves.x.push_back(scale);
        curves.y.push_back(theory::completion_limits(problem).*part);
      }
      break_line(curves);
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
  std::vector<theory::BlockCompletion> problems;
  std::vector<double> scales;
  for (const Value& depth : results.values_of("depth")) {
    auto one_depth = selection;
    one_depth.emplace_back("depth", depth);
    const auto groups = results.where(one_depth);
    if (groups.empty()) continue;
    problems.push_back(block_problem(groups.front()->params()));
    Series points{.label = fmt::format("depth {}", to_text(depth)), .kind = Kind::Points};
    for (const char* metric : {"sigma_1", "sigma_rest"})
      for (const Group* group : groups) {
        scales.push_back(group->params().real("scale"));
        points.x.push_back(scales.back());
        points.y.push_back(group->median(metric));
      }
    panel.series.push_back(points);
  }
  if (!problems.empty()) panel.series.push_back(limit_curves(problems, scales));
  return panel;
}

}  // namespace sigmagrad::experiments::completion
