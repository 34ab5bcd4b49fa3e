// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/semantic_course.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace sigmagrad::experiments::balanced {

namespace {

constexpr int curve_points = 60;

double bend_of(const std::vector<double>& times, const std::vector<double>& logs) {
  const double slope = (logs.back() - logs.front()) / (times.back() - times.front());
  double worst = 0.0;
  for (std::size_t i = 0; i < times.size(); ++i)
    worst = std::max(worst, std::abs(logs[i] - logs.front() - slope * (times[i] - times.front())));
  return worst / (logs.front() - logs.back());
}

}  // namespace

Modes::Modes(const Tensor& Sigma) {
  const auto [U, S, Vt] = linalg::svd(Sigma);
  U_ = U;
  Vt_ = Vt;
  for (const double s : S.to_vector()) {
    if (values_.empty() || values_.back() - s > 1e-6) values_.push_back(s);
    place_.push_back(values_.size() - 1);
  }
}

std::vector<double> Modes::learned(const Tensor& product) const {
  std::vector<double> sum(values_.size()), count(values_.size());
  const auto a = diag(matmul(matmul(U_.t(), product), Vt_.t())).to_vector();
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum[place_[i]] += a[i] / values_[place_[i]];
    count[place_[i]] += 1.0;
  }
  for (std::size_t k = 0; k < sum.size(); ++k) sum[k] /= count[k];
  return sum;
}

Curve mode_share(std::size_t k) {
  return {.name = fmt::format("mode_{}", k), .label = fmt::format("mode {}", k), .over = "time / \u03c4"};
}

Quantity half_time(std::size_t k) {
  return {.name = fmt::format("half_time_{}", k), .label = fmt::format("time until mode {} is half learned", k)};
}

Course::Course(std::span<Trial> trials, const TwoLayer& model, const Task& task, double lr, double tolerance)
    : trials_(trials),
      model_(model),
      Sigma_(task.Sigma.select(0, 0).clone()),
      descent_(model, task, lr),
      modes_(Sigma_),
      lr_(lr),
      tolerance_(tolerance),
      milestones_(trials.size()) {
  for (Milestones& one : milestones_) one.half.assign(modes_.values().size(), Crossing(0.5));
}

void Course::run(std::int64_t steps) {
  const auto marks = geometric_steps(1, steps, curve_points);
  record_curves(0);
  auto mark = marks.begin();
  for (std::int64_t step = 1; step <= steps; ++step) {
    descent_.run(1);
    const auto losses = descent_.loss().to_vector();
    for (std::size_t b = 0; b < losses.size(); ++b) pass(milestones_[b], step, losses[b]);
    if (step != *mark) continue;
    ++mark;
    record_curves(step);
  }
  for (std::size_t b = 0; b < trials_.size(); ++b) record(milestones_[b], trials_[b]);
}

void Course::pass(Milestones& milestones, std::int64_t step, double loss) const {
  if (milestones.below_ten < 0 && loss < 10.0 * tolerance_) milestones.below_ten = step;
  if (milestones.below < 0 && loss < tolerance_) milestones.below = step;
}

void Course::record_curves(std::int64_t step) {
  const double time = static_cast<double>(step) * lr_;
  times_.push_back(time);
  const auto losses = descent_.loss().to_vector();
  const auto product = model_.product();
  for (std::size_t b = 0; b < losses.size(); ++b) {
    trials_[b].record(course_loss.measured, time, losses[b]);
    auto& milestones = milestones_[b];
    if (milestones.logs.empty() || milestones.logs.back() > std::log(tolerance_)) {
      milestones.times.push_back(time);
      milestones.logs.push_back(std::log(losses[b]));
    }
    const auto learned = modes_.learned(product.select(0, static_cast<std::int64_t>(b)));
    for (std::size_t k = 0; k < learned.size(); ++k) {
      trials_[b].record(mode_share(k + 1), time, learned[k]);
      milestones.half[k].look(time / lr_, learned[k]);
    }
  }
}

void Course::record(const Milestones& milestones, Trial& trial) const {
  const auto& [below_ten, below, half, times, logs] = milestones;
  if (below > 0) trial.record(steps_to_stop, static_cast<double>(below));
  if (below > below_ten) trial.record(decay_rate, std::log(10.0) / (static_cast<double>(below - below_ten) * lr_));
  if (below > 0) trial.record(bend, bend_of(times, logs));
  for (std::size_t k = 0; k < half.size(); ++k)
    if (half[k].time()) trial.record(half_time(k + 1), *half[k].time() * lr_);
}

void Course::record_exact(const theory::TwoLayerWeights& start) const {
  const auto losses = theory::BalancedDynamics(start.W1, start.W2, Sigma_).loss(times_);
  for (std::size_t b = 0; b < trials_.size(); ++b)
    for (std::size_t i = 0; i < times_.size(); ++i)
      trials_[b].record(course_loss.exact, times_[i], losses.data<double>()[b * times_.size() + i]);
}

void Course::record_representations() const {
  const auto [input, output] = theory::representations(model_.W1.detach(), model_.W2.detach());
  record_each(trials_, product_error, relative_distance(model_.product(), Sigma_));
  const auto score = theory::task_specific_score({input, output}, Sigma_);
  record_each(trials_, input_score, score.input);
  record_each(trials_, output_score, score.output);
  record_each(trials_, input_norm, linalg::norm(input));
  record_each(trials_, output_norm, linalg::norm(output));
  record_each(trials_, input_identity, theory::cosine_similarity(input, eye(input.size(-1))));
  record_each(trials_, output_identity, theory::cosine_similarity(output, eye(output.size(-1))));
}

}  // namespace sigmagrad::experiments::balanced
