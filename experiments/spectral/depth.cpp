// SPDX-License-Identifier: BSD-3-Clause
// Does depth amplify the error of the condition number?
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
const Int steps{.name = "steps", .help = "steps, each on a fresh batch of 64", .quick = {300}, .minimum = 1};

void trial(Trial& t) { t[activation] == "relu" ? relu_trial(t) : linear_trial(t); }

const Selection linear = activation == "linear", relu_network = activation == "relu", as_printed = linear && depth <= 3;
Selection linear_of(std::int64_t layers) { return linear && depth == layers; }

// Known for a single layer alone.
double closed_form(const Params& p, double step) {
  if (p[depth] != 1) return std::numeric_limits<double>::quiet_NaN();
  const theory::Regression form{.dimension = static_cast<double>(p[width]), .lr = learning_rate(p), .noise = p[noise]};
  return form.overall_error(step);
}

// The median condition number error at the step where the median overall error comes closest to `level`.
double cond_error_at_overall(const Group& group, double level) {
  const auto overall = group.curve(over_steps(overall_error)), cond = group.curve(over_steps(cond_error));
  double distance = std::numeric_limits<double>::infinity(), result = 0.0;
  for (std::size_t i = 0; i < overall.size(); ++i) {
    const double here = std::abs(std::log(overall[i].statistics.median / level));
    if (here < distance) {
      distance = here;
      result = cond[i].statistics.median;
    }
  }
  return result;
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

const Condition grows_with_depth = growth(2) > 10.0 && growth(3) > 1.0 && Condition(worse_at_equal_overall_error);
const Condition overall_grows = increases(mean(overall_error).at(as_printed), depth);
const Condition product_grows = increases(fresh(median(product_cond)).at(as_printed), depth);
const Condition relu_worse = fresh(median(layer_cond(1))).at(relu_network) >
                                 fresh(median(target_cond)).at(relu_network) &&
                             fresh(median(layer_cond(2))).at(relu_network) >
                                 fresh(median(target_cond)).at(relu_network);

std::string why_not_exponential(const Results& r) {
  const Group &two = r.at(linear_of(2)), &others = r.at(fresh(linear_of(2)));
  return fmt::format(
      "The two printed jumps are not one factor. A single layer learns its smallest singular value, deeper products "
      "keep that of their start (which alone gives {:.3g} at depth 2, measured {:.3g}) until much later: by step {} "
      "the depth 2 median goes from {:.3g} to {:.3g}.",
      others.median(frozen_cond_error), others.median(cond_error), two[long_steps], two.median(cond_error),
      two.median(final_cond_error));
}

std::string why_no_product(const Results& r) {
  const Group& three = r.at(fresh(linear_of(3)));
  return fmt::format(
      "Their product is a loose bound. What grows with depth is the start's: with the smallest singular value left "
      "where it was, the median error at depth 3 would be {:.3g} (measured {:.3g}).",
      three.median(frozen_cond_error), three.median(cond_error));
}

std::string why_layers_are_no_measure(const Results& r) {
  const Group& g = r.at(relu_network);
  return fmt::format(
      "The teacher's layers are no measure: hidden units may be permuted and rescaled without changing the function. "
      "From step {} to {} the output error goes from {:.2f} to {:.2f}, that of the layers goes from {:.2f} to "
      "{:.2f}. The printed overall error is that of the outputs.",
      g[steps], g[long_steps], g.mean(output_error), g.mean(final_output_error), g.mean(overall_error),
      g.mean(final_overall_error));
}

const std::string source = "paper 001, section 4.7";

const Register by_depth{
    {.id = "spectral/depth",
     .title = "Condition number error against depth",
     .question = "Does depth amplify the error of the condition number?",
     .observe =
         "Mean errors of 0.24, 653 and 13167 at depth 1, 2, 3 after 300 steps (--stream numpy), at overall errors of "
         "0.05, 0.22 and 0.26. The effect survives at equal overall error, but it shrinks as training goes on. Deep "
         "products keep the smallest singular value of their start, which predicts the median error from depth 2 to "
         "6.",
     .source = source + ", figure 7",
     .parameters = {activation, depth, width, single_lr, deep_lr, steps, long_steps, noise},
     .printed_at = width == 64 && single_lr == 0.01 && deep_lr == 0.005 && steps == 300 && noise == label_noise,
     .trials = {.quick = 10, .paper = 10},
     .seconds = {.quick = 4, .paper = 15},
     .streams = {Stream::Philox, Stream::Numpy},
     .fresh = [](const Params&) { return 5; },
     .valid = [](const Params& p) { return p[activation] == "linear" || p[depth] == 2; },
     .trial = trial,
     .figures = {figure("",
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
                                .log_y()
                                .y_label("relative error"))
                     .panel("Overall against spectral error",
                            plot(depth, {cond_error, overall_error}).printed().log_y().y_label("relative error"))
                     .at(linear),
                 figure("training",
                        "Each trial after the first of two trainings, and medians with quartiles along both.")
                     .panel("Each trial", scatter(overall_error, cond_error).by(depth).log_log())
                     .panel("Condition number",
                            plot(over_steps(cond_error)).by(depth).log_log().y_label("relative error"))
                     .panel("Overall error", plot(over_steps(overall_error))
                                                 .by(depth)
                                                 .theory("depth 1, closed form", closed_form)
                                                 .log_log()
                                                 .y_label("relative error"))
                     .at(linear)},
     .claims = {{.claim = "The product's condition number error grows with depth",
                 .source = source,
                 .printed = {{mean(cond_error).at(linear_of(1)), 0.24},
                             {mean(cond_error).at(linear_of(2)), 653},
                             {mean(cond_error).at(linear_of(3)), 13167}},
                 .tolerance = 0.01,
                 .holds = grows_with_depth && printed_digits(),
                 .in_shape = grows_with_depth,
                 .why = "Depth matters at equal overall error too."},
                {.claim = "The growth is exponential in depth",
                 .source = source,
                 .says = "exponential",
                 .holds = growth(2) < 3.0 * growth(3) && growth(3) < 3.0 * growth(2),
                 .why = why_not_exponential},
                {.claim = "The overall error grows moderately",
                 .source = source,
                 .printed = {{mean(overall_error).at(linear_of(1)), 0.05},
                             {mean(overall_error).at(linear_of(2)), 0.22},
                             {mean(overall_error).at(linear_of(3)), 0.26}},
                 .tolerance = 0.1,
                 .holds = overall_grows && printed_digits() &&
                          relative_difference(fresh(mean(overall_error)), mean(overall_error)).at(as_printed) < 0.1,
                 .in_shape = overall_grows,
                 .why = "It is nearly the same in every trial, unlike the condition number."},
                {.claim = "The product's condition number escalates from the target's 928",
                 .source = source,
                 .printed = {{mean(product_cond).at(linear_of(1)), 1510},
                             {mean(product_cond).at(linear_of(2)), 242566},
                             {mean(product_cond).at(linear_of(3)), 4.8e6}},
                 .tolerance = 0.01,
                 .holds = product_grows && printed_digits(),
                 .in_shape = product_grows,
                 .why = "Means of a quantity without a mean: they follow the worst trial."},
                {.claim = "Condition numbers of single layers multiply",
                 .source = source,
                 .says = "1000 to 1600 each",
                 .holds = within(mean(layer_cond(1)).at(linear && among(depth, {2, 3})), 1000, 1600) &&
                          within(mean(layer_cond(2)).at(linear && among(depth, {2, 3})), 1000, 1600) &&
                          within(mean(layer_cond(3)).at(linear_of(3)), 1000, 1600),
                 .why = why_no_product},
                {.claim = "A two-layer ReLU network shows the same flaw",
                 .source = source,
                 .printed = {{mean(cond_error).at(relu_network), 9.1},
                             {mean(layer_cond(1)).at(relu_network), 2719},
                             {mean(layer_cond(2)).at(relu_network), 6060},
                             {mean(target_cond).at(relu_network), 1136},
                             {mean(output_error).at(relu_network), 0.57}},
                 .holds = relu_worse && printed_digits() &&
                          mean(final_overall_error).at(relu_network) < mean(overall_error).at(relu_network),
                 .in_shape = relu_worse,
                 .why = why_layers_are_no_measure}}}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
