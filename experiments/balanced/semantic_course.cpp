// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <sigmagrad/experiments/balanced/semantic_course.hpp>

namespace sigmagrad::experiments::balanced {

namespace {

constexpr int curve_points = 60;

}  // namespace

Modes::Modes(const Tensor& Sigma) {
  const auto [U, S, Vt] = linalg::svd(Sigma);
  U_ = U;
  Vt_ = Vt;
  for (const double s : entries(S)) {
    if (values_.empty() || values_.back() - s > 1e-6) values_.push_back(s);
    place_.push_back(values_.size() - 1);
  }
}

std::vector<double> Modes::learned(const Tensor& product) const {
  std::vector<double> sum(values_.size()), count(values_.size());
  const auto a = entries(diag(matmul(matmul(U_.t(), product), Vt_.t())));
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum[place_[i]] += a[i] / values_[place_[i]];
    count[place_[i]] += 1.0;
  }
  for (std::size_t k = 0; k < sum.size(); ++k) sum[k] /= count[k];
  return sum;
}

Watch::Watch(const TwoLayer& model, const Task& task, double lr, double tolerance)
    : model_(model),
      descent_(model, task, lr),
      modes_(task.Sigma.select(0, 0).clone()),
      lr_(lr),
      tolerance_(tolerance),
      courses_(static_cast<std::size_t>(task.Sigma.size(0))),
      metrics_(courses_.size()) {
  for (Course& course : courses_) course.half.assign(modes_.values().size(), -1.0);
}

void Watch::run(std::int64_t steps) {
  const auto marks = geometric_steps(1, steps, curve_points);
  times_ = {0.0};
  record();
  auto mark = marks.begin();
  for (std::int64_t step = 1; step <= steps; ++step) {
    descent_.run(1);
    const auto losses = entries(descent_.loss());
    for (std::size_t b = 0; b < losses.size(); ++b) pass(b, step, losses[b]);
    if (step != *mark) continue;
    ++mark;
    times_.push_back(static_cast<double>(step) * lr_);
    record();
  }
}

void Watch::pass(std::size_t b, std::int64_t step, double loss) {
  Course& course = courses_[b];
  if (course.before < 0 && loss < 10.0 * tolerance_) course.before = step;
  if (course.steps_to_stop < 0 && loss < tolerance_) course.steps_to_stop = step;
}

void Watch::pass_half(Course& course, const std::vector<double>& learned) const {
  for (std::size_t k = 0; k < learned.size(); ++k) {
    if (course.half[k] >= 0 || learned[k] <= 0.5) continue;
    const auto now = times_.back() / lr_;
    if (course.learned.empty()) {
      course.half[k] = now;
      continue;
    }
    const auto before = times_[times_.size() - 2] / lr_;
    course.half[k] = before + (now - before) * (0.5 - course.learned[k]) / (learned[k] - course.learned[k]);
  }
  course.learned = learned;
}

void Watch::record() {
  const auto losses = entries(descent_.loss());
  const auto product = model_.product();
  for (std::size_t b = 0; b < losses.size(); ++b) {
    metrics_[b].add_at("loss", times_.back(), losses[b]);
    const auto learned = modes_.learned(product.select(0, static_cast<std::int64_t>(b)));
    for (std::size_t k = 0; k < learned.size(); ++k) {
      metrics_[b].add_at(fmt::format("mode_{}", k + 1), times_.back(), learned[k]);
    }
    pass_half(courses_[b], learned);
  }
}

}  // namespace sigmagrad::experiments::balanced
