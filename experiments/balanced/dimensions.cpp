// SPDX-License-Identifier: BSD-3-Clause
// Where does "large lambda is lazy and fast" hold: which widths, which depth?
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/deep_balanced.hpp>
#include <sigmagrad/experiments/balanced/time_to_learn.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr std::int64_t n_i = 3, n_o = 5, samples = 16;
constexpr double scales[] = {0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0};
constexpr double second_lambdas[] = {-100.0, -10.0, 0.0, 10.0, 100.0};
constexpr double deep_scale = 0.1;

const Int depth{
    .name = "depth", .help = "layers; three are square, with a second lambda from -100 to 100", .quick = {2, 3}};
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
const Quantity balance_residual{.name = "balance_residual", .label = "distance from \u03bb-balanced weights"};
const Quantity time_exact{.name = "time_exact", .label = "time to learn, exact", .unit = "\u03c4"};
const Quantity time_error{.name = "time_error", .label = "relative error of the exact time to learn"};
const Quantity reference_deviation{.name = "reference_deviation", .label = "deviation from the scalar equation / s1"};
const Curve distance_by_scale{.name = "map", .label = "kernel distance", .over = "initial scale"};
const Curve deep_time{.name = "deep_time", .label = "time to learn", .over = "\u03bb2"};
const Curve deep_distance{.name = "deep_kernel_distance", .label = "kernel distance", .over = "\u03bb2"};

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

void two_layers(Trial& t) {
  const auto tasks = t.generator(), generator = t.generator(1);
  const auto task = random_task(n_i, n_o, samples, *tasks);
  const auto weights = theory::lambda_balanced(t[lambda], {n_i, t[n_h], n_o}, {}, *generator);
  const auto [kept, distance] = theory::balancedness(weights.W1, weights.W2);
  const theory::BalancedDynamics flow(weights.W1, weights.W2, task.Sigma);
  const double size = std::max(1.0, std::abs(t[lambda]));
  const double exact = exact_time(flow, learned * learned * flow.loss({0.0}).item());
  const auto training = train(TwoLayer(weights), task);
  if (!training.done) throw Error("the flow was not done after 100000 steps");
  t.record(time_learned, training.time);
  t.record(time_per_lambda, training.time * size);
  t.record(kernel_change, training.kernel_change);
  t.record(kernel_distance, training.kernel_distance);
  t.record(balance_residual, (std::abs(kept.item() - t[lambda]) + distance.item()) / size);
  if (std::isfinite(exact)) {
    t.record(time_exact, exact);
    t.record(time_error, std::abs(training.time / exact - 1));
  }
  record_distances(t, task);
}

void three_layers(Trial& t) {
  const auto tasks = t.generator(), generator = t.generator(1);
  const auto task = random_task(t[n_h], t[n_h], samples, *tasks);
  auto start = deep_scale * randn({t[n_h], t[n_h]}, *generator);
  // A target of the other orientation would lead through a saddle.
  if ((linalg::slogdet(start).sign * linalg::slogdet(task.Sigma).sign).item() < 0)
    start = start * tensor({-1.0, 1.0, 1.0});
  for (const double second : second_lambdas) {
    const auto training = train(ThreeLayer(deep_balanced(start, t[lambda], second, *generator)), task);
    if (!training.done) continue;
    t.record(deep_time, second, training.time);
    t.record(deep_distance, second, training.kernel_distance);
  }
  if (t[lambda] == 0) t.record(reference_deviation, deviation_from_scalar_equation(task, *generator));
}

void trial(Trial& t) { t[depth] == 2 ? two_layers(t) : three_layers(t); }

// Weights that exist, and three square layers of the smallest width.
bool valid(const Params& p) {
  if (p[depth] == 3) return p[n_h] == n_i && std::abs(p[lambda]) <= 100;
  return p[lambda] == 0 || p[n_h] <= (p[lambda] > 0 ? n_o : n_i);
}

double rounded(double value) { return std::round(1000 * value) / 1000; }

// A row for each group, a column for each point of a curve. A cell stays empty where no trial came to an end.
Panel cells(const Groups& groups, const Curve& curve, std::span<const double> columns, Panel panel,
            double (*cell)(double)) {
  panel.x_label = curve.over;
  panel.matrix.columns = static_cast<std::int64_t>(columns.size());
  for (const double column : columns) panel.matrix.column_names.push_back(fmt::format("{:g}", column));
  for (const Group* group : groups) {
    const auto row = fmt::format("{:g}", (*group)[lambda]);
    panel.matrix.row_names.push_back((*group)[depth] == 2 ? fmt::format("{}, {}", (*group)[n_h], row) : row);
    for (const double column : columns) {
      const auto point = curve.at(column);
      panel.matrix.values.push_back(group->has(point) ? cell(group->median(point)) : std::nan(""));
    }
  }
  return panel;
}

// Powers of ten and zero, side by side.
Plot by_lambda(const Quantity& quantity) { return plot(lambda, quantity).at(depth == 2).by(n_h).categories().log_y(); }

Panel rich_and_lazy(const Results& r) {
  return cells(r.where(depth == 2), distance_by_scale, scales, {.title = "Kernel distance", .y_label = "n_h, \u03bb"},
               rounded);
}
std::vector<Panel> deep(const Results& r) {
  const auto groups = r.where(depth == 3);
  return {cells(groups, deep_time, second_lambdas, {.title = "log10 time / \u03c4", .y_label = "\u03bb1"},
                [](double time) { return std::log10(time); }),
          cells(groups, deep_distance, second_lambdas, {.title = "Kernel distance", .y_label = "\u03bb1"}, rounded)};
}

// Claims start from two layers.

const Selection full_width = n_h == 5, narrow = n_h == 3;
const Selection strong_output = full_width && lambda == 1000, strong_input = narrow && lambda == -1000;

Condition keeps_kernel(double limit) {
  return median(kernel_change).at(strong_output) < limit && median(kernel_change).at(strong_input) < limit;
}

// Three layers of which the first two are balanced with one lambda, the last two with another.
Statistic of_three(const Curve& curve, double first, double second) {
  return median(curve.at(second)).at(depth == 3 && lambda == first);
}
const Statistic two_strong = of_three(deep_distance, 100, 0), one_strong = of_three(deep_distance, 0, 100);

Condition faster(const Selection& width) {
  return decreases(median(time_learned).at(width && among(lambda, {10, 1000})), lambda);
}

const std::string limit = "paper 004, theorems 4.1.3 and 4.2.3";

const Register dimensions{
    {.id = "balanced/dimensions",
     .title = "Widths and depth where large \u03bb is lazy and fast, and where it is not",
     .question = "Does a large \u03bb make linear networks of any shape lazy and fast?",
     .observe = "Only if the hidden layer is as large as the strong side. With 3 inputs and 5 outputs the kernel's "
                "change vanishes at n_h = 5; at n_h = 3 it stays of order one for \u03bb > 0, and the time to learn "
                "grows with \u03bb. Three layers are lazy where two of them are strong.",
     .source = "paper 004, theorems 3.4.1, 4.1.3 and 4.2.3",
     .parameters = {depth, n_h, lambda},
     .printed_at = depth == 2,
     .trials = {.quick = 20, .paper = 100},
     .seconds = {.quick = 1, .paper = 5},
     .valid = valid,
     .valid_rule = "three layers have the smallest width and |lambda| <= 100; two layers with lambda other than 0 are "
                   "no wider than what they feed (lambda > 0) or read (lambda < 0)",
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
                     .panel(rich_and_lazy),
                 figure("deep",
                        "Three square layers whose neighbours are balanced with \u03bb1 (W1, W2) and \u03bb2 "
                        "(W2, W3): log10 of the time until 1% of the initial distance is left, and kernel "
                        "distance between start and end, to three decimals. Gradient flow, medians.")
                     .panels(deep)},
     .claims = {
         {.claim = "For large |\u03bb| the kernel is constant where the hidden layer is as large as the strong side",
          .source = limit,
          .says = "constant in the limit",
          .holds = keeps_kernel(1e-3),
          .in_shape = keeps_kernel(0.05),
          .why = Why("Time times |\u03bb| is {:.2f} and {:.2f}.",
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
         {.claim = "n_o > n_i implies \u03bb > 0",
          .source = "paper 004, theorem 3.4.1",
          .says = "\u03bb > 0",
          .holds = !(largest(balance_residual).at(narrow && lambda == -10) < 1e-12),
          .why = "Such weights exist at (n_i, n_h, n_o) = (3, 3, 5): \u03bb < 0 needs n_h <= n_i and nothing else."},
         {.claim = "The exact solution holds for unequal sizes",
          .source = "paper 004, section 3.4",
          .says = "for n_h = min(n_i, n_o)",
          .holds = median(time_error) < 0.01,
          .in_shape = median(time_error) < 0.05,
          .why = "Gradient flow integrated on its own against bisection in the exact solution, for every width and "
                 "\u03bb."},
         {.claim = "One large \u03bb makes a deeper network lazy",
          .source = "beyond the thesis",
          .says = "not treated",
          .holds = two_strong < 0.05 && one_strong < 0.05,
          .in_shape = two_strong < 0.05,
          .why = Why("Three layers are lazy if two of them are strong, as in (100, 0); in (0, 100) only W3 is. With "
                     "(0, 0) the distance is {:.2g}. Times {:.1e}, {:.1e}, {:.1e} \u03c4.",
                     {of_three(deep_distance, 0, 0), of_three(deep_time, 100, 0), of_three(deep_time, 0, 100),
                      of_three(deep_time, 0, 0)})},
         {.claim = "Aligned layers of any number follow one scalar equation a mode",
          .source = "paper 004, section 2.2.4",
          .says = "arbitrary depth",
          .holds = largest(reference_deviation).at(depth == 3 && lambda == 0) < 1e-5,
          .in_shape = largest(reference_deviation).at(depth == 3 && lambda == 0) < 1e-2,
          .why = "Gradient flow of the whole network against quadrature of the scalar equation."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
