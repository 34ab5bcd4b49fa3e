// SPDX-License-Identifier: BSD-3-Clause
// Does the exact solution hold through one task after another, and does it say when to stop?
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/balanced/learners.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr double thesis_lr = 0.01;
constexpr std::size_t drawn_tasks = 4;

const Real lambda{.name = "lambda",
                  .help = "W2'W2 - W1W1' = lambda I at the start",
                  .label = "\u03bb",
                  .quick = {1.0, 5.0},
                  .paper = {0.5, 1.0, 2.0, 5.0, 10.0}};
const Real lr{.name = "lr",
              .help = "step of full-batch gradient descent",
              .label = "learning rate",
              .quick = {thesis_lr},
              .paper = {thesis_lr, 0.001},
              .minimum = 1e-6};
const Real scale{.name = "scale",
                 .help = "standard deviation of the Gaussian weights whose product is made balanced",
                 .quick = {1.0},
                 .minimum = 1e-6};
const Int n{.name = "n", .help = "size of every layer", .quick = {5}, .minimum = 1, .maximum = 50};
const Int tasks{.name = "tasks", .help = "number of random tasks", .quick = {4}, .minimum = 1, .maximum = 20};
const Int steps{.name = "steps",
                .help = "of each task at lr 0.01; as many more as the step is smaller",
                .quick = {6000},
                .minimum = 10};

std::int64_t steps_of(const Params& p) { return std::llround(static_cast<double>(p[steps]) * thesis_lr / p[lr]); }

void batch(std::span<Trial> trials) {
  const Trial& t = trials.front();
  const auto sequence = random_sequence(
      trials, {.tasks = t[tasks], .n = t[n], .samples = 5 * t[n], .lambda = t[lambda], .sigma = t[scale]});
  Learners learners(trials, sequence, t[lr]);
  for (std::size_t k = 0; k < sequence.tasks.size(); ++k) learners.train(k, steps_of(t.params()));
  learners.record(t[lambda]);
}

// Smaller steps show what is the step's own, for which the thesis' values of lambda do.
bool valid(const Params& p) { return p[lr] >= thesis_lr || p[lambda] == 1 || p[lambda] == 5; }

const Selection example = lambda == 1 && lr == thesis_lr, of_thesis = among(lambda, {1, 5});

// Against the time since the switch; the first task's own start would dwarf everything.
Series during_second_task(const Group& group, const Curve& rate, const std::string& label, Role role) {
  Series series{.label = label, .role = role};
  const double begin = static_cast<double>(steps_of(group.params())) * group[lr];
  for (const auto& [at, s] : group.curve(rate))
    if (at > begin && at <= 2.0 * begin) series.x.push_back(at - begin), series.y.push_back(s.median);
  return series;
}

Panel forgetting(const Results& r) {
  const Group& group = *r.where(example).front();
  const auto measured =
      during_second_task(group, rate_of(1).measured, "gradient descent, forward difference", Role::Measured);
  const auto exact = during_second_task(group, rate_of(1).exact, "exact solution", Role::Theory);
  return {.title = "Rate of loss of task 1 while task 2 is learned",
          .x_label = "time since the switch / \u03c4",
          .y_label = "dL / dt",
          .log_x = true,
          .series = {measured, exact}};
}

Plot best_stops() {
  std::vector<Quantity> ratios;
  for (std::size_t k = 2; k <= drawn_tasks; ++k)
    ratios.push_back({.name = stopped_loss_ratio(k).name, .label = std::to_string(k)});
  return components(ratios)
      .points()
      .at(lr == thesis_lr && of_thesis)
      .by(lambda)
      .x_label("task")
      .y_label("mean loss there / at the end");
}

const Statistic stopped =
    of_trials("largest median over the tasks of the mean loss at the best time / at the end", [](const Sample& trials) {
      if (!trials.has(stopped_loss_ratio(2))) throw NotRun("two tasks or more");
      double largest = 0;
      for (std::size_t k = 2; trials.has(stopped_loss_ratio(k)); ++k)
        largest = std::max(largest, trials.median(stopped_loss_ratio(k)));
      return largest;
    }).at(lambda == 1);

std::string stopping_times(const Results& r) {
  std::vector<double> times;
  const Group& group = *r.where(example).front();
  for (std::size_t k = 2; group.has(stopping_time(k)); ++k) times.push_back(group.median(stopping_time(k)));
  return fmt::format(
      "Mean of the losses of all tasks met so far, in the training on the second task and later ones: "
      "it is least at {:.2f} \u03c4.",
      fmt::join(times, ", "));
}

const std::string source = "paper 004, section 4.4";

const Register continual{
    {.id = "balanced/continual",
     .title = "One task after another",
     .question = "Does the exact solution hold through one task after another, and does it say when to stop?",
     .observe = "It does, to the order of the step (2e-2 of the target at lr 0.01), and so do all tasks' losses and "
                "their rates. The mean loss of the tasks met so far is least early in each training.",
     .source = source + ", figures 4.6 and 4.7",
     .parameters = {lambda, lr, scale, n, tasks, steps},
     .printed_at = lr == thesis_lr,
     .trials = {.quick = 4, .paper = 20},
     .seconds = {.quick = 1, .paper = 5},
     .valid = valid,
     .valid_rule = "smaller steps than 0.01 are for lambda 1 and 5",
     .batch = batch,
     .figures =
         {figure("",
                 "One network learns random tasks in turn. Loss of each task and its rate, measured in one "
                 "trial and from the exact solution; where in the training on a task the mean loss of all "
                 "tasks met so far is least.")
              .panel("Loss of each task, \u03bb = 1",
                     beside_exact({loss_of(1), loss_of(2), loss_of(3), loss_of(4)}).at(example).y_label("loss").log_y())
              .panel(forgetting)
              .panel("Distance from the exact solution", plot(lr, {product_deviation, rate_deviation})
                                                             .at(of_thesis)
                                                             .by(lambda)
                                                             .log_log()
                                                             .y_label("largest relative deviation"))
              .panel("Best time to stop", best_stops()),
          figure("lambda",
                 "What \u03bb does to forgetting: largest rate at which the loss of earlier tasks changes, and by how "
                 "much it has grown when the next task is learned, mean over tasks. Medians with quartiles.")
              .panel("Largest rate of loss", plot(lambda, peak_rate).at(lr == thesis_lr).log_log())
              .panel("Forgetting at convergence", plot(lambda, forgotten).at(lr == thesis_lr).log_x())},
     .claims = {
         {.claim = "The analytical solutions hold for the whole learning process",
          .source = source + ", figure 4.6",
          .says = "curves coincide",
          .holds = median(product_deviation).at(lambda == 1) < 0.05 && median(losses_deviation).at(lambda == 1) < 0.1,
          .why = and_at_smaller_steps("Largest deviations over all tasks and times; they come from the first steps "
                                      "and are of the order of the step",
                                      lr, losses_deviation, lambda == 1)},
         {.claim = "Trained weights are \u03bb-balanced again",
          .source = source,
          .says = "remain balanced",
          .holds = median(balance_drift).at(lambda == 1) < 1e-6,
          .in_shape = median(balance_drift).at(lambda == 1) < 0.1,
          .why = and_at_smaller_steps("Gradient flow keeps it, gradient descent to the order of the step", lr,
                                      balance_drift, lambda == 1)},
         {.claim = "Analytical and empirical rate of loss match exactly for \u03bb = 5",
          .source = source + ", figure 4.7",
          .says = "exactly",
          .holds = median(rate_deviation).at(lambda == 5) < 1e-3,
          .in_shape = median(rate_deviation).at(lambda == 5) < 0.3,
          .why = and_at_smaller_steps("A rate measured over a step differs from the flow's by the order of the step; "
                                      "\"exactly\" is its limit",
                                      lr, rate_deviation, lambda == 5)},
         {.claim = "Equation 4.36 is the rate of loss",
          .source = source + ", theorem 4.4.1",
          .says = "equation 4.36",
          .holds = median(printed_rate_deviation).at(lambda == 5) < 1e-6,
          .why = "Its parentheses close before the target; the proof's last line, 4.42, is the rate that is measured."},
         {.claim = "Forgetting at convergence is dictated by the similarity of the tasks alone",
          .source = "paper 004, section 2.3.4",
          .says = "entirely dictated",
          .holds = median(forgetting_deviation) < 1e-6,
          .in_shape = median(forgetting_deviation) < 1e-2,
          .why = "Growth of every earlier task's loss by the training on the next one against the targets alone, of "
                 "every \u03bb. The limit is ours: training ends after 60 \u03c4, where nothing is left of e^(-60)."},
         {.claim = "The rate of loss converges to 0",
          .source = source + ", figure 4.7",
          .says = "converges at 0",
          .holds = median(end_rate) < 1e-6,
          .in_shape = median(end_rate) < 1e-2,
          .why = "At the end of each task, of the loss of the tasks before it; the limit is ours."},
         {.claim = "The start, by its \u03bb, influences the rate of forgetting",
          .source = source,
          .says = "rate of forgetting",
          .holds = increases(median(peak_rate), lambda),
          .why = "The largest rate grows as the rate of learning does."},
         {.claim = "The start, by its \u03bb, can diminish forgetting",
          .source = source,
          .says = "diminish forgetting",
          .holds = spread(median(forgotten), lambda) > 1.05,
          .why = "Not where each task is learned to its end: the loss of the earlier ones is then a function of the "
                 "targets. 5% is our limit for a difference."},
         {.claim = "The minimum of the exact forgetting gives a time to stop",
          .source = source,
          .says = "optimal stopping strategies",
          .holds = stopped < 0.95,
          .in_shape = stopped < 1.0,
          .why = stopping_times}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
