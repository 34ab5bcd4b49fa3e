// SPDX-License-Identifier: BSD-3-Clause
// Where does "large lambda is lazy and fast" hold: for which widths?
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/time_to_learn.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr std::int64_t n_i = 3, n_o = 5, samples = 16;
constexpr double scales[] = {0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0};

const Int n_h{.name = "n_h",
              .help = "hidden units, between 3 inputs and 5 outputs",
              .quick = {3, 4, 5},
              .minimum = 1,
              .maximum = 5};
const Real lambda{.name = "lambda",
                  .help = "W2'W2 - W1W1' = lambda I",
                  .label = "\u03bb",
                  .quick = {-1000.0, -100.0, -10.0, 0.0, 10.0, 100.0, 1000.0},
                  .paper = {-1000.0, -100.0, -10.0, -1.0, 0.0, 1.0, 10.0, 100.0, 1000.0}};

const Quantity time_learned{.name = "time", .label = "time to learn", .unit = "\u03c4"};
const Quantity time_per_lambda{.name = "time_per_lambda", .label = "time to learn times |\u03bb|"};
const Quantity kernel_change{.name = "kernel_change", .label = "change of the kernel"};
const Quantity kernel_distance{.name = "kernel_distance", .label = "kernel distance"};
const Quantity time_exact{.name = "time_exact", .label = "time to learn, exact", .unit = "\u03c4"};
const Quantity time_error{.name = "time_error", .label = "relative error of the exact time to learn"};
const Curve distance_by_scale{.name = "map", .label = "kernel distance", .over = "initial scale"};

// Kernel distance between start and end of the exact solution by initial scale.
void record_distances(Trial& t, const Task& task) {
  for (const double scale : scales) {
    const auto weights = t.generator(2);
    const auto [W1, W2] = theory::lambda_balanced(t[lambda], {n_i, t[n_h], n_o}, {.sigma = scale}, *weights);
    const theory::BalancedDynamics flow(W1, W2, task.Sigma);
    const double time = exact_time(flow, learned * learned * theory::task_loss(zeros({n_o, n_i}), task.Sigma).item());
    if (!std::isfinite(time)) continue;  // a saddle
    const auto kernels = flow.ntk({0.0, 10 * time}, task.X);
    t.record(distance_by_scale, scale, theory::kernel_distance(kernels.select(0, 0), kernels.select(0, 1)).item());
  }
}

void trial(Trial& t) {
  const auto tasks = t.generator(), generator = t.generator(1);
  const auto task = random_task(n_i, n_o, samples, *tasks);
  const auto weights = theory::lambda_balanced(t[lambda], {n_i, t[n_h], n_o}, {}, *generator);
  const theory::BalancedDynamics flow(weights.W1, weights.W2, task.Sigma);
  const double size = std::max(1.0, std::abs(t[lambda]));
  const double exact = exact_time(flow, learned * learned * flow.loss({0.0}).item());
  const auto training = train(TwoLayer(weights), task);
  if (!training.done) throw Error("the flow was not done after 100000 steps");
  t.record(time_learned, training.time);
  t.record(time_per_lambda, training.time * size);
  t.record(kernel_change, training.kernel_change);
  t.record(kernel_distance, training.kernel_distance);
  if (std::isfinite(exact)) {
    t.record(time_exact, exact);
    t.record(time_error, std::abs(training.time / exact - 1));
  }
  record_distances(t, task);
}

// Weights that exist.
bool valid(const Params& p) { return p[lambda] == 0 || p[n_h] <= (p[lambda] > 0 ? n_o : n_i); }

// Powers of ten and zero, side by side.
Plot by_lambda(const Quantity& quantity) { return plot(lambda, quantity).by(n_h).categories().log_y(); }

// A row for each group, a column for each scale. A cell stays empty where no trial came to an end.
Panel rich_and_lazy(const Results& results) {
  Panel panel{.title = "Kernel distance", .x_label = distance_by_scale.over, .y_label = "n_h, \u03bb"};
  panel.matrix.columns = std::ssize(scales);
  for (const double scale : scales) panel.matrix.column_names.push_back(fmt::format("{:g}", scale));
  for (const Group* group : results.where()) {
    panel.matrix.row_names.push_back(fmt::format("{}, {:g}", (*group)[n_h], (*group)[lambda]));
    for (const double scale : scales) {
      const auto point = distance_by_scale.at(scale);
      const double value = group->has(point) ? group->median(point) : std::nan("");
      panel.matrix.values.push_back(std::round(1000 * value) / 1000);
    }
  }
  return panel;
}

const Selection full_width = n_h == 5, narrow = n_h == 3;
const Selection strong_output = full_width && lambda == 1000, strong_input = narrow && lambda == -1000;

Condition keeps_kernel(double limit) {
  return median(kernel_change).at(strong_output) < limit && median(kernel_change).at(strong_input) < limit;
}

Condition faster(const Selection& width) {
  return decreases(median(time_learned).at(width && among(lambda, {10, 1000})), lambda);
}

const std::string limit = "paper 004, theorems 4.1.3 and 4.2.3";

const Register dimensions{
    {.id = "balanced/dimensions",
     .title = "Widths where large \u03bb is lazy and fast, and where it is not",
     .question = "Does a large \u03bb make linear networks of any shape lazy and fast?",
     .observe = "Only if the hidden layer is as large as the strong side. With 3 inputs and 5 outputs the kernel's "
                "change vanishes at n_h = 5; at n_h = 3 it stays of order one for \u03bb > 0, and the time to learn "
                "grows with \u03bb.",
     .source = "paper 004, theorems 4.1.3 and 4.2.3",
     .parameters = {n_h, lambda},
     .trials = {.quick = 20, .paper = 100},
     .seconds = {.quick = 1, .paper = 5},
     .valid = valid,
     .valid_rule =
         "with lambda other than 0 the hidden layer is no wider than what it feeds (lambda > 0) or reads (lambda "
         "< 0)",
     .trial = trial,
     .figures = {figure("",
                        "Two layers with 3 inputs and 5 outputs: time of gradient flow until 1% of the initial "
                        "distance is left, and relative change of the tangent kernel.")
                     .panel("Time to learn", by_lambda(time_learned).y_label("time / \u03c4"))
                     .panel("Change of the kernel", by_lambda(kernel_change)),
                 figure("rich-lazy",
                        "Kernel distance between start and end, 1 - cos(K(0), K(\u221e)), by \u03bb and by the scale "
                        "of the weights behind the initial product: 0 is lazy. Exact solution, medians to three "
                        "decimals.")
                     .panel(rich_and_lazy)},
     .claims = {
         {.claim = "For large |\u03bb| the kernel is constant where the hidden layer is as large as the strong side",
          .source = limit,
          .says = "constant in the limit",
          .holds = keeps_kernel(1e-3),
          .in_shape = keeps_kernel(0.05),
          .why = Why("The time to learn, times |\u03bb|, is {:.2f} and {:.2f}: it falls as 1 / |\u03bb|.",
                     {median(time_per_lambda).at(strong_output), median(time_per_lambda).at(strong_input)})},
         {.claim = "For large |\u03bb| the kernel is constant, whatever the sizes",
          .source = limit,
          .says = "constant in the limit",
          .holds = median(kernel_change).at(lambda == 1000) < 0.01,
          .why = "With fewer hidden units than outputs W2 does not reach every output: W2 has to turn, and that is "
                 "learned through the weak W1."},
         {.claim = "The larger |\u03bb|, the faster the network learns",
          .source = "paper 004, sections 3.2 and 4.3",
          .says = "rate proportional to |\u03bb|",
          .holds = faster(full_width) && faster(narrow),
          .why = "Where W2 has to turn, the weak layer sets the rate: at n_h = 3 the time grows as \u03bb."},
         {.claim = "The exact solution holds for unequal sizes",
          .source = "paper 004, section 3.4",
          .says = "for n_h = min(n_i, n_o)",
          .holds = median(time_error) < 0.01,
          .in_shape = median(time_error) < 0.05,
          .why = "Gradient flow integrated on its own against bisection in the exact solution, for every width and "
                 "\u03bb."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
