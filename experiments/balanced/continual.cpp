// SPDX-License-Identifier: BSD-3-Clause
// Does the exact solution hold through one task after another, and does it say when to stop?
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr double thesis_lr = 0.01;
constexpr int marks_a_task = 40;
constexpr std::size_t drawn_tasks = 4;

const Real lambda{
    .name = "lambda", .help = "W2'W2 - W1W1' = lambda I at the start", .label = "\u03bb", .quick = {1.0, 5.0}};
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

const Quantity product_deviation{
    .name = "product_deviation", .label = "deviation of the product", .unit = "of the largest"};
const Quantity loss_deviation{.name = "loss_deviation", .label = "relative deviation of the losses"};
const Quantity rate_deviation{.name = "rate_deviation", .label = "deviation of the rate", .unit = "of the largest"};
const Quantity printed_rate_deviation{
    .name = "printed_rate_deviation", .label = "deviation of equation 4.36", .unit = "of the largest rate"};
const Quantity largest_rate{.name = "largest_rate"};
const Quantity balance_drift{.name = "balance_drift", .label = "relative change of \u03bb"};

CurvePair loss_of(std::size_t task) { return curve_pair(fmt::format("loss_{}", task), fmt::format("task {}", task)); }
CurvePair rate_of(std::size_t task) { return curve_pair(fmt::format("rate_{}", task), fmt::format("task {}", task)); }
Quantity stopping_time(std::size_t task) { return {.name = fmt::format("stopping_time_{}", task)}; }
Quantity stopped_loss_ratio(std::size_t task) { return {.name = fmt::format("stopped_loss_ratio_{}", task)}; }

std::int64_t steps_of(const Params& p) { return std::llround(static_cast<double>(p[steps]) * thesis_lr / p[lr]); }

// What the exact solution says of one task's training, for a batch: [B, T, ...] at the marks.
struct Exact {
  Tensor product = {};
  std::vector<Tensor> loss = {}, rate = {}, printed_rate = {};  // of every task: [B, T]
  theory::TwoLayerWeights end = {};
};

// Equation 4.36 as it stands, where the parentheses close before the target: tr(w' W') - tr(Sigma').
Tensor printed_rate(const Tensor& qqt, const Tensor& trained, const Tensor& Sigma) {
  return theory::forgetting_rate(qqt, trained, zeros_like(Sigma)) - trace(Sigma);
}

Exact solve(const theory::TwoLayerWeights& start, const std::vector<Task>& all, std::size_t trained,
            const std::vector<double>& times) {
  const theory::BalancedDynamics flow(start.W1, start.W2, all[trained].Sigma);
  Exact exact{.product = flow.product(times)};
  const auto qqt = flow.qqt(times), Sigma = all[trained].Sigma.unsqueeze(1);
  for (const Task& task : all) {
    const auto own = task.Sigma.unsqueeze(1);
    exact.loss.push_back(theory::task_loss(exact.product, own) + task.irreducible_loss().unsqueeze(-1));
    exact.rate.push_back(theory::forgetting_rate(qqt, Sigma, own));
    exact.printed_rate.push_back(printed_rate(qqt, Sigma, own));
  }
  const auto last = static_cast<std::int64_t>(times.size()) - 1;
  const auto end = flow.weights(times);
  exact.end = {end.W1.select(1, last), end.W2.select(1, last)};
  return exact;
}

// Networks that learn one task after the other, and the exact solution, which starts a task where its own weights
// ended the last one.
class Learners {
 public:
  Learners(std::span<Trial> trials, const TaskSequence& sequence)
      : trials_(trials), tasks_(sequence.tasks), lr_(trials.front()[lr]), start_(sequence.weights), model_(start_) {
    for (Trial& t : trials) comparisons_.emplace_back(t);
  }

  void train(std::size_t trained) {
    auto marks = geometric_steps(1, steps_of(trials_.front().params()), marks_a_task);
    marks.insert(marks.begin(), 0);
    std::vector<double> times;
    for (const auto mark : marks) times.push_back(static_cast<double>(mark) * lr_);
    const auto exact = solve(start_, tasks_, trained, times);
    Descent descent(model_, tasks_[trained], lr_);
    std::int64_t step = 0;
    for (std::size_t m = 0; m < marks.size(); ++m) {
      descent.run(marks[m] - step);
      const auto before = model_.product();
      descent.run(1);
      step = marks[m] + 1;
      look_at_product(m, exact, before);
      // The first point of a task is the last one of the task before.
      const bool draws = trials_.front().index() == 0 && (m > 0 || trained == 0);
      for (std::size_t i = 0; i < tasks_.size(); ++i)
        look_at_task(i, m, exact, before, model_.product(), draws ? elapsed_ + times[m] : -1);
    }
    record_stopping(exact, trained, times);
    elapsed_ += times.back();
    start_ = exact.end;
  }

  void record() {
    const auto end = model_.weights();
    const auto balance = theory::balancedness(end.W1, end.W2).lambda;
    for (std::size_t b = 0; b < trials_.size(); ++b) {
      auto& comparison = comparisons_[b];
      comparison.record(product_deviation);
      comparison.record(loss_deviation);
      comparison.record(rate_deviation, comparison.largest(largest_rate));
      comparison.record(printed_rate_deviation, comparison.largest(largest_rate));
      const double at_start = trials_[b][lambda];
      trials_[b].record(balance_drift,
                        std::abs(balance.data<double>()[b] - at_start) / std::max(std::abs(at_start), 1.0));
    }
  }

 private:
  void look_at_product(std::size_t m, const Exact& exact, const Tensor& product) {
    const auto largest = max(linalg::norm(exact.product), -1);
    const auto gap = linalg::norm(product - exact.product.select(1, static_cast<std::int64_t>(m))) / largest;
    for (std::size_t b = 0; b < trials_.size(); ++b) comparisons_[b].see(product_deviation, gap.data<double>()[b]);
  }

  // `before` and `after` are the products at mark m and one step later; curves are drawn of the first trial, at times
  // that are not negative.
  void look_at_task(std::size_t i, std::size_t m, const Exact& exact, const Tensor& before, const Tensor& after,
                    double time) {
    const auto constant = tasks_[i].irreducible_loss();
    const auto loss = theory::task_loss(before, tasks_[i].Sigma) + constant;
    const auto next = theory::task_loss(after, tasks_[i].Sigma) + constant;
    for (std::size_t b = 0; b < trials_.size(); ++b) {
      const auto of = [&](const std::vector<Tensor>& values) {
        return values[i].data<double>()[b * values[i].size(1) + m];
      };
      const double measured = loss.data<double>()[b], rate = (next.data<double>()[b] - measured) / lr_;
      auto& comparison = comparisons_[b];
      comparison.see(loss_deviation, std::abs(of(exact.loss) / measured - 1.0));
      comparison.see(rate_deviation, std::abs(rate - of(exact.rate)));
      comparison.see(printed_rate_deviation, std::abs(of(exact.printed_rate) - of(exact.rate)));
      comparison.see(largest_rate, std::abs(of(exact.rate)));
      if (b > 0 || time < 0) continue;
      comparison.draw(loss_of(i + 1), time, measured, of(exact.loss));
      comparison.draw(rate_of(i + 1), time, rate, of(exact.rate));
    }
  }

  // The time in task `trained` at which the exact mean loss of the tasks met so far is least, and that loss against
  // the end's.
  void record_stopping(const Exact& exact, std::size_t trained, const std::vector<double>& times) {
    for (std::size_t b = 0; trained > 0 && b < trials_.size(); ++b) {
      std::vector<double> mean(times.size());
      for (std::size_t i = 0; i <= trained; ++i)
        for (std::size_t m = 0; m < times.size(); ++m)
          mean[m] += exact.loss[i].data<double>()[b * times.size() + m] / static_cast<double>(trained + 1);
      const auto least = std::ranges::min_element(mean);
      trials_[b].record(stopping_time(trained + 1), times[static_cast<std::size_t>(least - mean.begin())]);
      trials_[b].record(stopped_loss_ratio(trained + 1), *least / mean.back());
    }
  }

  std::span<Trial> trials_;
  const std::vector<Task>& tasks_;
  double lr_;
  theory::TwoLayerWeights start_;  // the exact solution's
  TwoLayer model_;
  double elapsed_ = 0;
  std::vector<Comparison> comparisons_;
};

void batch(std::span<Trial> trials) {
  const Trial& t = trials.front();
  const auto sequence = random_sequence(
      trials, {.tasks = t[tasks], .n = t[n], .samples = 5 * t[n], .lambda = t[lambda], .sigma = t[scale]});
  Learners learners(trials, sequence);
  for (std::size_t k = 0; k < sequence.tasks.size(); ++k) learners.train(k);
  learners.record();
}

const Selection example = lambda == 1 && lr == thesis_lr;

Plot losses() {
  std::vector<Curve> measured;
  for (std::size_t i = 1; i <= drawn_tasks; ++i) measured.push_back(loss_of(i).measured);
  auto drawn = plot(measured).at(example).y_label("loss").log_y();
  for (std::size_t i = 1; i <= drawn_tasks; ++i) drawn = drawn.theory("exact solution", loss_of(i).exact);
  return drawn;
}

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
      .at(lr == thesis_lr)
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

// A reason that goes on with the smaller steps that were run.
Why and_at_smaller_steps(const std::string& text, const Quantity& quantity, double value) {
  return [=](const Results& r) { return text + at_smaller_steps(r, lr, quantity, lambda == value) + "."; };
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
     .seconds = {.quick = 2, .paper = 20},
     .batch = batch,
     .figures = {figure("",
                        "One network learns random tasks in turn. Loss of each task and its rate, measured in one "
                        "trial and from the exact solution; where in the training on a task the mean loss of all "
                        "tasks met so far is least.")
                     .panel("Loss of each task, \u03bb = 1", losses())
                     .panel(forgetting)
                     .panel("Distance from the exact solution", plot(lr, {product_deviation, rate_deviation})
                                                                    .by(lambda)
                                                                    .log_log()
                                                                    .y_label("largest relative deviation"))
                     .panel("Best time to stop", best_stops())},
     .claims = {
         {.claim = "The analytical solutions hold for the whole learning process",
          .source = source + ", figure 4.6",
          .says = "curves coincide",
          .holds = median(product_deviation).at(lambda == 1) < 0.05 && median(loss_deviation).at(lambda == 1) < 0.1,
          .why = and_at_smaller_steps("Largest deviations over all tasks and times; they come from the first steps "
                                      "and are of the order of the step",
                                      loss_deviation, 1)},
         {.claim = "Trained weights are \u03bb-balanced again",
          .source = source,
          .says = "remain balanced",
          .holds = median(balance_drift).at(lambda == 1) < 1e-6,
          .in_shape = median(balance_drift).at(lambda == 1) < 0.1,
          .why = and_at_smaller_steps("Gradient flow keeps it, gradient descent to the order of the step",
                                      balance_drift, 1)},
         {.claim = "Analytical and empirical rate of loss match exactly for \u03bb = 5",
          .source = source + ", figure 4.7",
          .says = "exactly",
          .holds = median(rate_deviation).at(lambda == 5) < 1e-3,
          .in_shape = median(rate_deviation).at(lambda == 5) < 0.3,
          .why = and_at_smaller_steps("A rate measured over a step differs from the flow's by the order of the step; "
                                      "\"exactly\" is its limit",
                                      rate_deviation, 5)},
         {.claim = "Equation 4.36 is the rate of loss",
          .source = source + ", theorem 4.4.1",
          .says = "equation 4.36",
          .holds = median(printed_rate_deviation).at(lambda == 5) < 1e-6,
          .why = "Its parentheses close before the target; the proof's last line, 4.42, is the rate that is measured."},
         {.claim = "The minimum of the exact forgetting gives a time to stop",
          .source = source,
          .says = "optimal stopping strategies",
          .holds = stopped < 0.95,
          .in_shape = stopped < 1.0,
          .why = stopping_times}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
