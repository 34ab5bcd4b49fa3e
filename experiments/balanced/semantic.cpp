// SPDX-License-Identifier: BSD-3-Clause
// How does lambda shape what a network represents once it knows a hierarchy of living things, and how fast does it
// learn it?
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/balanced/semantic_course.hpp>
#include <sigmagrad/experiments/balanced/semantic_study.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

using namespace semantic_study;

const Curve qqt{.name = "qqt", .label = "entries of QQ', row by row"};

void batch(std::span<Trial> trials) {
  const Trial& first = trials.front();
  const auto hierarchy = semantic_task(properties_of(first.params()));
  std::vector<Start> starts;
  for (const Trial& t : trials) starts.push_back({hierarchy, start_of(t, hierarchy.Sigma)});
  const auto [tasks, weights] = stacked(starts);
  const TwoLayer model(weights);
  Course course(trials, model, tasks, first[lr], first[tolerance]);
  course.run(steps_of(first.params()));
  course.record_representations();
  if (first[init] == "balanced") course.record_exact(weights);
  if (first.index() > 0) return;
  const auto Q = cat({model.W1.detach().select(0, 0).t(), model.W2.detach().select(0, 0)});  // W1' above W2
  record_entries(trials.front(), qqt, matmul(Q, Q.t()));
}

// Figures.

std::string name_of(const Params& p) {
  if (p[init] == "balanced") return fmt::format("\u03bb = {}", p[lambda]);
  return p[init] == "gaussian_small" ? "Gaussian, small" : "Gaussian, large";
}

const std::vector<Curve> shares = {mode_share(1), mode_share(2), mode_share(3), mode_share(4)};

// Claims. They are about balanced starts, if they do not name another one.

const Selection gaussian_small = init == "gaussian_small", gaussian_large = init == "gaussian_large";

const Statistic weaker_score = of_trials("lower task-specific score of the two", [](const Sample& trials) {
  return std::min(trials.median(input_score), trials.median(output_score));
});
const Statistic better_score = of_trials("higher task-specific score of the two", [](const Sample& trials) {
  return std::max(trials.median(input_score), trials.median(output_score));
});
const Selection binary = task == "binary";
// What is left of the target's norm, sqrt(32), where the loss is the tolerance.
const double within_tolerance = std::sqrt(2.0 * 1e-3 / 32.0);
const Statistic spread_of_modes =
    ratio(median(half_time(3)), median(half_time(1))).called("time of the last mode over that of the first");

Condition same_for_either_sign(double size) {
  return near(median(steps_to_stop).at(lambda == -size), median(steps_to_stop).at(lambda == size), 0.01);
}

const std::string source = "paper 004, section 4.3";

const Register semantic{
    {.id = "balanced/semantic",
     .title = "Learning a hierarchy of living things",
     .question = "How does \u03bb shape what a network represents once it has learned a hierarchy, and how fast it "
                 "learns it?",
     .observe = "At \u03bb = 0 both representations mirror the task and its levels are learned one after the other; "
                "with |\u03bb| one side turns into |\u03bb|I, the other into a small copy of the task, all modes are "
                "learned together, and the time falls as 1 / sqrt(\u03bb\u00b2 + 4 s\u00b2).",
     .source = source + ", figures 4.2 to 4.5",
     .parameters = {init, lambda, task, lr, steps, tolerance},
     .printed_at = init == "balanced" && task == "signed",
     .trials = {.quick = 4, .paper = 60},
     .seconds = {.quick = 1, .paper = 4},
     .valid = valid,
     .valid_rule =
         "lambda is that of balanced starts, the others have 0; the binary task has balanced starts and |lambda| "
         "0, 10, 100",
     .batch = batch,
     .figures =
         {figure("maps",
                 "QQ' at the end of one training: W1'W1 top left, W2W2' bottom right, the product W2W1 bottom "
                 "left. The function is the same, what stands behind it is not.")
              .at(among(lambda, {-10, 0, 10}) && task == "signed")
              .panels(matrices(qqt, "items, then properties", {}, name_of)),
          figure("",
                 "Learning the hierarchy: losses with the exact solution of balanced starts; modes from the "
                 "strongest to the weakest (s = 2.83, 2 and 1.41 of the signed task), which \u03bb = 0 learns "
                 "one after the other and large |\u03bb| together; steps to a loss of the tolerance; how specific the "
                 "representations end.")
              .panel("Loss", {plot(course_loss.measured).at(gaussian_small).called("Gaussian, small").log_log(),
                              plot(course_loss.measured).at(gaussian_large).called("Gaussian, large"),
                              plot(course_loss.measured)
                                  .at(init == "balanced" && task == "signed" && among(lambda, {-100, -10, 0, 10, 100}))
                                  .by(lambda)
                                  .theory("exact solution", course_loss.exact)})
              .panel("Modes, Gaussian, small", plot(shares).at(gaussian_small).log_x().y_label("share learned"))
              .panel("Modes, \u03bb = 100",
                     plot(shares).at(lambda == 100 && task == "signed").log_x().y_label("share learned"))
              .panel(convergence)
              .panel("Task-specific score at the end",
                     plot(lambda, {input_score, output_score})
                         .at(sweep)
                         .points()
                         .theory("input, exact limit", [](const Params& p) { return exact_score(p).input.item(); })
                         .theory("output, exact limit", [](const Params& p) { return exact_score(p).output.item(); })
                         .y_label("cosine"))},
     .claims = {
         {.claim = "Small Gaussian and 0-balanced weights end task-specific, large Gaussian ones do not",
          .source = source + ", figure 4.2",
          .says = "identical; not",
          .holds = weaker_score.at(lambda == 0) > 0.999 && weaker_score.at(gaussian_small) > 0.999 &&
                   weaker_score.at(gaussian_large) < 0.98,
          .why = "The lower of the input's and the output's median score."},
         {.claim = "For \u03bb = 10 the output representation resembles |\u03bb|I, for -10 the input's",
          .source = source + ", figure 4.2",
          .says = "resembles |\u03bb|I",
          .holds = median(output_identity).at(lambda == 10) > 0.99 && median(input_identity).at(lambda == -10) > 0.99 &&
                   median(input_score).at(lambda == 10) > 0.99 && median(output_score).at(lambda == -10) > 0.99 &&
                   ratio(median(input_norm), median(output_norm)).at(lambda == 10) < 0.1,
          .why = "The other representation is specific, and small."},
         {.claim = "Modes are learned in the order of their strength, from broad to fine",
          .source = source,
          .says = "progressively",
          .holds = spread_of_modes.at(gaussian_small) > 1.5 && spread_of_modes.at(lambda == 100) < 1.2,
          .in_shape = spread_of_modes.at(gaussian_small && lambda == 0) > spread_of_modes.at(lambda == 100),
          .why =
              "Near \u03bb = 0 a mode grows at its own singular value, for large |\u03bb| all of them at |\u03bb|. The "
              "last one is to take 1.5 times as long as the first, or 1.2 times at most; both limits are ours."},
         {.claim = "Higher |\u03bb| converges faster",
          .source = source + ", figure 4.3",
          .says = "faster",
          .holds = decreases(median(steps_to_stop).at(among(lambda, {0, 10, 100})), lambda) &&
                   same_for_either_sign(10) && same_for_either_sign(100),
          .why = "Nothing depends on the sign."},
         {.claim = "For large |\u03bb| the log loss is a line of rate |\u03bb|/2",
          .source = source + ", figure 4.3",
          .printed = {{median(decay_rate).at(lambda == 10), 5}},
          .says = "r = |\u03bb|/2",
          .tolerance = 0.2,
          .holds = printed_digits(),
          .in_shape = near(median(decay_rate).at(among(lambda, {-100, -10, 10, 100})),
                           expected("the exact rate", exact_rate), 0.2),
          .why = "The slope is 2 sqrt(\u03bb\u00b2 + 4 s\u00b2)."},
         {.claim = "Steps to convergence fall exponentially for |\u03bb| > 5",
          .source = source + ", figure 4.4",
          .says = "exponential curve",
          .holds = laws_fit([](const ConvergenceLaws& fit) { return fit.exponential_r2() > fit.law_r2(); }),
          .in_shape = laws_fit([](const ConvergenceLaws& fit) { return fit.exponential_r2() > 0.9; }),
          .why =
              "It fits roughly; c / sqrt(\u03bb\u00b2 + 4 s\u00b2), with one constant, is the exact rate's inverse."},
         {.claim = "Both scores peak at \u03bb = 0; for \u03bb to +\u221e the input's tends to its maximum, to -\u221e "
                   "the output's",
          .source = source + ", figure 4.5",
          .says = "peak, maximum, minimum",
          .holds = increases(median(input_score).at(among(lambda, {-20, 0})), lambda) &&
                   decreases(median(output_score).at(among(lambda, {0, 20})), lambda) &&
                   median(input_score).at(lambda == 20) > 0.99 && median(output_score).at(lambda == -20) > 0.99,
          .why = "As \u03bb falls without bound the output's score rises to 1: the text says minimum for both, its "
                 "figure is right."},
         {.claim = "The network function is identical for all starts",
          .source = source + ", figure 4.2",
          .says = "identical",
          .holds = median(product_error).at(lambda == 0 && any(init)) < within_tolerance &&
                   median(product_error).at(among(lambda, {-10, 10})) < within_tolerance,
          .why =
              "||W2W1 - H|| / ||H|| at the end, for small and large Gaussian and balanced starts: what a loss of the "
              "tolerance, 1e-3, leaves is 0.8%."},
         {.claim = "For large |\u03bb| the log loss is a straight line until convergence",
          .source = source + ", figure 4.3",
          .says = "a line with constant gradient",
          .holds = median(bend).at(among(lambda, {-100, 100})) < 0.05,
          .in_shape = median(bend).at(lambda == 100) < median(bend).at(lambda == 10) &&
                      median(bend).at(lambda == 10) < median(bend).at(lambda == 0),
          .why = Why("Largest distance from the line between start and convergence, relative to the fall; 5% is our "
                     "limit, the width of a drawn line. At |\u03bb| = 10 it is {:.3f}, at 0 {:.2f}.",
                     {median(bend).at(lambda == 10), median(bend).at(lambda == 0)})},
         {.claim = "For small |\u03bb| the fitted exponential does not approximate the steps",
          .source = source + ", figure 4.4",
          .says = "does not approximate",
          .holds = exponential_fails_below_five(),
          .why = "Its largest relative error for |\u03bb| <= 5 against that where it was fitted."},
         {.claim = "With \u03bb close to the task's singular values neither representation is as clear as for \u03bb "
                   "near 0 or infinite",
          .source = source,
          .says = "neither",
          .holds = better_score.at(lambda == 3) < better_score.at(lambda == 0) &&
                   better_score.at(lambda == 3) < better_score.at(lambda == 100) &&
                   better_score.at(lambda == -3) < better_score.at(lambda == -100),
          .why = "The higher of the two scores, against the one that stays task-specific at |\u03bb| = 100: a shallow "
                 "dip. \u03bb = 3 is next to s = 2.83."},
         {.claim = "It is the same with the binary properties of the hierarchy",
          .source = source + ", figure 4.1",
          .says = "the task of reference [5]",
          .holds = weaker_score.at(binary && lambda == 0) > 0.999 &&
                   median(output_identity).at(binary&& lambda == 100) > 0.99 &&
                   median(input_identity).at(binary&& lambda == -100) > 0.99 &&
                   decreases(median(steps_to_stop).at(binary&& among(lambda, {0, 10, 100})), lambda),
          .in_shape = weaker_score.at(binary && lambda == 0) > 0.999,
          .why = "15 properties with singular values 3.87 to 1, and a hidden layer as wide as the strong side."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
