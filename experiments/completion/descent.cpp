// SPDX-License-Identifier: BSD-3-Clause
// Does gradient descent with steps of a size end where gradient flow does, and how many steps does that take?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/completion/block_problem.hpp>
#include <sigmagrad/theory/completion_flow.hpp>

namespace sigmagrad::experiments::completion {
namespace {

const Real lr{.name = "lr",
              .help = "step of gradient descent; 0: its limit, gradient flow",
              .quick = {0.0, 0.1, 0.05},
              .paper = {0.0, 0.05, 0.01},
              .minimum = 0};
const Int max_steps{.name = "steps", .help = "of descent at most", .quick = {40'000'000}, .minimum = 1};
const Int size{.name = "n", .help = "matrix size", .quick = {3}, .minimum = 2};

const Quantity limit_distance{.name = "limit_distance", .label = "distance from Theorem 3.3"};
const Quantity predicted_time{.name = "predicted_time", .label = "time by Lemma D.6"};
// Where the plateau, rather than the last decay, takes the time: from times of 100 on.
const Quantity time_error{.name = "time_error", .label = "relative error of the time by Lemma D.6"};

struct End {
  double loss, steps, time;
};

End step_down(const Factorization& model, const Completion& task, const Params& p) {
  const auto [loss, steps] = descend(model, task, p[lr], p[tolerance], p[max_steps]);
  const auto count = static_cast<double>(steps);
  return {loss, count, p[lr] * count};
}

End follow(const Factorization& model, const Completion& task, const Params& p) {
  const auto flow = follow_flow(model, task, {.rtol = 1e-8, .loss_below = p[tolerance]});
  return {flow.loss.item(), flow.steps.item(), flow.t.item()};
}

void trial(Trial& t) {
  const auto problem = block_problem(t.params());
  const auto model = block_model(problem);
  auto task = block_task(problem);
  task = {task.target.unsqueeze(0), task.observed.unsqueeze(0)};
  const End end = t[lr] > 0.0 ? step_down(model, task, t.params()) : follow(model, task, t.params());
  const auto [sigma_first, sigma_others] = record_ends(t, model, problem);
  const auto limits = theory::completion_limits(problem);
  t.record(limit_distance,
           std::max(std::abs(sigma_first - limits.sigma_1), std::abs(sigma_others - limits.sigma_rest)));
  t.record(final_loss, end.loss);
  t.record(steps_to_stop, end.steps);
  t.record(time_to_stop, end.time);
  // When the loss, which is n/2 gamma^2, has fallen to the tolerance.
  const double residual = std::sqrt(2.0 * t[tolerance] / static_cast<double>(problem.n));
  const double predicted = theory::completion_time(problem, residual / problem.w);
  t.record(predicted_time, predicted);
  if (predicted > 100.0) t.record(time_error, std::abs(end.time / predicted - 1.0));
}

// The runs at a rate, together.
const Statistic worst = largest(limit_distance).at(lr > 0.0).over(depth).over(m).over(scale);
const Statistic nearest = smallest(worst).called("largest distance from Theorem 3.3 at the best rate");

const Statistic rate = expected("lr", [](const Params& p) { return p[lr]; });
// Where the length of the steps decides the distance, not the loss at which they stop.
const Selection coarse = lr > 0.0 && depth >= 3 && m == 100.0 && scale >= 1e-3;

const Register descent{
    {.id = "completion/descent",
     .title = "Gradient descent and flow against the limits",
     .question =
         "Does gradient descent with steps of a size end where gradient flow does, and how many steps does that take?",
     .observe =
         "At lr 0.01 descent ends within 0.005 of Theorem 3.3, five times closer than at 0.05; the flow to six digits. "
         "From 1e-10 at depth 5 descent takes millions of steps, as Lemma D.6 foretells, and the flow some 270.",
     .source = "paper 002, appendix C.1, figure 9",
     .parameters = {lr, depth, m.with({2.0, 100.0}, {2.0, 10.0, 100.0, 1e10, infinity}).at_least(1.001),
                    scale.with({1e-1, 1e-3, 1e-5, 1e-7, 1e-10}), tolerance.with({1e-14}).at_least(1e-24), max_steps,
                    observed_value.with({1.0}), size},
     .trials = {.quick = 1, .paper = 1},
     .seconds = {.quick = 3, .paper = 25},
     .trial = trial,
     .figures = {figure("",
                        "Limits of the singular values against the initial scale, for the diagonal of a matrix: the "
                        "largest one above, the others below (figure 9). Gradient descent.")
                     .panel_each(m, limits_plots())
                     .at(lr > 0.0)
                     .each(lr),
                 figure("steps",
                        "Steps until the loss is at the tolerance. Gradient descent takes as many as fit into the "
                        "flow's time; an adaptive method (lr = 0) crosses the plateau in growing steps.")
                     .panel_each(lr,
                                 {plot(scale, steps_to_stop)
                                      .at(m == 100.0)
                                      .by(depth)
                                      .theory("time by Lemma D.6 / lr", median(predicted_time) / rate)
                                      .log_log()},
                                 "m = 100")},
     .claims = {
         {.claim = "Gradient descent with a small rate ends at Theorem 3.3",
          .source = "paper 002, appendix C.1, figure 9",
          .says = "closely",
          .holds = nearest < 0.02,
          .in_shape = nearest < 0.2,
          .why = "What is left is the length of the steps."},
         {.claim = "Gradient descent's distance from Theorem 3.3 is proportional to the rate",
          .source = "closed form",
          .says = "lr^1",
          .holds = spread((median(limit_distance) / rate).at(coarse), lr) < 1.1,
          .why = "Where distances are above 1e-6: the loss at which the steps end hides smaller ones."},
         {.claim = "Gradient flow of the factors ends at Theorem 3.3",
          .source = "paper 002, Theorem 3.3",
          .says = "=",
          .holds = below(largest(limit_error).at(lr == 0.0), 1e-5),
          .why = "Adaptive steps, so that only the tolerance of 1e-8 a step and the stop at a loss remain."},
         {.claim = "The smallest scale is too costly to run",
          .source = "paper 002, appendix C.1",
          .says = "left out: prohibitive computation time",
          .holds = largest(median(steps_to_stop).at(lr > 0.0 && scale == 1e-10)) > 1e5 &&
                   largest(median(steps_to_stop).at(lr == 0.0 && scale == 1e-10)) > 1000.0,
          .why = "The plateau that descent crosses in equal steps is crossed in growing ones by an adaptive method."},
         {.claim = "Lemma D.6 foretells the time to a loss",
          .source = "closed form",
          .says = "=",
          .holds = below(median(time_error).at(lr == 0.0), 0.02) && below(median(time_error).at(lr > 0.0), 0.02),
          .why = "From times of 100 on; earlier ends are decays, which steps take faster and stops overshoot."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
