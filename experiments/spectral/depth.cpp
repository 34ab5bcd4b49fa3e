// SPDX-License-Identifier: BSD-3-Clause
// Does depth amplify the error of the condition number?
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <sigmagrad/experiments/spectral/teacher_student.hpp>
#include <sigmagrad/theory/regression.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

const Text activation{
    .name = "activation", .help = "linear networks, or a ReLU student of a ReLU teacher", .quick = {"linear", "relu"}};
const Int width{.name = "d", .help = "width of every layer", .quick = {64}, .minimum = 2};
const Real single_lr{.name = "lr", .help = "learning rate of SGD with one layer", .quick = {0.01}, .minimum = 0};

void trial(Trial& t) { t[activation] == "relu" ? relu_trial(t) : linear_trial(t); }

const Selection linear = activation == "linear", relu_network = activation == "relu", as_printed = linear && depth <= 3;
Selection linear_of(std::int64_t layers) { return linear && depth == layers; }

// A single layer.
double closed_form(const Params& p, double step) {
  if (p[depth] != 1) return std::numeric_limits<double>::quiet_NaN();
  const theory::Regression form{.dimension = static_cast<double>(p[width]), .lr = learning_rate(p), .noise = p[noise]};
  return form.overall_error(step);
}

// The median condition number error at the step where the median overall error comes closest to `level`.
double cond_error_at_overall(const Group& group, double level) {
  const auto overall = group.curve(over_steps(overall_error));
  const auto closest = std::ranges::min_element(
      overall, {}, [&](const CurvePoint& point) { return std::abs(std::log(point.statistics.median / level)); });
  return group.median(over_steps(cond_error).at(closest->at));
}

Judgement worse_at_equal_overall_error(const Results& r) {
  const auto& two = r.at(linear_of(2));
  const double level = two.median(overall_error), cond = two.median(cond_error);
  const double matched = cond_error_at_overall(r.at(linear_of(1)), level);
  return {10.0 * matched < cond,
          fmt::format("where depth 1 passes an overall error of {:.2f}, its median condition number error is {:.2g}, "
                      "that of depth 2 {:.3g}",
                      level, matched, cond)};
}

Statistic fresh_median(std::int64_t layers) { return fresh(median(cond_error)).at(linear_of(layers)); }
// By what factor the median grows with this layer.
Statistic growth(std::int64_t layer) {
  return (fresh_median(layer) / fresh_median(layer - 1))
      .called(fmt::format("growth of the fresh trials' median with layer {}", layer));
}

// A layer of the ReLU student.
Condition worse_than_teacher(std::size_t layer) {
  return fresh(median(layer_cond(layer))).at(relu_network) > fresh(median(target_cond)).at(relu_network);
}

const Condition relu_worse = worse_than_teacher(1) && worse_than_teacher(2);
const Condition overall_grows = increases(mean(overall_error).at(as_printed), depth);

Statistic relu_mean(const Quantity& quantity) { return mean(quantity).at(relu_network); }
const Statistic last_step = expected("last step", [](const Params& p) { return static_cast<double>(p[long_steps]); });

// What is printed of depth 1, 2 and 3.
std::vector<Printed> by_depth(const Quantity& quantity, double one, double two, double three) {
  const auto value = mean(quantity);
  return {{value.at(linear_of(1)), one}, {value.at(linear_of(2)), two}, {value.at(linear_of(3)), three}};
}

// The target is the same at every depth.
std::vector<Printed> with_target(std::vector<Printed> printed) {
  printed.push_back({mean(target_cond).at(linear_of(1)), 928});
  return printed;
}

const Register deep{
    {.id = "spectral/depth",
     .title = "Condition number error against depth",
     .question = "Does depth amplify the error of the condition number?",
     .observe =
         "Mean errors of 0.24, 653 and 13167 at depth 1, 2, 3 after 300 steps (--stream numpy), at overall errors of "
         "0.05, 0.22 and 0.26. The effect survives at equal overall error, but it shrinks as training goes on. Deep "
         "products keep the smallest singular value of their start, which predicts the median error from depth 2 to "
         "6.",
     .source = "paper 001, section 4.7, figure 7",
     .parameters = {activation, depth, width, single_lr, deep_lr, steps.with({300}), long_steps, noise},
     .printed_at = width == 64 && single_lr == 0.01 && deep_lr == 0.005 && steps == 300 && noise == label_noise,
     .trials = {.quick = 3, .paper = 10},
     .seconds = {.quick = 2, .paper = 26},
     .streams = {Stream::Philox, Stream::Numpy},
     .fresh = [](const Params&) { return 5; },
     .valid = [](const Params& p) { return p[activation] == "linear" || p[depth] == 2; },
     .valid_rule = "the ReLU network has depth 2",
     .trial = trial,
     .figures =
         {figure("",
                 "Errors of the product of a deep linear network that learned one matrix, by depth. Dashed: the "
                 "error if training had moved the largest singular value and left the smallest where the start "
                 "put it.")
              .panel("Condition number error",
                     plot(depth, cond_error)
                         .medians()
                         .means()
                         .fresh()
                         .printed()
                         .theory("s\u2081 learned, s\u2099 of the start", median(frozen_cond_error))
                         .log_y())
              .panel("Overall against spectral error",
                     plot(depth, {cond_error, overall_error}).printed().log_y().y_label("relative error"))
              .at(linear),
          figure("training", "Each trial after the first of two trainings, and medians with quartiles along both.")
              .panel("Each trial", scatter(overall_error, cond_error).by(depth).log_log())
              .panel("Condition number", plot(over_steps(cond_error)).by(depth).log_log())
              .panel("Overall error",
                     plot(over_steps(overall_error)).by(depth).theory("depth 1, closed form", closed_form).log_log())
              .at(linear)},
     .claims =
         {{.claim = "The product's condition number error grows with depth",
           .printed = by_depth(cond_error, 0.24, 653, 13167),
           .tolerance = 0.01,
           .in_shape = growth(2) > 10.0 && growth(3) > 1.0 && Condition(worse_at_equal_overall_error),
           .why = "Depth matters at equal overall error too."},
          {.claim = "The growth is exponential in depth",
           .says = "exponential",
           .holds = growth(2) < 3.0 * growth(3) && growth(3) < 3.0 * growth(2),
           .why = {"The two printed jumps are not one factor. A single layer learns its smallest singular value, "
                   "deeper products keep that of their start (which alone gives {:.3g} at depth 2, measured {:.3g}) "
                   "until much later: by step {:.0f} the depth 2 median goes from {:.3g} to {:.3g}.",
                   {fresh(median(frozen_cond_error)).at(linear_of(2)), fresh_median(2), last_step.at(linear_of(2)),
                    median(cond_error).at(linear_of(2)), median(final_cond_error).at(linear_of(2))}}},
          {.claim = "The overall error grows moderately",
           .printed = by_depth(overall_error, 0.05, 0.22, 0.26),
           .tolerance = 0.1,
           .holds = overall_grows && printed_digits() &&
                    relative_difference(fresh(mean(overall_error)), mean(overall_error)).at(as_printed) < 0.1,
           .in_shape = overall_grows,
           .why = "It is nearly the same in every trial, unlike the condition number."},
          {.claim = "The product's condition number escalates from the target's 928",
           .printed = with_target(by_depth(product_cond, 1510, 242566, 4.8e6)),
           .tolerance = 0.01,
           .in_shape = increases(fresh(median(product_cond)).at(as_printed), depth),
           .why = "Means of a quantity without a mean: they follow the worst trial."},
          {.claim = "Condition numbers of single layers multiply",
           .says = "1000 to 1600 each",
           .holds = within(mean(layer_cond(1)).at(linear && among(depth, {2, 3})), 1000, 1600) &&
                    within(mean(layer_cond(2)).at(linear && among(depth, {2, 3})), 1000, 1600) &&
                    within(mean(layer_cond(3)).at(linear_of(3)), 1000, 1600),
           .why = {"Their product is a loose bound. What grows with depth is the start's: with the smallest singular "
                   "value left where it was, the median error at depth 3 would be {:.3g} (measured {:.3g}).",
                   {fresh(median(frozen_cond_error)).at(linear_of(3)), fresh_median(3)}}},
          {.claim = "The product's condition number is at most the product of the layers'",
           .says = "\u03ba(W_L ... W_1) <= \u03a0 \u03ba(W_i)",
           .holds = largest(over_bound).at(linear) <= 1.0 + 1e-6,
           .why = {"In every trial at every depth. The bound is loose: at depth 3 the median product has {:.1g} of it.",
                   {median(over_bound).at(linear_of(3))}}},
          {.claim = "A two-layer ReLU network shows the same flaw",
           .printed = {{relu_mean(cond_error), 9.1},
                       {relu_mean(layer_cond(1)), 2719},
                       {relu_mean(layer_cond(2)), 6060},
                       {relu_mean(target_cond), 1136},
                       {relu_mean(output_error), 0.57}},
           .holds = relu_worse && printed_digits() && relu_mean(final_overall_error) < relu_mean(overall_error),
           .in_shape = relu_worse,
           .why = {"The teacher's layers are no measure: hidden units may be permuted and rescaled without changing "
                   "the function. From step 300 to {:.0f} the output error goes from {:.2f} to {:.2f}, that "
                   "of the layers goes from {:.2f} to {:.2f}. The printed overall error is that of the outputs.",
                   {last_step.at(relu_network), relu_mean(output_error), relu_mean(final_output_error),
                    relu_mean(overall_error), relu_mean(final_overall_error)}}}}}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
