// SPDX-License-Identifier: BSD-3-Clause
// What do layers beyond two change, if each pair of neighbours has a lambda of its own?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/deep_network.hpp>
#include <sigmagrad/experiments/balanced/time_to_learn.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr std::int64_t n = 3, samples = 16;
constexpr double scale = 0.1;
constexpr double far = 1e-3;  // of the initial distance: where a pair's own end counts as reached

const std::vector<double> lambdas = {-100.0, -10.0, 0.0, 10.0, 100.0};
const Text study{.name = "study",
                 .help = "aligned zero-balanced layers, or three layers whose pairs have lambdas of their own",
                 .quick = {"aligned", "pairs"}};
const Int depth{.name = "depth", .help = "layers, all square", .quick = {3, 4, 5}, .paper = {3, 4, 5, 6}, .minimum = 2};
const Real lambda_1{
    .name = "lambda_1", .help = "of W1 and W2: W2'W2 - W1W1' = lambda_1 I", .label = "\u03bb1", .quick = lambdas};
const Real lambda_2{.name = "lambda_2", .help = "of W2 and W3", .label = "\u03bb2", .quick = lambdas};

const Quantity time_learned{.name = "time", .label = "time to learn", .unit = "\u03c4"};
const Quantity kernel_distance{.name = "kernel_distance", .label = "kernel distance"};
const Quantity drift{.name = "drift", .label = "change of a \u03bb relative to the weights"};
const Quantity mode_deviation{.name = "mode_deviation", .label = "deviation from the scalar equation / s1"};
const Quantity between_modes{.name = "between_modes", .label = "entry between modes / s1"};
// The pair W2W1 beside the pair W3W2.
const Quantity half_ratio{.name = "half_ratio", .label = "time to half of its way, W2W1 over W3W2"};
const Quantity rate_ratio{.name = "rate_ratio", .label = "late rate, W2W1 over W3W2"};

Task task_of(const Trial& t) {
  const auto generator = t.generator();
  return random_task(n, n, samples, *generator);
}

void aligned(Trial& t) {
  const auto generator = t.generator(1);
  const auto worst = deviation_from_scalar_equation(task_of(t), static_cast<int>(t[depth]), *generator);
  t.record(mode_deviation, worst.mode);
  t.record(between_modes, worst.between);
}

// A small product of the target's orientation: from the other one the way leads through a saddle.
Tensor start_of(const Task& task, Generator& generator) {
  const auto start = scale * randn({n, n}, generator);
  const bool same = (linalg::slogdet(start).sign * linalg::slogdet(task.Sigma).sign).item() > 0;
  return same ? start : start * tensor({-1.0, 1.0, 1.0});
}

void pairs(Trial& t) {
  const auto task = task_of(t);
  const auto generator = t.generator(1);
  const DeepLinear model(
      theory::deep_balanced_factors(start_of(task, *generator), {n, n}, {t[lambda_1], t[lambda_2]}, *generator));
  std::vector<double> times{0.0};
  auto now = model.pairs();
  std::vector<Tensor> lower{now[0]}, upper{now[1]};
  const auto look = [&](double time) {
    now = model.pairs();
    times.push_back(time), lower.push_back(now[0]), upper.push_back(now[1]);
  };
  const auto training = train(model, task, {.until = far, .look = look});
  if (!training.done) return;
  t.record(time_learned, training.time);
  t.record(kernel_distance, training.kernel_distance);
  const auto [kept, distance] = model.balance();
  const double size = 1.0 + std::abs(t[lambda_1]) + std::abs(t[lambda_2]);
  t.record(drift, std::max({distance, std::abs(kept[0] - t[lambda_1]), std::abs(kept[1] - t[lambda_2])}) / size);
  const auto one = approach(times, lower), other = approach(times, upper);
  if (std::isfinite(one.half_time + other.half_time)) t.record(half_ratio, one.half_time / other.half_time);
  if (std::isfinite(one.late_rate + other.late_rate)) t.record(rate_ratio, one.late_rate / other.late_rate);
}

void trial(Trial& t) { t[study] == "aligned" ? aligned(t) : pairs(t); }

bool valid(const Params& p) { return p[study] == "aligned" ? p[lambda_1] == 0 && p[lambda_2] == 0 : p[depth] == 3; }

PanelFunction by_pair(const std::string& title, const Quantity& quantity, double (*number)(double)) {
  return table({.title = title, .x_label = "\u03bb2 of W2, W3", .y_label = "\u03bb1 of W1, W2"}, lambda_2, lambda_1,
               quantity, number);
}

// Claims start from the three layers whose pairs differ.

Selection at(double first, double second) { return lambda_1 == first && lambda_2 == second; }
const Statistic change = median(kernel_distance);
const Selection of_aligned = study == "aligned" && lambda_1 == 0 && lambda_2 == 0 && any(depth);

const Register deep{
    {.id = "balanced/deep",
     .title = "Balanced networks of more than two layers",
     .question = "What do layers beyond two change, if each pair of neighbours has a \u03bb of its own?",
     .observe = "Aligned zero-balanced networks of any depth follow one scalar equation a mode. Three layers are lazy "
                "where two of them are strong, as in \u03bb = (100, 0). Both pairs of layers end at one rate, that of "
                "the slowest mode of the whole network.",
     .source = "paper 004, sections 2.2.4, 6.1 and 6.2",
     .parameters = {study, depth, lambda_1, lambda_2},
     .printed_at = study == "pairs" && depth == 3,
     .trials = {.quick = 10, .paper = 50},
     .seconds = {.quick = 1, .paper = 1},
     .valid = valid,
     .valid_rule = "aligned layers have lambda = 0; the pairs are those of three layers",
     .trial = trial,
     .figures = {figure("",
                        "Three square layers whose neighbours are balanced with \u03bb1 (W1, W2) and \u03bb2 (W2, W3): "
                        "log10 of the time of gradient flow until 1% of the initial distance is left, and kernel "
                        "distance between "
                        "start and end, 1 - cos(K(0), K(t)): 0 is lazy. Medians.")
                     .at(study == "pairs")
                     .panels(by_pair("log10 time / \u03c4", time_learned,
                                     [](double time) { return rounded<1>(std::log10(time)); }))
                     .panels(by_pair("Kernel distance", kernel_distance, rounded<3>)),
                 figure("pairs",
                        "How the lower pair W2W1 comes to its end beside the upper one, W3W2: time to half of its way, "
                        "and rate from a tenth to a hundredth of it, as ratios. Medians.")
                     .at(study == "pairs")
                     .panels(by_pair("Time to half of its way", half_ratio, rounded<2>))
                     .panels(by_pair("Late rate", rate_ratio, rounded<2>)),
                 figure("depth", "Aligned zero-balanced layers against the scalar equation of their depth.")
                     .at(study == "aligned")
                     .panel("Deviation over time", plot(depth, {mode_deviation, between_modes}).log_y())},
     .claims = {
         {.claim = "Aligned layers of any number follow one scalar equation a mode",
          .source = "paper 004, section 2.2.4",
          .says = "arbitrary depth",
          .holds = largest(mode_deviation).at(of_aligned) < 1e-5,
          .in_shape = largest(mode_deviation).at(of_aligned) < 1e-2,
          .why = "Gradient flow of the whole network, to a relative 1e-9 a step, against quadrature of the scalar "
                 "equation."},
         {.claim = "Aligned networks of any depth remain aligned, and their modes are independent",
          .source = "paper 004, section 2.2.4",
          .says = "any depth",
          .holds = largest(between_modes).at(of_aligned) < 1e-5,
          .why = "No gradient has an entry between the target's singular vectors; what is left is the flow's own "
                 "error."},
         {.claim = "Each pair keeps its \u03bb",
          .source = "paper 004, theorem 2.2.1, for more layers",
          .says = "for all t",
          .holds = median(drift) < 1e-5,
          .in_shape = median(drift) < 1e-2,
          .why = "The thesis states it for two layers. The flow is integrated to a relative 1e-7 a step; the limit is "
                 "ours, a hundred times that."},
         {.claim = "One large \u03bb makes a deeper network lazy",
          .source = "beyond the thesis",
          .says = "not treated",
          .holds = change.at(at(100, 0)) < 0.05 && change.at(at(0, 100)) < 0.05,
          .in_shape = change.at(at(100, 0)) < 0.05,
          .why = Why("Three layers are lazy if two of them are strong, as in (100, 0); in (0, 100) only W3 is. With "
                     "(0, 0) the distance is {:.2g}. Times {:.1e}, {:.1e}, {:.1e} \u03c4.",
                     {change.at(at(0, 0)), median(time_learned).at(at(100, 0)), median(time_learned).at(at(0, 100)),
                      median(time_learned).at(at(0, 0))})},
         {.claim = "Different \u03bb give each pair of weights a rate of convergence of its own",
          .source = "paper 004, section 6.2",
          .says = "could then be measured",
          .holds = any_of({median(rate_ratio).at(at(100, 0)) > 1.1, median(rate_ratio).at(at(100, 0)) < 0.9}),
          .in_shape = any_of({median(half_ratio).at(at(100, 0)) > 1.1, median(half_ratio).at(at(100, 0)) < 0.9}),
          .why = "In the end all layers follow the slowest mode of the whole network, so that no pair has a rate of "
                 "its own; how soon a pair has gone half of its way may differ. A tenth is our threshold for a "
                 "difference."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
