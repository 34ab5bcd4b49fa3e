// SPDX-License-Identifier: BSD-3-Clause
// Does gradient descent with steps of a size end where gradient flow does, and how many steps does that take?
#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/experiments/completion/block_problem.hpp>
#include <sigmagrad/experiments/completion/summaries.hpp>
#include <sigmagrad/optim/sgd.hpp>
#include <sigmagrad/theory/completion_flow.hpp>

namespace sigmagrad::experiments::completion {
namespace {

constexpr double noise = 1e-9;  // singular values below are not compared digit by digit

struct End {
  double loss, steps, time;
};

End descend(const Factorization& model, const Completion& task, const Params& p) {
  const double lr = p.real("lr"), tolerance = p.real("tolerance");
  const std::int64_t max_steps = p.integer("steps");
  optim::SGD optimizer(model.parameters(), {.lr = lr});
  auto step = capture([&] {
    optimizer.zero_grad();
    const auto loss = task.loss(model.product()).sum();
    loss.backward();
    optimizer.step();
    return loss;
  });
  double loss = step().item();
  std::int64_t steps = 1;
  for (; loss > tolerance && steps < max_steps; ++steps) loss = step().item();
  return {loss, static_cast<double>(steps), lr * static_cast<double>(steps)};
}

End follow(const Factorization& model, const Completion& task, double tolerance) {
  const auto flow = follow_flow(model, task, {.rtol = 1e-8, .loss_below = tolerance});
  return {flow.loss.item(), flow.steps.item(), flow.t.item()};
}

// When the loss, which is n/2 gamma^2, has fallen to `tolerance`.
double predicted_time(const Params& p) {
  const auto problem = block_problem(p);
  const double residual = std::sqrt(2.0 * p.real("tolerance") / static_cast<double>(problem.n));
  return theory::completion_time(problem, residual / problem.w);
}

Metrics trial(const Trial& t) {
  const auto problem = block_problem(t.params);
  const auto model = block_model(problem);
  auto task = block_task(problem);
  task.target = task.target.unsqueeze(0), task.observed = task.observed.unsqueeze(0);
  const double lr = t.params.real("lr"), tolerance = t.params.real("tolerance");
  const End end = lr > 0.0 ? descend(model, task, t.params) : follow(model, task, tolerance);
  return block_metrics(model, problem)
      .add("loss", end.loss)
      .add("steps_to_stop", end.steps)
      .add("time_to_stop", end.time)
      .add("predicted_time", predicted_time(t.params));
}

Groups at_rate(const Results& results, double lr) {
  const auto groups = results.where({{"lr", lr}});
  if (groups.empty()) throw NotRun(fmt::format("lr {:g}", lr));
  return groups;
}

// Of descent, the smallest last.
std::vector<double> rates(const Results& results) {
  std::vector<double> result;
  for (const Value& lr : results.values_of("lr"))
    if (std::get<double>(lr) > 0.0) result.push_back(std::get<double>(lr));
  if (result.empty()) throw NotRun("a learning rate above 0");
  std::ranges::sort(result, std::greater<>());
  return result;
}

std::string rate_text(double lr) { return lr > 0.0 ? fmt::format("descent, lr {:g}", lr) : "flow"; }

// Along the largest m, where the plateau is longest.
Panel steps_panel(const Results& results, double lr) {
  const auto m = std::ranges::max(results.values_of("m"));
  Panel panel{.title = fmt::format("{}, m = {}", rate_text(lr), to_text(m)),
              .x_label = "initial scale \u03b1^L",
              .y_label = "steps to the end",
              .log_x = true,
              .log_y = true};
  std::vector<Series> lines;
  for (const Value& depth : results.values_of("depth")) {
    const auto groups = results.where({{"m", m}, {"depth", depth}, {"lr", lr}});
    if (groups.empty()) continue;
    panel.series.push_back(medians(groups, "scale", "steps_to_stop", fmt::format("depth {}", to_text(depth))));
    if (lr == 0.0) continue;
    auto& predicted = lines.emplace_back(theory({}, {}, "time by Lemma D.6 / lr"));
    for (const Group* group : groups) {
      predicted.x.push_back(group->params().real("scale"));
      predicted.y.push_back(group->median("predicted_time") / lr);
    }
  }
  panel.series.insert(panel.series.end(), lines.begin(), lines.end());
  return panel;
}

std::vector<Figure> figures(const Results& results) {
  const double lr = rates(results).back();
  Figure limits{.name = "completion-descent",
                .caption =
                    "Limits of the singular values against the initial scale, for the diagonal of a matrix: the "
                    "largest one above, the others below (figure 9). Gradient descent at its smallest rate."};
  for (const Value& m : results.values_of("m"))
    limits.panels.push_back(
        limits_panel(results, {{"lr", lr}, {"m", m}}, fmt::format("m = {}, {}", to_text(m), rate_text(lr))));
  return {limits,
          {.name = "completion-descent-steps",
           .caption = "Steps until the loss is at the tolerance. Gradient descent takes as many as fit into the flow's "
                      "time; an adaptive method crosses the plateau in growing steps.",
           .panels = {steps_panel(results, lr), steps_panel(results, 0.0)}}};
}

// The larger distance of the singular values from Theorem 3.3.
double off(const Group& group) {
  const auto limits = theory::completion_limits(block_problem(group.params()));
  return std::max(std::abs(group.median("sigma_1") - limits.sigma_1),
                  std::abs(group.median("sigma_rest") - limits.sigma_rest));
}

void judge_descent(const Results& results, Claim& claim) {
  std::string measured;
  const Group* worst = nullptr;
  for (const double lr : rates(results)) {
    const auto groups = at_rate(results, lr);
    worst = *std::ranges::max_element(groups, {}, [](const Group* group) { return off(*group); });
    measured += fmt::format("{}within {:.2g} at lr {:g}", measured.empty() ? "" : ", ", off(*worst), lr);
  }
  claim.measured = measured;
  claim.verdict = verdict(off(*worst) <= 0.02, off(*worst) <= 0.2);
  claim.why = fmt::format("What is left is the length of the steps; most at depth {} from m = {:g} and scale {:g}.",
                          worst->params().integer("depth"), worst->params().real("m"), worst->params().real("scale"));
}

void judge_order(const Results& results, Claim& claim) {
  const auto all = rates(results);
  if (all.size() < 2) throw NotRun("two learning rates");
  std::vector<double> ratios;
  for (const Group* group : at_rate(results, all.front())) {
    auto selection = group->params().items();
    for (auto& [name, value] : selection)
      if (name == "lr") value = all.back();
    for (const Group* other : results.where(selection))
      if (off(*other) > 1e-6)
        ratios.push_back(std::log(off(*group) / off(*other)) / std::log(all.front() / all.back()));
  }
  if (ratios.empty()) throw NotRun("groups of both rates");
  const auto s = statistics(ratios);
  claim.measured = fmt::format("lr^{:.2f} (quartiles {:.2f} to {:.2f})", s.median, s.q25, s.q75);
  claim.verdict = verdict(std::abs(s.median - 1.0) < 0.1);
  claim.why = fmt::format("Distances from the limits at lr {:g} and {:g}, where above 1e-6.", all.front(), all.back());
}

void judge_flow(const Results& results, Claim& claim) {
  double first = 0.0, rest = 0.0;
  for (const Group* group : at_rate(results, 0.0)) {
    first = std::max(first, group->median("sigma_1_error"));
    if (group->median("sigma_rest") > noise) rest = std::max(rest, group->median("sigma_rest_error"));
  }
  claim.measured = fmt::format("relative error at most {:.1g} of \u03c3_1, {:.1g} of the others", first, rest);
  claim.verdict = verdict(first < 1e-5 && rest < 1e-5);
  claim.why = "Adaptive steps, so that only the tolerance of 1e-8 a step and the stop at a loss remain.";
}

void judge_cost(const Results& results, Claim& claim) {
  double descent = 0.0, flow = 0.0;
  const auto smallest = std::ranges::min(results.values_of("scale"));
  for (const Group* group : results.where({{"scale", smallest}})) {
    auto& most = group->params().real("lr") > 0.0 ? descent : flow;
    most = std::max(most, group->median("steps_to_stop"));
  }
  if (descent == 0.0 || flow == 0.0) throw NotRun("descent and flow");
  claim.measured =
      fmt::format("at {} up to {:.3g} steps of descent, {:.0f} of the flow", to_text(smallest), descent, flow);
  if (std::get<double>(smallest) > 1e-10) {
    claim.why = "The paper's smallest scale, 1e-10, was not run: --preset paper.";
    return;
  }
  claim.verdict = verdict(!(flow < 1000.0));
  claim.why = "The plateau that descent crosses in equal steps is crossed in growing ones by an adaptive method.";
}

// Where the plateau, rather than the last decay, takes the time.
double time_error(const Groups& groups) {
  double worst = -1.0;
  for (const Group* group : groups)
    if (group->median("predicted_time") > 100.0)
      worst = std::max(worst, std::abs(group->median("time_to_stop") / group->median("predicted_time") - 1.0));
  if (worst < 0.0) throw NotRun("times above 100");
  return worst;
}

void judge_time(const Results& results, Claim& claim) {
  const double lr = rates(results).back();
  const double flow = time_error(at_rate(results, 0.0)), descent = time_error(at_rate(results, lr));
  claim.measured =
      fmt::format("{:.2g}% off for the flow, {:.2g}% for descent at lr {:g}", 100.0 * flow, 100.0 * descent, lr);
  claim.verdict = verdict(flow < 0.02 && descent < 0.02);
  claim.why = "From times of 100 on; earlier ends are decays, which steps of a size take faster and stops overshoot.";
}

std::vector<Claim> claims(const Results& results) {
  const std::string figure = "paper 002, figure 9";
  return judge_all(
      results,
      {{{.claim = "Gradient descent with a small rate ends at Theorem 3.3", .source = figure, .printed = "closely"},
        judge_descent},
       {{.claim = "Its distance from there is proportional to the rate", .source = "closed form", .printed = "lr^1"},
        judge_order},
       {{.claim = "Gradient flow ends there", .source = "paper 002, Theorem 3.3", .printed = "="}, judge_flow},
       {{.claim = "The smallest scale is too costly to run",
         .source = "paper 002, appendix C.1",
         .printed = "left out: prohibitive computation time"},
        judge_cost},
       {{.claim = "Lemma D.6 foretells the time to a loss", .source = "closed form", .printed = "="}, judge_time}});
}

const Register descent{Experiment{
    .id = "completion/descent",
    .title = "Gradient descent and flow against the limits",
    .question =
        "Does gradient descent with steps of a size end where gradient flow does, and how many steps does that take?",
    .observe =
        "At lr 0.01 descent ends within 0.005 of Theorem 3.3, five times closer than at 0.05; the flow to six digits. "
        "From 1e-10 at depth 5 descent takes millions of steps, as Lemma D.6 foretells, and the flow some 270.",
    .source = "paper 002, appendix C.1, figure 9",
    .parameters = {{.name = "lr",
                    .help = "step of gradient descent; 0: its limit, gradient flow",
                    .quick = {0.0, 0.1, 0.05},
                    .paper = {0.0, 0.05, 0.01},
                    .minimum = 0},
                   {.name = "depth", .help = "number of factors", .quick = {2, 3, 4, 5}, .minimum = 2},
                   {.name = "m",
                    .help = "diagonal of a factor at the start over its other entries",
                    .quick = {2.0, 100.0},
                    .paper = {2.0, 10.0, 100.0},
                    .minimum = 1.001},
                   {.name = "scale",
                    .help = "initial scale alpha^depth",
                    .quick = {1e-1, 1e-3, 1e-5, 1e-7, 1e-10},
                    .minimum = 1e-30},
                   {.name = "tolerance", .help = "a trial stops at this loss", .quick = {1e-14}, .minimum = 1e-24},
                   {.name = "steps", .help = "of descent at most", .quick = {40'000'000}, .minimum = 1},
                   {.name = "w", .help = "every observed entry", .quick = {1.0}, .minimum = 1e-9},
                   {.name = "n", .help = "matrix size", .quick = {3}, .minimum = 2}},
    .trials = {.quick = 1, .paper = 1},
    .seconds = {.quick = 4, .paper = 15},
    .trial = trial,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
