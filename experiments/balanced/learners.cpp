// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/learners.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace sigmagrad::experiments::balanced {

namespace {

constexpr int marks_a_task = 40;

const Quantity largest_rate{.name = "largest_rate"};
const Quantity largest_forgetting{.name = "largest_forgetting"};

// Equation 4.36 as it stands, where the parentheses close before the target: tr(w' W') - tr(Sigma').
Tensor printed_rate(const Tensor& qqt, const Tensor& trained, const Tensor& Sigma) {
  return theory::forgetting_rate(qqt, trained, zeros_like(Sigma)) - trace(Sigma);
}

}  // namespace

CurvePair loss_of(std::size_t task) { return curve_pair(fmt::format("loss_{}", task), fmt::format("task {}", task)); }
CurvePair rate_of(std::size_t task) { return curve_pair(fmt::format("rate_{}", task), fmt::format("task {}", task)); }
Quantity stopping_time(std::size_t task) { return {.name = fmt::format("stopping_time_{}", task)}; }
Quantity stopped_loss_ratio(std::size_t task) { return {.name = fmt::format("stopped_loss_ratio_{}", task)}; }

// What the exact solution says of the training on one task: [B, T, ...] at the marks.
struct Learners::Exact {
  Tensor product = {};
  std::vector<Tensor> loss = {}, rate = {}, printed_rate = {};  // of every task: [B, T]
  theory::TwoLayerWeights end = {};
};

Learners::Learners(std::span<Trial> trials, const TaskSequence& sequence, double lr)
    : trials_(trials),
      tasks_(sequence.tasks),
      lr_(lr),
      start_(sequence.weights),
      model_(start_),
      forgotten_(trials.size()) {
  for (Trial& t : trials) comparisons_.emplace_back(t);
}

Learners::Exact Learners::solve(std::size_t trained, const std::vector<double>& times) const {
  const theory::BalancedDynamics flow(start_.W1, start_.W2, tasks_[trained].Sigma);
  Exact exact{.product = flow.product(times)};
  const auto qqt = flow.qqt(times), Sigma = tasks_[trained].Sigma.unsqueeze(1);
  for (const Task& task : tasks_) {
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

void Learners::train(std::size_t trained, std::int64_t steps) {
  auto marks = geometric_steps(1, steps, marks_a_task);
  marks.insert(marks.begin(), 0);
  std::vector<double> times;
  for (const auto mark : marks) times.push_back(static_cast<double>(mark) * lr_);
  const auto exact = solve(trained, times);
  const auto at_start = model_.product();
  Descent descent(model_, tasks_[trained], lr_);
  std::int64_t step = 0;
  for (std::size_t m = 0; m < marks.size(); ++m) {
    descent.run(marks[m] - step);
    const auto before = model_.product();
    descent.run(1);
    step = marks[m] + 1;
    look_at_product(m, exact, before);
    const bool ends = m + 1 == marks.size();
    // The first point of a task is the last one of the task before.
    const bool draws = trials_.front().index() == 0 && (m > 0 || trained == 0);
    for (std::size_t i = 0; i < tasks_.size(); ++i)
      look_at_task(i, m, exact, before, model_.product(), draws ? elapsed_ + times[m] : -1);
    for (std::size_t i = 0; i < trained; ++i) look_at_rate(i, before, model_.product(), ends);
  }
  look_at_forgetting(trained, at_start, model_.product());
  record_stopping(exact, trained, times);
  elapsed_ += times.back();
  start_ = exact.end;
}

void Learners::record(double lambda) {
  const auto end = model_.weights();
  const auto balance = theory::balancedness(end.W1, end.W2).lambda;
  for (std::size_t b = 0; b < trials_.size(); ++b) {
    auto& comparison = comparisons_[b];
    comparison.record(product_deviation);
    comparison.record(losses_deviation);
    comparison.record(rate_deviation, comparison.largest(largest_rate));
    comparison.record(printed_rate_deviation, comparison.largest(largest_rate));
    record_forgetting(b);
    trials_[b].record(balance_drift, std::abs(balance.data<double>()[b] - lambda) / std::max(std::abs(lambda), 1.0));
  }
}

void Learners::record_forgetting(std::size_t b) {
  auto& comparison = comparisons_[b];
  if (forgotten_[b].empty()) return;  // one task
  comparison.record(forgetting_deviation, comparison.largest(largest_forgetting));
  comparison.record(peak_rate);
  comparison.record(end_rate, comparison.largest(peak_rate));
  trials_[b].record(forgotten, std::accumulate(forgotten_[b].begin(), forgotten_[b].end(), 0.0) /
                                   static_cast<double>(forgotten_[b].size()));
}

void Learners::look_at_product(std::size_t m, const Exact& exact, const Tensor& product) {
  const auto largest = max(linalg::norm(exact.product), -1);
  const auto gap = linalg::norm(product - exact.product.select(1, static_cast<std::int64_t>(m))) / largest;
  for (std::size_t b = 0; b < trials_.size(); ++b) comparisons_[b].see(product_deviation, gap.data<double>()[b]);
}

// `before` and `after` are the products at mark m and one step later; curves are drawn of the first trial, at times
// that are not negative.
void Learners::look_at_task(std::size_t i, std::size_t m, const Exact& exact, const Tensor& before, const Tensor& after,
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
    comparison.see(losses_deviation, std::abs(of(exact.loss) / measured - 1.0));
    comparison.see(rate_deviation, std::abs(rate - of(exact.rate)));
    comparison.see(printed_rate_deviation, std::abs(of(exact.printed_rate) - of(exact.rate)));
    comparison.see(largest_rate, std::abs(of(exact.rate)));
    if (b > 0 || time < 0) continue;
    comparison.draw(loss_of(i + 1), time, measured, of(exact.loss));
    comparison.draw(rate_of(i + 1), time, rate, of(exact.rate));
  }
}

// An earlier task, between two steps.
void Learners::look_at_rate(std::size_t i, const Tensor& before, const Tensor& after, bool ends) {
  const auto rate = abs(theory::task_loss(after, tasks_[i].Sigma) - theory::task_loss(before, tasks_[i].Sigma)) / lr_;
  for (std::size_t b = 0; b < trials_.size(); ++b) {
    comparisons_[b].see(peak_rate, rate.data<double>()[b]);
    if (ends) comparisons_[b].see(end_rate, rate.data<double>()[b]);
  }
}

void Learners::look_at_forgetting(std::size_t trained, const Tensor& start, const Tensor& end) {
  for (std::size_t i = 0; i < trained; ++i) {
    const auto& own = tasks_[i].Sigma;
    const auto measured = theory::task_loss(end, own) - theory::task_loss(start, own);
    const auto exact = theory::forgetting(own, tasks_[trained - 1].Sigma, tasks_[trained].Sigma);
    for (std::size_t b = 0; b < trials_.size(); ++b) {
      comparisons_[b].see(forgetting_deviation, std::abs((measured - exact).data<double>()[b]));
      comparisons_[b].see(largest_forgetting, std::abs(exact.data<double>()[b]));
      forgotten_[b].push_back(measured.data<double>()[b]);
    }
  }
}

void Learners::record_stopping(const Exact& exact, std::size_t trained, const std::vector<double>& times) {
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

}  // namespace sigmagrad::experiments::balanced
