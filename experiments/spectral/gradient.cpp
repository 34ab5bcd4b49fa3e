// SPDX-License-Identifier: BSD-3-Clause
// Do small singular values receive less gradient, and is that why the condition number is learned late?
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/harness/experiment.hpp>
#include <sigmagrad/experiments/spectral/closed_forms.hpp>
#include <sigmagrad/experiments/spectral/groups.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

constexpr std::int64_t stride = 5;
constexpr std::array places = {"top", "middle", "bottom"};

// Of d singular values those that the paper follows, by their places.
std::array<std::size_t, 3> followed(std::int64_t d) {
  const auto n = static_cast<std::size_t>(d);
  return {0, n / 2, n - 1};
}

// |u_i' G v_i|: where G is the gradient, that of the i-th singular value.
Tensor along_singular_vectors(const linalg::SVD& svd, const Tensor& G) {
  return abs(sum(svd.U * matmul(G, svd.Vt.t()), 0));
}

void add(Metrics& metrics, const std::string& name, std::int64_t step, const Tensor& values) {
  const auto all = values.data<double>();
  const auto at = followed(values.numel());
  for (std::size_t i = 0; i < places.size(); ++i)
    metrics.add_at(fmt::format("{}_{}", name, places[i]), static_cast<double>(step), all[at[i]]);
}

Metrics trial(const Trial& t) {
  const std::int64_t d = t.params.integer("d"), steps = t.params.integer("steps");
  const auto generator = t.generator();
  const auto target = heterogeneous_target(d, *generator);
  const auto model = small_start(d, *generator);
  const auto& W = model.weight;
  const auto targets = linalg::svd(target);
  const auto first_residual = along_singular_vectors(targets, W.detach() - target);

  Metrics metrics;
  const auto look = [&](std::int64_t step) {
    if (step % stride != 0 && step != steps - 1) return;
    const NoGrad guard;
    const auto now = linalg::svd(W);
    const auto gradient = along_singular_vectors(now, W.grad());
    const auto values = gradient.data<double>();
    add(metrics, "gradient", step, gradient);
    metrics.add_at("top_over_bottom", static_cast<double>(step), values.front() / values.back());
    add(metrics, "singular_value", step, now.S);
    add(metrics, "residual", step, along_singular_vectors(targets, W - target) / first_residual);
  };
  optim::SGD optimizer(model.parameters(), {.lr = t.params.real("lr")});
  train(
      optimizer, steps, [&] { return loss_by_gradient(model, target, *generator, t.params); }, look);

  const auto residual = along_singular_vectors(targets, W.detach() - target) / first_residual;
  const auto left = residual.data<double>(), s = targets.S.data<double>();
  const auto at = followed(d);
  for (std::size_t i = 0; i < places.size(); ++i) {
    metrics.add(fmt::format("residual_left_{}", places[i]), left[at[i]]);
    metrics.add(fmt::format("target_{}", places[i]), s[at[i]]);
  }
  return metrics.add("cond_error", relative_errors(W, target).cond);
}

// The curves of one metric for the three places.
std::vector<Series> curves(const Group& group, const std::string& metric) {
  std::vector<Series> series;
  for (const char* place : places) series.push_back(curve(group, fmt::format("{}_{}", metric, place), place));
  return series;
}

Panel gradients(const Group& group) {
  return {.title = "Gradient by singular value",
          .x_label = "step",
          .y_label = "|u' G v|",
          .log_y = true,
          .series = curves(group, "gradient")};
}

Panel singular_values(const Group& group) {
  Panel panel{.title = "Singular values",
              .x_label = "step",
              .y_label = "singular value",
              .log_y = true,
              .series = curves(group, "singular_value")};
  const std::vector<double> ends = {panel.series.front().x.front(), panel.series.front().x.back()};
  for (const char* place : places) {
    const double target = group.median(fmt::format("target_{}", place));
    panel.series.push_back(theory(ends, {target, target}, fmt::format("{} of the target", place)));
  }
  return panel;
}

Panel residuals(const Group& group) {
  Panel panel{.title = "Distance along the target's singular vectors",
              .x_label = "step",
              .y_label = "|u*' (W - T) v*| over its start",
              .log_y = true,
              .series = curves(group, "residual")};
  panel.series.push_back(along(panel.series.front(), "(1 - lr)^t",
                               [&](double step) { return closed_form(group.params()).norm_error(step); }));
  return panel;
}

Panel ratio(const Group& group) {
  Panel panel{.title = "Top over bottom gradient", .x_label = "step", .y_label = "ratio", .log_y = true};
  panel.series = {curve(group, "top_over_bottom", "measured")};
  const std::vector<double> ends = {panel.series.front().x.front(), panel.series.front().x.back()};
  panel.series.push_back({.label = "printed: 10 to 100",
                          .kind = Kind::Band,
                          .role = Role::Printed,
                          .x = ends,
                          .y = {10, 10},
                          .low = {10, 10},
                          .high = {100, 100}});
  return panel;
}

// One for each group.
std::vector<Figure> figures(const Results& results) {
  std::vector<Figure> all;
  for (const Group* group : results.where())
    all.push_back(
        {.name = numbered("spectral-gradient", all.size()),
         .caption = fmt::format(
             "Gradients and distances to the target, {}; medians with quartiles. Above as printed: the gradient in the "
             "basis of W, and the singular values; below the distance in the target's basis, and the printed ratio.",
             to_text(group->params())),
         .panels = {gradients(*group), singular_values(*group), residuals(*group), ratio(*group)}});
  return all;
}

const Group& papers_group(const Results& results, const char* gradient) {
  return results.group({{"gradient", gradient}, {"d", 64}, {"lr", 0.01}, {"steps", 200}, {"noise", label_noise}});
}

void judge_ratio(const Results& r, Claim& claim) {
  const auto curve = papers_group(r, "batch").curve("top_over_bottom");
  std::vector<double> medians;
  for (const auto& [at, ratio] : curve)
    if (at >= 20.0) medians.push_back(ratio.median);
  const auto s = statistics(medians);
  claim.measured =
      fmt::format("medians {:.0f} to {:.0f} from step 20 on, half of them below {:.0f}; {:.2g} at the start", s.min,
                  s.max, s.median, curve.front().statistics.median);
  claim.verdict = verdict(s.median > 10.0 && s.max<100.0, s.median> 10.0);
  const Group& group = papers_group(r, "batch");
  claim.why = fmt::format(
      "What is left to learn differs as much: the target's largest singular value is {:.0f} times "
      "its smallest.",
      group.median("target_top") / group.median("target_bottom"));
}

void judge_mechanism(const Results& r, Claim& claim) {
  const Group &batch = papers_group(r, "batch"), &exact = papers_group(r, "population");
  const double top = batch.median("residual_left_top"), bottom = batch.median("residual_left_bottom");
  claim.measured = fmt::format(
      "W - T shrinks to {:.3f} of its start along the target's first singular vectors, to {:.3f} along its last; with "
      "the exact gradient to {:.3f} and {:.3f}",
      top, bottom, exact.median("residual_left_top"), exact.median("residual_left_bottom"));
  claim.verdict = verdict(bottom > 2.0 * top);
  claim.why =
      "The mean gradient is W - T itself: a small gradient is a small distance, and every direction closes it at the "
      "rate (1 - lr)^t.";
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 001, section 4.3, figure 3";
  return judge_all(results, {{{.claim = "The bottom singular value receives far less gradient than the top one",
                               .source = source,
                               .printed = "10 to 100 times less"},
                              judge_ratio},
                             {{.claim = "That keeps the smallest singular values, and so the condition number, from "
                                        "converging",
                               .source = source,
                               .printed = "the root cause"},
                              judge_mechanism}});
}

const Register gradient{Experiment{
    .id = "spectral/gradient",
    .title = "Gradient by singular value",
    .question = "Do small singular values receive less gradient, and is that why the condition number is learned late?",
    .observe =
        "The top one's gradient is some 80 to 160 times the bottom one's once W has found the target's directions. But "
        "the distance to the target shrinks at one rate along all of the target's singular vectors: 0.13 of it is left "
        "after 200 steps along the first as along the last.",
    .source = "paper 001, section 4.3, figure 3",
    .parameters = {gradient_parameter(),
                   {.name = "d", .help = "matrix size", .quick = {64}, .paper = {64, 128}, .minimum = 2},
                   lr_parameter(),
                   steps_parameter(),
                   noise_parameter()},
    .trials = {.quick = 10, .paper = 10},
    .seconds = {.quick = 1, .paper = 2},
    .streams = {Stream::Philox, Stream::Numpy},
    .trial = trial,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
