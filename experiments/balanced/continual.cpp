// SPDX-License-Identifier: BSD-3-Clause
// Does the exact solution hold through one task after another, and does it say when to stop?
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/balanced/two_layer.hpp>
#include <sigmagrad/experiments/harness/experiment.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr std::int64_t thesis_steps = 6000;  // a task, at lr = 0.01
constexpr double thesis_lr = 0.01;
constexpr int marks_a_task = 40;

std::int64_t steps_of(const Params& p) {
  return std::llround(static_cast<double>(p.integer("steps")) * thesis_lr / p.real("lr"));
}

// What the exact solution says of one task's training, for a batch: [B, T, ...] at the marks.
struct Exact {
  Tensor product = {};
  std::vector<Tensor> loss = {}, rate = {}, printed_rate = {};  // of every task: [B, T]
  theory::TwoLayerWeights end = {};
};

// Equation 4.36 as it stands, where the parentheses close before the target: tr(w' W') - tr(Sigma').
Tensor printed_rate(const Tensor& qqt, const Tensor& trained, const Tensor& Sigma) {
  const auto change = theory::forgetting_rate(qqt, trained, zeros_like(Sigma));
  return change - trace(Sigma);
}

Exact solve(const theory::TwoLayerWeights& start, const std::vector<Task>& tasks, std::size_t trained,
            std::vector<double> times) {
  const theory::BalancedDynamics flow(start.W1, start.W2, tasks[trained].Sigma);
  Exact exact{.product = flow.product(times)};
  const auto qqt = flow.qqt(times), Sigma = tasks[trained].Sigma.unsqueeze(1);
  for (const Task& task : tasks) {
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

// Compares gradient descent with the exact solution, mark by mark.
class Comparison {
 public:
  // Curves are kept of the first trial, where it is asked for.
  Comparison(std::size_t trials, const std::vector<Task>& tasks, double lr, bool draws)
      : tasks_(tasks),
        lr_(lr),
        draws_(draws),
        metrics_(trials),
        product_(trials),
        loss_(trials),
        rate_(trials),
        largest_rate_(trials),
        printed_(trials) {}

  void train(const TwoLayer& model, const theory::TwoLayerWeights& start, std::size_t trained, std::int64_t steps) {
    auto marks = geometric_steps(1, steps, marks_a_task);
    marks.insert(marks.begin(), 0);
    std::vector<double> times;
    for (const auto mark : marks) times.push_back(static_cast<double>(mark) * lr_);
    const auto exact = solve(start, tasks_, trained, times);
    Descent descent(model, tasks_[trained], lr_);
    std::int64_t step = 0;
    for (std::size_t m = 0; m < marks.size(); ++m) {
      descent.run(marks[m] - step);
      const auto before = model.product();
      descent.run(1);
      step = marks[m] + 1;
      at(m, elapsed_ + times[m], exact, trained, before, model.product());
    }
    stopping(exact, trained, times);
    elapsed_ += times.back();
    end_ = exact.end;
  }

  const theory::TwoLayerWeights& end() const { return end_; }

  std::vector<Metrics> metrics(const theory::Balancedness& balance, double lambda) && {
    for (std::size_t b = 0; b < metrics_.size(); ++b) {
      metrics_[b].add("product_deviation", product_[b]).add("loss_deviation", loss_[b]);
      metrics_[b]
          .add("rate_deviation", rate_[b] / largest_rate_[b])
          .add("printed_rate_deviation", printed_[b] / largest_rate_[b]);
      metrics_[b].add("balance_drift",
                      std::abs(balance.lambda.data<double>()[b] - lambda) / std::max(std::abs(lambda), 1.0));
    }
    return std::move(metrics_);
  }

 private:
  // `before` and `after` are the products at mark m and one step later.
  void at(std::size_t m, double time, const Exact& exact, std::size_t trained, const Tensor& before,
          const Tensor& after) {
    const auto mark = static_cast<std::int64_t>(m);
    const auto largest = max(linalg::norm(exact.product), -1);
    const auto deviation = linalg::norm(before - exact.product.select(1, mark)) / largest;
    for (std::size_t b = 0; b < metrics_.size(); ++b) product_[b] = std::max(product_[b], deviation.data<double>()[b]);
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      const auto constant = tasks_[i].irreducible_loss();
      const auto loss = theory::task_loss(before, tasks_[i].Sigma) + constant;
      const auto next = theory::task_loss(after, tasks_[i].Sigma) + constant;
      for (std::size_t b = 0; b < metrics_.size(); ++b) {
        const auto of = [&](const std::vector<Tensor>& values) {
          return values[i].data<double>()[b * values[i].size(1) + m];
        };
        const double measured = loss.data<double>()[b], rate = (next.data<double>()[b] - measured) / lr_;
        loss_[b] = std::max(loss_[b], std::abs(of(exact.loss) / measured - 1.0));
        rate_[b] = std::max(rate_[b], std::abs(rate - of(exact.rate)));
        printed_[b] = std::max(printed_[b], std::abs(of(exact.printed_rate) - of(exact.rate)));
        largest_rate_[b] = std::max(largest_rate_[b], std::abs(of(exact.rate)));
        if (b > 0 || !draws_ || (m == 0 && trained > 0)) continue;  // the last point of the task before
        const auto add = [&](const char* name, double value) {
          metrics_[b].add_at(fmt::format("{}_{}", name, i + 1), time, value);
        };
        add("loss", measured);
        add("exact_loss", of(exact.loss));
        add("rate", rate);
        add("exact_rate", of(exact.rate));
      }
    }
  }

  // The time in task `trained` at which the exact mean loss of the tasks met so far is least, and that loss against
  // the end's.
  void stopping(const Exact& exact, std::size_t trained, const std::vector<double>& times) {
    for (std::size_t b = 0; trained > 0 && b < metrics_.size(); ++b) {
      std::vector<double> mean(times.size());
      for (std::size_t i = 0; i <= trained; ++i)
        for (std::size_t m = 0; m < times.size(); ++m)
          mean[m] += exact.loss[i].data<double>()[b * times.size() + m] / static_cast<double>(trained + 1);
      const auto least = std::ranges::min_element(mean);
      metrics_[b].add(fmt::format("stopping_time_{}", trained + 1),
                      times[static_cast<std::size_t>(least - mean.begin())]);
      metrics_[b].add(fmt::format("stopped_loss_ratio_{}", trained + 1), *least / mean.back());
    }
  }

  const std::vector<Task>& tasks_;
  double lr_;
  bool draws_;
  double elapsed_ = 0;
  std::vector<Metrics> metrics_;
  std::vector<double> product_, loss_, rate_, largest_rate_, printed_;
  theory::TwoLayerWeights end_;
};

std::vector<Metrics> batch(std::span<const Trial> trials) {
  const auto& p = trials.front().params;
  const std::int64_t n = p.integer("n"), count = p.integer("tasks");
  std::vector<std::vector<Start>> starts(
      static_cast<std::size_t>(count));  // the weights of the first are the network's
  for (const Trial& t : trials) {
    const auto data = t.generator(), weights = t.generator(1);
    const auto start = theory::lambda_balanced(p.real("lambda"), {n, n, n}, {.sigma = p.real("scale")}, *weights);
    for (auto& of_task : starts) of_task.push_back({random_task(n, n, 5 * n, *data), start});
  }
  std::vector<Task> tasks;
  for (const auto& of_task : starts) tasks.push_back(stacked(of_task).task);
  auto weights = stacked(starts.front()).weights;
  const TwoLayer model(weights);
  Comparison comparison(trials.size(), tasks, p.real("lr"), trials.front().index == 0);
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    comparison.train(model, weights, k, steps_of(p));
    weights = comparison.end();
  }
  const auto end = model.weights();
  return std::move(comparison).metrics(theory::balancedness(end.W1, end.W2), p.real("lambda"));
}

const Group& example(const Results& r) { return *r.where().front(); }

// Against the time since the switch; the first task's own start would dwarf everything.
Series during_second_task(const Group& group, const Series& all) {
  Series series{.label = all.label};
  const double begin = static_cast<double>(steps_of(group.params())) * group.params().real("lr");
  for (std::size_t i = 0; i < all.x.size(); ++i) {
    if (all.x[i] <= begin || all.x[i] > 2.0 * begin) continue;
    series.x.push_back(all.x[i] - begin);
    series.y.push_back(all.y[i]);
  }
  return series;
}

std::vector<Figure> figures(const Results& r) {
  const Group& group = example(r);
  const auto lambda = to_text(group.params()["lambda"]);
  Panel loss{
      .title = "Loss of each task, \u03bb = " + lambda, .x_label = "time / \u03c4", .y_label = "loss", .log_y = true};
  Panel rate{.title = "Rate of loss of task 1 while task 2 is learned",
             .x_label = "time since the switch / \u03c4",
             .y_label = "dL / dt",
             .log_x = true};
  for (std::int64_t i = 1; i <= group.params().integer("tasks"); ++i) {
    loss.series.push_back(curve(group, fmt::format("loss_{}", i), fmt::format("task {}", i)));
    const auto exact = curve(group, fmt::format("exact_loss_{}", i), "");
    loss.series.push_back(theory(exact.x, exact.y, "exact solution"));
  }
  const auto measured = during_second_task(group, curve(group, "rate_1", "gradient descent, forward difference"));
  const auto exact = during_second_task(group, curve(group, "exact_rate_1", ""));
  rate.series = {measured, theory(exact.x, exact.y, "exact solution")};
  Panel deviation{.title = "Distance from the exact solution",
                  .x_label = "learning rate",
                  .y_label = "largest relative deviation",
                  .log_x = true,
                  .log_y = true};
  Panel stop{.title = "Best time to stop", .x_label = "task", .y_label = "mean loss there / at the end"};
  for (const Value& value : r.values_of("lambda")) {
    const auto groups = r.where({{"lambda", value}});
    const auto name = "\u03bb = " + to_text(value);
    deviation.series.push_back(medians(groups, "lr", "product_deviation", "product, " + name));
    deviation.series.push_back(medians(groups, "lr", "rate_deviation", "rate, " + name));
    Series best{.label = name, .kind = Kind::Points, .role = Role::Median};
    for (std::int64_t k = 2; k <= group.params().integer("tasks"); ++k) {
      const auto s = groups.back()->statistics(fmt::format("stopped_loss_ratio_{}", k));
      best.x.push_back(static_cast<double>(k));
      best.y.push_back(s.median);
      best.low.push_back(s.q25);
      best.high.push_back(s.q75);
    }
    stop.series.push_back(best);
  }
  return {{.name = "balanced-continual",
           .caption = "One network learns random tasks in turn. Loss of each task and its rate, measured in one trial "
                      "and from the "
                      "exact solution; where in the training on a task the mean loss of all tasks met so far is least.",
           .panels = {loss, rate, deviation, stop}}};
}

const Group& group(const Results& r, double lambda, double lr) { return r.group({{"lambda", lambda}, {"lr", lr}}); }

// "; 1.2e-3 at lr 0.001" where a smaller step was run.
std::string finer(const Results& r, double lambda, const std::string& metric) {
  for (const Group* one : r.where({{"lambda", lambda}}))
    if (one->params().real("lr") < thesis_lr)
      return fmt::format("; {:.1e} at lr {}", one->median(metric), to_text(one->params()["lr"]));
  return {};
}

void judge_solution(const Results& r, Claim& claim) {
  const Group& one = group(r, 1.0, thesis_lr);
  claim.measured =
      fmt::format("products within {:.1e} of the largest, losses within {:.1e}{}", one.median("product_deviation"),
                  one.median("loss_deviation"), finer(r, 1.0, "loss_deviation"));
  claim.verdict = verdict(one.median("product_deviation") < 0.05 && one.median("loss_deviation") < 0.1);
  claim.why =
      "Largest deviations over all tasks and times; they come from the first steps and are of the order of the step.";
}

void judge_balance(const Results& r, Claim& claim) {
  const double drift = group(r, 1.0, thesis_lr).median("balance_drift");
  claim.measured = fmt::format("\u03bb changes by {:.1f}%", 100 * drift);
  claim.verdict = verdict(drift < 1e-6, drift < 0.1);
  claim.why = fmt::format("Gradient flow keeps it, gradient descent to the order of the step{}.",
                          finer(r, 1.0, "balance_drift"));
}

void judge_rate(const Results& r, Claim& claim) {
  const Group& five = group(r, 5.0, thesis_lr);
  claim.measured = fmt::format("largest difference {:.1e} of the largest rate{}", five.median("rate_deviation"),
                               finer(r, 5.0, "rate_deviation"));
  claim.verdict = verdict(five.median("rate_deviation") < 1e-3, five.median("rate_deviation") < 0.3);
  claim.why = "A rate measured over a step differs from the flow's by the order of the step; \"exactly\" is its limit.";
}

void judge_printed(const Results& r, Claim& claim) {
  const Group& five = group(r, 5.0, thesis_lr);
  claim.measured = fmt::format("off by {:.2g} of the largest rate", five.median("printed_rate_deviation"));
  claim.verdict = verdict(five.median("printed_rate_deviation") < 1e-6);
  claim.why = "Its parentheses close before the target; the proof's last line, 4.42, is the rate that is measured.";
}

void judge_stopping(const Results& r, Claim& claim) {
  const Group& one = group(r, 1.0, thesis_lr);
  std::vector<double> ratios, times;
  for (std::int64_t k = 2; k <= one.params().integer("tasks"); ++k) {
    ratios.push_back(one.median(fmt::format("stopped_loss_ratio_{}", k)));
    times.push_back(one.median(fmt::format("stopping_time_{}", k)));
  }
  if (ratios.empty()) throw NotRun("two tasks or more");
  claim.measured = fmt::format("stopping at {:.2f} \u03c4 leaves {:.2f} of the end's mean loss", fmt::join(times, ", "),
                               fmt::join(ratios, ", "));
  claim.verdict = verdict(std::ranges::max(ratios) < 0.95, std::ranges::max(ratios) < 1.0);
  claim.why = "Mean of the losses of all tasks met so far, in the training on the second task and later ones.";
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 004, section 4.4";
  return judge_all(
      results, {{{.claim = "The analytical solutions hold for the whole learning process",
                  .source = source + ", figure 4.6",
                  .printed = "curves coincide"},
                 judge_solution},
                {{.claim = "Trained weights are \u03bb-balanced again", .source = source, .printed = "remain balanced"},
                 judge_balance},
                {{.claim = "Analytical and empirical rate of loss match exactly for \u03bb = 5",
                  .source = source + ", figure 4.7",
                  .printed = "exactly"},
                 judge_rate},
                {{.claim = "Equation 4.36 is the rate of loss",
                  .source = source + ", theorem 4.4.1",
                  .printed = "equation 4.36"},
                 judge_printed},
                {{.claim = "The minimum of the exact forgetting gives a time to stop",
                  .source = source,
                  .printed = "optimal stopping strategies"},
                 judge_stopping}});
}

const Register continual{Experiment{
    .id = "balanced/continual",
    .title = "One task after another",
    .question = "Does the exact solution hold through one task after another, and does it say when to stop?",
    .observe = "It does, to the order of the step (2e-2 of the target at lr 0.01), and so do all tasks' losses and "
               "their rates. The "
               "mean loss of the tasks met so far is least early in each training.",
    .source = "paper 004, section 4.4, figures 4.6 and 4.7",
    .parameters = {{.name = "lambda", .help = "W2'W2 - W1W1' = lambda I at the start", .quick = {1.0, 5.0}},
                   {.name = "lr",
                    .help = "step of full-batch gradient descent",
                    .quick = {thesis_lr},
                    .paper = {thesis_lr, 0.001},
                    .minimum = 1e-6},
                   {.name = "scale",
                    .help = "standard deviation of the Gaussian weights whose product is made balanced",
                    .quick = {1.0},
                    .minimum = 1e-6},
                   {.name = "n", .help = "size of every layer", .quick = {5}, .minimum = 1, .maximum = 50},
                   {.name = "tasks", .help = "number of random tasks", .quick = {4}, .minimum = 1, .maximum = 20},
                   {.name = "steps",
                    .help = "of each task at lr 0.01; as many more as the step is smaller",
                    .quick = {thesis_steps},
                    .minimum = 10}},
    .trials = {.quick = 4, .paper = 20},
    .seconds = {.quick = 2, .paper = 20},
    .batch = batch,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
