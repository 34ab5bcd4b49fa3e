// SPDX-License-Identifier: BSD-3-Clause
// Does the condition number explain why a learning rate needs a warm-up?
#include <cmath>
#include <limits>

#include <sigmagrad/experiments/spectral/deep_network.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>
#include <sigmagrad/optim/schedules.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

const Real target_condition{
    .name = "kappa",
    .help = "condition number of the target, whose singular values are a geometric series from 1",
    .label = "condition number of the target",
    .quick = {1.0, 10.0, 100.0, 1000.0},
    .minimum = 1};
const Int depth{.name = "depth", .help = "layers", .quick = {3}, .minimum = 1};
const Int size{.name = "d", .help = "width of every layer", .quick = {16}, .minimum = 2};
const Real gain{
    .name = "gain", .help = "layers start with entries of variance gain^2 / d", .quick = {1.5}, .minimum = 1e-3};
const Int steps{.name = "steps", .help = "of SGD; a warm-up takes the first quarter", .quick = {200}, .minimum = 8};

const Quantity stable_rate{.name = "stable_rate", .label = "largest stable learning rate"};
const Quantity warm_rate{.name = "warm_rate", .label = "the same with a warm-up"};
const Quantity gain_of_warmup{.name = "gain_of_warmup", .label = "rate with a warm-up / without"};
const Quantity cond_change{.name = "cond_change", .label = "error with a warm-up / without"};

constexpr double first_rate = 1e-3, ratio_of_rates = 1.189207115002721;  // 2^(1/4)
constexpr int most_rates = 64;

Tensor orthogonal(std::int64_t n, Generator& generator) { return linalg::qr(randn({n, n}, generator)).Q; }

// The task of a trial, which every training of it starts anew.
struct Task {
  Tensor target;
  std::vector<Tensor> start;
  std::int64_t updates;

  struct End {
    double loss = 0, cond_error = 0;
    bool stable = false;
  };
  // On the population's loss: all that is drawn is target and start.
  End train_at(double rate, bool warm) const;
};

Task::End Task::train_at(double rate, bool warm) const {
  std::vector<Tensor> layers;
  for (const auto& layer : start) layers.push_back(layer.clone());
  const DeepNetwork student(layers, Activation::Identity);
  optim::SGD optimizer(student.parameters(), {.lr = rate});
  const auto constant = [](std::int64_t, double base) { return base; };
  optim::Schedule schedule(optimizer, warm ? optim::warmup(updates / 4, constant, 0.01) : optim::Rate(constant));
  auto step = capture([&] {
    Tensor product = student.layers().front();
    for (std::size_t l = 1; l < student.layers().size(); ++l) product = matmul(student.layers()[l], product);
    const auto loss = population_loss(product, target);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  const double before = step().item();
  double now = before;
  for (std::int64_t k = 1; k < updates && std::isfinite(now) && now < 1e6 * before; ++k) {
    schedule.step();
    now = step().item();
  }
  End end{.loss = now, .stable = std::isfinite(now) && now < before};
  if (end.stable) end.cond_error = relative_errors(student.product(), target).cond;
  return end;
}

// The largest of a geometric series of rates up to the first that is not stable.
double largest_rate(const Task& task, bool warm) {
  double rate = first_rate;
  for (int k = 0; k < most_rates && task.train_at(rate * ratio_of_rates, warm).stable; ++k) rate *= ratio_of_rates;
  return rate;
}

void trial(Trial& t) {
  const auto generator = t.generator();
  const std::int64_t n = t[size];
  const auto exponents = arange(static_cast<double>(n)) / static_cast<double>(n - 1);
  const auto values = pow(full({n}, 1.0 / t[target_condition]), exponents);
  const auto U = orthogonal(n, *generator), V = orthogonal(n, *generator);
  Task task{.target = matmul(U * values, V.t()), .start = {}, .updates = t[steps]};
  for (std::int64_t l = 0; l < t[depth]; ++l)
    task.start.push_back(t[gain] / std::sqrt(static_cast<double>(n)) * randn({n, n}, *generator));
  const double plain = largest_rate(task, false), warm = largest_rate(task, true);
  t.record(stable_rate, plain);
  t.record(warm_rate, warm);
  t.record(gain_of_warmup, warm / plain);
  const double half = 0.5 * plain;
  t.record(cond_change, task.train_at(half, true).cond_error / (task.train_at(half, false).cond_error + 1e-12));
}

const Selection least = target_condition == 1.0, most = target_condition == 1000.0;

const Register warmup_experiment{
    {.id = "spectral/warmup",
     .title = "Warm-up against the condition number",
     .question = "Does the condition number explain why a learning rate needs a warm-up?",
     .observe =
         "A warm-up allows for larger rates, at every condition number of the target alike: what limits a rate is "
         "the largest curvature, which the large singular values make.",
     .source = "paper 001, section 5.1",
     .parameters = {target_condition, depth, size, gain, steps},
     .trials = {.quick = 10, .paper = 100},
     .seconds = {.quick = 1, .paper = 8},
     .trial = trial,
     .figures = {figure(
                     "",
                     "Deep linear networks from large starts, on targets with singular values from 1 to 1/\u03ba: the "
                     "largest learning rate, in steps of 2^(1/4), at which the loss ends below its start.")
                     .panel("Largest stable rate", plot(target_condition, {stable_rate, warm_rate}).log_log())
                     .panel("What a warm-up allows for", plot(target_condition, gain_of_warmup).log_x())
                     .panel("Condition number error at half of the stable rate",
                            plot(target_condition, cond_change).log_log())},
     .claims = {
         {.claim = "A warm-up allows for larger learning rates",
          .says = "the need of a warm-up",
          .holds = above(median(gain_of_warmup), 1.0),
          .why = "Where the loss is more curved at the start than at the end."},
         {.claim = "The condition number explains that need",
          .says = "potentially explaining",
          .holds = median(gain_of_warmup).at(most) > 1.2 * median(gain_of_warmup).at(least),
          .why = "It would be larger for a target of condition number 1000 than for one of 1; a fifth, a step of "
                 "the rates' series, is the least that could be seen."},
         {.claim = "Badly conditioned targets make training unstable",
          .says = "training instabilities",
          .holds = median(stable_rate).at(most) < 0.8 * median(stable_rate).at(least),
          .why = "If they did, the largest stable rate would be smaller for them, by a step of the series of rates at "
                 "least."},
         {.claim = "A warm-up lowers the condition number's error",
          .source = "control",
          .says = "-",
          .holds = below(median(cond_change).at(target_condition > 1.0), 0.8),
          .why = "At half of the largest stable rate without one, by a fifth at least."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
