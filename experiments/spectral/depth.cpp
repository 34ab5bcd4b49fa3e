// SPDX-License-Identifier: BSD-3-Clause
// Does depth amplify the error of the condition number?
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sigmagrad/experiments/harness/experiment.hpp>
#include <sigmagrad/experiments/spectral/groups.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>
#include <sigmagrad/experiments/spectral/teacher_student.hpp>
#include <sigmagrad/theory/regression.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

const Selection& paper() {
  static const Selection selection = {{"d", 64},      {"lr", 0.01},           {"deep_lr", 0.005},
                                      {"steps", 300}, {"noise", label_noise}, {"sample", "paper"}};
  return selection;
}

const Group& linear(const Results& results, std::int64_t depth, const char* sample = "paper") {
  return results.group(with(paper(), {{"activation", "linear"}, {"depth", depth}, {"sample", sample}}));
}
const Group& relu(const Results& results, const char* sample = "paper") {
  return results.group(with(paper(), {{"activation", "relu"}, {"sample", sample}}));
}

std::string label(const Group& group) { return fmt::format("depth {}", group.params().integer("depth")); }

// Whether these are groups of what the paper ran, beside which its numbers may be drawn.
bool as_printed(const Groups& groups) { return groups.front()->params().matches(paper()); }

Figure printed_figure(const Groups& groups, const Groups& others, const Selection& setting) {
  Panel cond{.title = "Condition number error",
             .x_label = "depth",
             .y_label = "relative error",
             .log_y = true,
             .series = {medians(groups, "depth", "cond_error", "median, quartiles"),
                        means(groups, "depth", "cond_error", "mean \u00b1 std")}};
  if (!others.empty()) cond.series.push_back(medians(others, "depth", "cond_error", "median of other trials"));
  const auto frozen = medians(others.empty() ? groups : others, "depth", "frozen_cond_error", "");
  cond.series.push_back(theory(frozen.x, frozen.y, "s\u2081 learned, s\u2099 of the start"));
  Panel both{.title = "Overall against spectral error",
             .x_label = "depth",
             .y_label = "relative error",
             .log_y = true,
             .series = {medians(groups, "depth", "cond_error", "condition number"),
                        medians(groups, "depth", "overall_error", "overall")}};
  if (as_printed(groups)) {
    cond.series.push_back(printed({1, 2, 3}, {0.24, 653, 13167}, "printed mean"));
    both.series.push_back(printed({1, 2, 3}, {0.05, 0.22, 0.26}, "overall, printed"));
  }
  return {.name = "spectral-depth",
          .caption = fmt::format(
              "Errors of the product of a deep linear network that learned one matrix, by depth, {}. Dashed: the error "
              "if training had moved the largest singular value and left the smallest where the start put it.",
              to_text(setting)),
          .panels = {cond, both}};
}

Series closed_form(const Group& group, const std::vector<double>& steps) {
  const theory::Regression form{.dimension = static_cast<double>(group.params().integer("d")),
                                .lr = learning_rate(group.params()),
                                .noise = group.params().real("noise")};
  Series series = theory(steps, {}, "depth 1, closed form");
  for (const double step : steps) series.y.push_back(form.overall_error(step));
  return series;
}

Figure training_figure(const Groups& groups, const Selection& setting) {
  Panel trials{.title = "Each trial",
               .x_label = "overall error",
               .y_label = "condition number error",
               .log_x = true,
               .log_y = true};
  Panel cond{.title = "Condition number", .x_label = "step", .y_label = "relative error", .log_x = true, .log_y = true};
  Panel overall{.title = "Overall error", .x_label = "step", .y_label = "relative error", .log_x = true, .log_y = true};
  for (const Group* group : groups) {
    trials.series.push_back({.label = label(*group),
                             .kind = Kind::Points,
                             .x = group->values("overall_error"),
                             .y = group->values("cond_error")});
    cond.series.push_back(curve(*group, "cond_error", label(*group)));
    overall.series.push_back(curve(*group, "overall_error", label(*group)));
  }
  for (const Group* group : groups)
    if (group->params().integer("depth") == 1) overall.series.push_back(closed_form(*group, overall.series.front().x));
  return {
      .name = "spectral-depth-training",
      .caption = fmt::format("Each trial after the first of two trainings, and medians with quartiles along both, {}.",
                             to_text(setting)),
      .panels = {trials, cond, overall}};
}

std::vector<Figure> figures(const Results& results) {
  std::vector<Figure> all;
  const auto settings = settings_of(results, {"d", "lr", "deep_lr", "steps", "long_steps", "noise"});
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const auto by_depth = [&](const char* sample) {
      return results.where(with(settings[i], {{"activation", "linear"}, {"sample", sample}}));
    };
    const auto groups = by_depth("paper"), others = by_depth("other");
    const auto add = [&](Figure figure) {
      figure.name = numbered(figure.name, i);
      all.push_back(std::move(figure));
    };
    if (!groups.empty() || !others.empty()) add(printed_figure(groups.empty() ? others : groups, others, settings[i]));
    if (!groups.empty()) add(training_figure(groups, settings[i]));
  }
  return all;
}

// The median condition number error at the step where the median overall error comes closest to `level`.
double cond_error_at_overall(const Group& group, double level) {
  const auto overall = group.curve("overall_error"), cond = group.curve("cond_error");
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

void judge_cond(const Results& r, Claim& claim) {
  const auto &one = linear(r, 1), &two = linear(r, 2), &three = linear(r, 3);
  const double others[] = {linear(r, 1, "other").median("cond_error"), linear(r, 2, "other").median("cond_error"),
                           linear(r, 3, "other").median("cond_error")};
  claim.measured = fmt::format("{:.2f}, {:.4g}, {:.5g}; medians of {} other trials {:.2g}, {:.3g}, {:.3g}",
                               one.mean("cond_error"), two.mean("cond_error"), three.mean("cond_error"),
                               linear(r, 1, "other").trials(), others[0], others[1], others[2]);
  const double level = two.median("overall_error");
  const double matched = cond_error_at_overall(one, level);
  const bool shape = 10.0 * others[0] < others[1] && others[1] < others[2] && 10.0 * matched < two.median("cond_error");
  claim.verdict = verdict(
      shape && close({{one.mean("cond_error"), 0.24}, {two.mean("cond_error"), 653}, {three.mean("cond_error"), 13167}},
                     0.01),
      shape);
  claim.why = fmt::format(
      "Depth matters at equal overall error too: where depth 1 passes {:.2f}, its median is {:.2g}, that of depth 2 "
      "{:.3g}.",
      level, matched, two.median("cond_error"));
}

// By what factor the median grows with each layer.
std::vector<double> growth(const Results& r) {
  std::vector<double> factors;
  const auto deepest =
      r.where(with(paper(), {{"activation", "linear"}, {"sample", "other"}})).back()->params().integer("depth");
  for (std::int64_t depth = 1; depth < std::max<std::int64_t>(deepest, 3); ++depth)
    factors.push_back(linear(r, depth + 1, "other").median("cond_error") /
                      linear(r, depth, "other").median("cond_error"));
  return factors;
}

void judge_exponential(const Results& r, Claim& claim) {
  const auto factors = growth(r);
  claim.measured = fmt::format("medians grow {:.3g}-fold with each layer", fmt::join(factors, "-, "));
  claim.verdict = verdict(std::abs(std::log(factors[0] / factors[1])) < std::log(3.0));
  const auto &two = linear(r, 2), &others = linear(r, 2, "other");
  claim.why = fmt::format(
      "The two printed jumps are not one factor. A single layer learns its smallest singular value, deeper products "
      "keep that of their start (which alone gives {:.3g} at depth 2, measured {:.3g}) until much later: by step {} "
      "the depth 2 median goes from {:.3g} to {:.3g}.",
      others.median("frozen_cond_error"), others.median("cond_error"), two.params().integer("long_steps"),
      two.median("cond_error"), two.median("final_cond_error"));
}

void judge_overall(const Results& r, Claim& claim) {
  double means[3], deviation = 0.0;
  for (std::int64_t depth = 1; depth <= 3; ++depth) {
    means[depth - 1] = linear(r, depth).mean("overall_error");
    deviation = std::max(deviation, std::abs(linear(r, depth, "other").mean("overall_error") / means[depth - 1] - 1.0));
  }
  claim.measured = fmt::format("{:.3f}, {:.3f}, {:.3f}", means[0], means[1], means[2]);
  const bool shape = means[0] < means[1] && means[1] < means[2];
  claim.verdict =
      verdict(shape && close({{means[0], 0.05}, {means[1], 0.22}, {means[2], 0.26}}, 0.1) && deviation < 0.1, shape);
  claim.why = fmt::format(
      "It is nearly the same in every trial, unlike the condition number: the means of {} others differ by {:.1f}%.",
      linear(r, 1, "other").trials(), 100.0 * deviation);
}

void judge_product(const Results& r, Claim& claim) {
  const double one = linear(r, 1).mean("product_cond"), two = linear(r, 2).mean("product_cond");
  const double three = linear(r, 3).mean("product_cond");
  const double others[] = {linear(r, 1, "other").median("product_cond"), linear(r, 2, "other").median("product_cond"),
                           linear(r, 3, "other").median("product_cond")};
  claim.measured =
      fmt::format("{:.4g}, {:.6g}, {:.3g} (target {:.4g})", one, two, three, linear(r, 1).mean("target_cond"));
  const bool shape = others[0] < others[1] && others[1] < others[2];
  claim.verdict = verdict(shape && close({{one, 1510}, {two, 242566}, {three, 4.8e6}}, 0.01), shape);
  claim.why = fmt::format(
      "Means of a quantity without a mean: they follow the worst trial. Medians of {} other trials: {:.3g}, {:.3g}, "
      "{:.3g}, target {:.3g}.",
      linear(r, 1, "other").trials(), others[0], others[1], others[2], linear(r, 1, "other").median("target_cond"));
}

void judge_layers(const Results& r, Claim& claim) {
  std::vector<std::string> measured;
  bool in_range = true;
  double bound = 1.0;
  for (const std::int64_t depth : {2, 3}) {
    std::vector<double> layers;
    for (std::int64_t l = 1; l <= depth; ++l) layers.push_back(linear(r, depth).mean(fmt::format("layer_cond_{}", l)));
    measured.push_back(fmt::format("depth {}: {:.0f}", depth, fmt::join(layers, ", ")));
    bound = 1.0;
    for (const double cond : layers) {
      in_range = in_range && cond >= 1000.0 && cond <= 1600.0;
      bound *= cond;
    }
  }
  const auto& three = linear(r, 3, "other");
  claim.measured = fmt::format("{}", fmt::join(measured, "; "));
  claim.verdict = verdict(in_range);
  claim.why = fmt::format(
      "The product of the means at depth 3, {:.2g}, is a loose bound on {:.2g}. What grows with depth is the start's: "
      "with the smallest singular value left where it was, the median error would be {:.3g} (measured {:.3g}).",
      bound, linear(r, 3).mean("product_cond"), three.median("frozen_cond_error"), three.median("cond_error"));
}

void judge_relu(const Results& r, Claim& claim) {
  const auto &g = relu(r), &others = relu(r, "other");
  claim.measured =
      fmt::format("{:.1f}, \u03ba {:.0f} and {:.0f}, teacher {:.0f}, output error {:.2f}", g.mean("cond_error"),
                  g.mean("layer_cond_1"), g.mean("layer_cond_2"), g.mean("target_cond"), g.mean("output_error"));
  const bool worse = others.median("layer_cond_1") > others.median("target_cond") &&
                     others.median("layer_cond_2") > others.median("target_cond");
  const bool digits = close({{g.mean("cond_error"), 9.1},
                             {g.mean("layer_cond_1"), 2719},
                             {g.mean("layer_cond_2"), 6060},
                             {g.mean("target_cond"), 1136},
                             {g.mean("output_error"), 0.57}},
                            0.02);
  const bool layers_learned = g.mean("final_overall_error") < g.mean("overall_error");
  claim.verdict = verdict(worse && digits && layers_learned, worse);
  claim.why = fmt::format(
      "The teacher's layers are no measure: hidden units may be permuted and rescaled without changing the function. "
      "From step {} to {} the output error goes from {:.2f} to {:.2f}, that of the layers goes from {:.2f} to "
      "{:.2f}. The printed overall error is that of the outputs.",
      g.params().integer("steps"), g.params().integer("long_steps"), g.mean("output_error"),
      g.mean("final_output_error"), g.mean("overall_error"), g.mean("final_overall_error"));
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 001, section 4.7";
  return judge_all(
      results,
      {{{.claim = "The product's condition number error grows with depth",
         .source = source,
         .printed = "0.24, 653, 13167"},
        judge_cond},
       {{.claim = "The growth is exponential in depth", .source = source, .printed = "exponential"}, judge_exponential},
       {{.claim = "The overall error grows moderately", .source = source, .printed = "0.05, 0.22, 0.26"},
        judge_overall},
       {{.claim = "The product's condition number escalates from the target's 928",
         .source = source,
         .printed = "1510, 242566, 4.8e6"},
        judge_product},
       {{.claim = "Condition numbers of single layers multiply", .source = source, .printed = "1000 to 1600 each"},
        judge_layers},
       {{.claim = "A two-layer ReLU network shows the same flaw",
         .source = source,
         .printed = "9.1, \u03ba 2719 and 6060, teacher 1136, overall error 0.57"},
        judge_relu}});
}

Metrics trial(const Trial& t) { return t.params.text("activation") == "relu" ? relu_trial(t) : linear_trial(t); }

const Register depth{Experiment{
    .id = "spectral/depth",
    .title = "Condition number error against depth",
    .question = "Does depth amplify the error of the condition number?",
    .observe =
        "Mean errors of 0.24, 653 and 13167 at depth 1, 2, 3 after 300 steps (--stream numpy), at overall errors of "
        "0.05, 0.22 and "
        "0.26. The effect survives at equal overall error, but it shrinks as training goes on. Deep products keep the "
        "smallest singular value of their start, which predicts the median error from depth 2 to 6.",
    .source = "paper 001, section 4.7, figure 7",
    .parameters =
        {{.name = "activation",
          .help = "linear networks, or a ReLU student of a ReLU teacher",
          .quick = {"linear", "relu"}},
         {.name = "depth",
          .help = "layers (a ReLU network has 2)",
          .quick = {1, 2, 3},
          .paper = {1, 2, 3, 4, 5, 6},
          .minimum = 1,
          .maximum = 6},
         {.name = "d", .help = "width of every layer", .quick = {64}, .minimum = 2},
         {.name = "lr", .help = "learning rate of SGD with one layer", .quick = {0.01}, .minimum = 0},
         {.name = "deep_lr", .help = "learning rate of SGD with more", .quick = {0.005}, .minimum = 0},
         {.name = "steps", .help = "steps, each on a fresh batch of 64", .quick = {300}, .minimum = 1},
         {.name = "long_steps", .help = "the paper's trials go on to this step", .quick = {1000}, .paper = {3000}},
         noise_parameter(),
         sample_parameter()},
    .trials = {.quick = 10, .paper = 10},
    .seconds = {.quick = 4, .paper = 15},
    .streams = {Stream::Philox, Stream::Numpy},
    .valid = [](const Params& p) { return p.text("activation") == "linear" || p.integer("depth") == 2; },
    .trial = trial,
    .trials_factor = [](const Params& p) { return is_other_sample(p) ? 5 : 1; },
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
