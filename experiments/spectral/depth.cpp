// SPDX-License-Identifier: BSD-3-Clause
// Does depth amplify the error of the condition number?
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <sigmagrad/experiments/harness/experiment.hpp>
#include <sigmagrad/experiments/spectral/deep_network.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>
#include <sigmagrad/experiments/spectral/verdicts.hpp>
#include <sigmagrad/theory/regression.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

constexpr std::uint64_t student_stream = 7;  // starts and batches come from a stream of their own
constexpr std::int64_t curve_points = 15;    // of the printed run; as many again of the longer one

double learning_rate(const Params& p) { return p.integer("depth") == 1 ? p.real("lr") : p.real("deep_lr"); }

/// Trains a student to imitate `teacher`, one SGD step a fresh batch.
class Training {
 public:
  Training(const Params& p, DeepNetwork student, Generator& generator)
      : student_(std::move(student)),
        generator_(generator),
        optimizer_(student_.parameters(), {.lr = learning_rate(p)}) {}

  void run(const DeepNetwork& teacher, std::int64_t steps) {
    for (std::int64_t step = 0; step < steps; ++step) {
      const auto [x, y] = draw_batch(teacher.width(), generator_, teacher);
      optimizer_.zero_grad();
      regression_loss(student_(x), y).backward();
      optimizer_.step();
    }
  }

 private:
  DeepNetwork student_;
  Generator& generator_;
  optim::SGD optimizer_;
};

/// ||f_s - f_t||_F / ||f_t||_F on 1000 inputs that are the same in every trial.
double output_error(const DeepNetwork& student, const DeepNetwork& teacher) {
  NumpyGenerator generator(0);
  const NoGrad guard;
  const auto x = randn({1000, teacher.width()}, generator);
  const auto expected = teacher(x);
  return linalg::norm(student(x) - expected).item() / linalg::norm(expected).item();
}

void add_layers(Metrics& metrics, const DeepNetwork& student) {
  for (std::size_t l = 0; l < student.layers().size(); ++l)
    metrics.add(fmt::format("layer_cond_{}", l + 1), components(student.layers()[l]).cond);
}

void train_with_curve(Training& training, const DeepNetwork& student, const DeepNetwork& teacher, std::int64_t from,
                      std::int64_t to, Metrics& curve) {
  const std::int64_t stride = std::max<std::int64_t>((to - from) / curve_points, 1);
  for (std::int64_t step = from; step < to;) {
    const std::int64_t steps = std::min(stride, to - step);
    training.run(teacher, steps);
    step += steps;
    const auto errors = relative_errors(student.product(), teacher.product());
    curve.add_at("cond_error", static_cast<double>(step), errors.cond);
    curve.add_at("overall_error", static_cast<double>(step), errors.overall);
  }
}

Metrics linear_trial(const Trial& t) {
  const std::int64_t d = t.params.integer("d"), depth = t.params.integer("depth"), steps = t.params.integer("steps");
  const auto targets = t.generator(), generator = t.generator(student_stream);
  const DeepNetwork teacher({heterogeneous_target(d, *targets)}, Activation::Identity);
  const double scale = std::pow(0.1, 1.0 / static_cast<double>(depth));
  std::vector<Tensor> start;
  for (std::int64_t l = 0; l < depth; ++l) start.push_back(gaussian_layer(d, scale, *generator));
  const DeepNetwork student(start, Activation::Identity);
  Training training(t.params, student, *generator);

  Metrics curve;
  train_with_curve(training, student, teacher, 0, steps, curve);
  auto metrics = error_metrics(relative_errors(student.product(), teacher.product()));
  metrics.add("output_error", output_error(student, teacher));
  metrics.add("product_cond", components(student.product()).cond)
      .add("target_cond", components(teacher.product()).cond);
  add_layers(metrics, student);
  train_with_curve(training, student, teacher, steps, t.params.integer("long_steps"), curve);
  metrics.add("final_cond_error", relative_errors(student.product(), teacher.product()).cond);
  for (const auto& [name, value] : curve.items()) metrics.add(name, value);
  return metrics;
}

/// The errors are means over the layers, each against the teacher's layer of the same place.
Metrics relu_trial(const Trial& t) {
  const std::int64_t d = t.params.integer("d");
  const auto targets = t.generator(), generator = t.generator(student_stream);
  const auto first = heterogeneous_target(d, *targets), second = heterogeneous_target(d, *targets);
  const DeepNetwork teacher({first, second}, Activation::ReLU);
  const auto lower = gaussian_layer(d, 0.1, *generator), upper = gaussian_layer(d, 0.1, *generator);
  const DeepNetwork student({lower, upper}, Activation::ReLU);
  Training(t.params, student, *generator).run(teacher, t.params.integer("steps"));

  const auto a = error_metrics(relative_errors(student.layers()[0], first)).items();
  const auto b = error_metrics(relative_errors(student.layers()[1], second)).items();
  Metrics metrics;
  for (std::size_t i = 0; i < a.size(); ++i) metrics.add(a[i].first, 0.5 * (a[i].second + b[i].second));
  metrics.add("output_error", output_error(student, teacher));
  metrics.add("target_cond", 0.5 * (components(first).cond + components(second).cond));
  add_layers(metrics, student);
  return metrics;
}

Metrics trial(const Trial& t) { return t.params.text("activation") == "relu" ? relu_trial(t) : linear_trial(t); }

const Group& linear(const Results& results, std::int64_t depth) {
  return results.group({{"activation", "linear"}, {"depth", depth}});
}

std::vector<Figure> figures(const Results& results) {
  const auto groups = results.where({{"activation", "linear"}});
  Panel by_depth{.title = "After the printed number of steps",
                 .x_label = "depth",
                 .y_label = "condition number error",
                 .log_y = true,
                 .series = {medians(groups, "depth", "cond_error", "median, quartiles"),
                            means(groups, "depth", "cond_error", "mean \u00b1 std")}};
  Panel trials{.title = "Each trial",
               .x_label = "overall error",
               .y_label = "condition number error",
               .log_x = true,
               .log_y = true};
  Panel training{
      .title = "During training", .x_label = "step", .y_label = "condition number error", .log_x = true, .log_y = true};
  Panel overall{.title = "Overall error during training",
                .x_label = "step",
                .y_label = "overall error",
                .log_x = true,
                .log_y = true};
  for (const Group* group : groups) {
    const auto label = fmt::format("depth {}", group->params().integer("depth"));
    trials.series.push_back(
        {.label = label, .kind = Kind::Points, .x = group->values("overall_error"), .y = group->values("cond_error")});
    training.series.push_back(curve(*group, "cond_error", label));
    overall.series.push_back(curve(*group, "overall_error", label));
    if (group->params().integer("depth") != 1) continue;
    const theory::Regression form{.dimension = static_cast<double>(group->params().integer("d")),
                                  .lr = learning_rate(group->params())};
    Series exact = theory(overall.series.back().x, {}, "depth 1, closed form");
    for (const double step : exact.x) exact.y.push_back(form.overall_error(step));
    overall.series.push_back(exact);
  }
  return {{.name = "depth",
           .caption =
               "Deep linear networks that learn one target: the product's condition number error by depth, against "
               "the overall error, and along a longer training.",
           .panels = {by_depth, trials, training, overall}}};
}

/// The median condition number error at the step where the median overall error comes closest to `level`.
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
  claim.measured = fmt::format("{:.2f}, {:.4g}, {:.5g} (medians {:.2g}, {:.3g}, {:.3g})", one.mean("cond_error"),
                               two.mean("cond_error"), three.mean("cond_error"), one.median("cond_error"),
                               two.median("cond_error"), three.median("cond_error"));
  const bool digits =
      close({{one.mean("cond_error"), 0.24}, {two.mean("cond_error"), 653}, {three.mean("cond_error"), 13167}}, 0.01);
  const bool grows = 10.0 * one.median("cond_error") < two.median("cond_error") &&
                     two.median("cond_error") < three.median("cond_error");
  const double level = two.median("overall_error");
  claim.verdict = digits ? Verdict::Holds : grows ? Verdict::HoldsInShape : Verdict::DoesNotHold;
  claim.why =
      fmt::format("Depth matters at equal overall error too: where depth 1 passes {:.2f}, its median is {:.2g}.", level,
                  cond_error_at_overall(one, level));
}

void judge_exponential(const Results& r, Claim& claim) {
  const auto &one = linear(r, 1), &two = linear(r, 2), &three = linear(r, 3);
  const double first = two.median("cond_error") / one.median("cond_error");
  const double second = three.median("cond_error") / two.median("cond_error");
  claim.measured = fmt::format("medians grow {:.4g}-fold, then {:.3g}-fold", first, second);
  claim.verdict = std::abs(std::log(first / second)) < std::log(3.0) ? Verdict::Holds : Verdict::DoesNotHold;
  claim.why = fmt::format(
      "Two jumps of different size are not one exponential, and the error shrinks with training: the depth 2 median "
      "goes from {:.3g} to {:.3g} by step {}.",
      two.median("cond_error"), two.median("final_cond_error"), two.params().integer("long_steps"));
}

void judge_overall(const Results& r, Claim& claim) {
  const double one = linear(r, 1).mean("overall_error"), two = linear(r, 2).mean("overall_error");
  const double three = linear(r, 3).mean("overall_error");
  claim.measured = fmt::format("{:.3f}, {:.3f}, {:.3f}", one, two, three);
  claim.verdict = close({{one, 0.05}, {two, 0.22}, {three, 0.26}}, 0.1) ? Verdict::Holds : Verdict::DoesNotHold;
  claim.why = "It is nearly the same in every trial, unlike the condition number.";
}

void judge_product(const Results& r, Claim& claim) {
  const double one = linear(r, 1).mean("product_cond"), two = linear(r, 2).mean("product_cond");
  const double three = linear(r, 3).mean("product_cond");
  claim.measured =
      fmt::format("{:.4g}, {:.6g}, {:.3g} (target {:.4g})", one, two, three, linear(r, 1).mean("target_cond"));
  claim.verdict = close({{one, 1510}, {two, 242566}, {three, 4.8e6}}, 0.01) ? Verdict::Holds : Verdict::HoldsInShape;
  if (!(one < two && two < three)) claim.verdict = Verdict::DoesNotHold;
  claim.why = "Means of a quantity without a mean: they follow the worst trial.";
}

void judge_layers(const Results& r, Claim& claim) {
  std::string measured;
  bool in_range = true;
  double bound = 1.0;
  for (const std::int64_t depth : {2, 3}) {
    measured += fmt::format("{}depth {}:", measured.empty() ? "" : "; ", depth);
    bound = 1.0;
    for (std::int64_t l = 1; l <= depth; ++l) {
      const double cond = linear(r, depth).mean(fmt::format("layer_cond_{}", l));
      measured += fmt::format(" {:.0f}", cond);
      in_range = in_range && cond >= 1000.0 && cond <= 1600.0;
      bound *= cond;
    }
  }
  claim.measured = measured;
  claim.verdict = in_range ? Verdict::Holds : Verdict::DoesNotHold;
  claim.why =
      fmt::format("The layers differ, and the product of their means at depth 3, {:.2g}, is a loose bound on {:.2g}.",
                  bound, linear(r, 3).mean("product_cond"));
}

void judge_relu(const Results& r, Claim& claim) {
  const auto& relu = r.group({{"activation", "relu"}});
  claim.measured = fmt::format("{:.1f}, \u03ba {:.0f} and {:.0f}, teacher {:.0f}, output error {:.2f}",
                               relu.mean("cond_error"), relu.mean("layer_cond_1"), relu.mean("layer_cond_2"),
                               relu.mean("target_cond"), relu.mean("output_error"));
  claim.verdict = relu.mean("layer_cond_1") > relu.mean("target_cond") ? Verdict::HoldsInShape : Verdict::DoesNotHold;
  claim.why =
      "Comparing with the teacher's layers is ill-posed: hidden units may be permuted and rescaled without "
      "changing the function. The printed overall error is that of the outputs.";
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 001, section 4.7";
  const auto with = [&](auto judgement) { return [&results, judgement](Claim& c) { judgement(results, c); }; };
  return {
      judge({.claim = "The product's condition number error grows with depth",
             .source = source,
             .printed = "0.24, 653, 13167"},
            with(judge_cond)),
      judge({.claim = "The growth is exponential in depth", .source = source, .printed = "exponential"},
            with(judge_exponential)),
      judge({.claim = "The overall error grows moderately", .source = source, .printed = "0.05, 0.22, 0.26"},
            with(judge_overall)),
      judge({.claim = "The product's condition number escalates from the target's 928",
             .source = source,
             .printed = "1510, 242566, 4.8e6"},
            with(judge_product)),
      judge({.claim = "Condition numbers of single layers multiply", .source = source, .printed = "1000 to 1600 each"},
            with(judge_layers)),
      judge({.claim = "A two-layer ReLU network shows the same flaw",
             .source = source,
             .printed = "9.1, \u03ba 2719 and 6060, teacher 1136, overall error 0.57"},
            with(judge_relu))};
}

const Register depth{Experiment{
    .id = "spectral/depth",
    .title = "Condition number error against depth",
    .question = "Does a deeper linear network learn the condition number of its target worse?",
    .observe =
        "Yes: medians near 0.1, 100 and 5000 at depth 1, 2, 3 after 300 steps, at overall errors of 0.05, 0.22 and "
        "0.26. The effect survives at equal overall error, but it shrinks as training goes on.",
    .source = "paper 001, section 4.7, figure 7",
    .parameters =
        {{.name = "activation",
          .help = "linear networks, or a ReLU student of a ReLU teacher",
          .quick = {"linear", "relu"}},
         {.name = "depth", .help = "layers (a ReLU network has 2)", .quick = {1, 2, 3}, .minimum = 1, .maximum = 6},
         {.name = "d", .help = "width of every layer", .quick = {64}, .minimum = 2},
         {.name = "lr", .help = "learning rate of SGD with one layer", .quick = {0.01}, .minimum = 0},
         {.name = "deep_lr", .help = "learning rate of SGD with more", .quick = {0.005}, .minimum = 0},
         {.name = "steps", .help = "steps, each on a fresh batch of 64", .quick = {300}, .minimum = 1},
         {.name = "long_steps", .help = "linear networks train on to this step", .quick = {1000}, .paper = {3000}}},
    .trials = {.quick = 10, .paper = 10},
    .seconds = {.quick = 6, .paper = 15},
    .streams = {Stream::Philox, Stream::Numpy},
    .valid = [](const Params& p) { return p.text("activation") == "linear" || p.integer("depth") == 2; },
    .trial = trial,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
