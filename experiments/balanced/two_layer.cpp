// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/two_layer.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sigmagrad::experiments::balanced {

namespace {

Tensor squares(const Tensor& x) { return square(x).sum(-1).sum(-1); }

}  // namespace

Tensor Task::irreducible_loss() const {
  const NoGrad guard;
  return 0.5 * squares(Y) / static_cast<double>(Y.size(-2)) - 0.5 * squares(Sigma);
}

Task make_task(const Tensor& X, const Tensor& Y) {
  const NoGrad guard;
  return {X, Y, matmul(Y.t(), X) / static_cast<double>(X.size(-2))};
}

Task random_task(std::int64_t n_i, std::int64_t n_o, std::int64_t samples, Generator& generator) {
  const auto X = theory::whiten(randn({samples, n_i}, generator));
  return make_task(X, randn({samples, n_o}, generator));
}

theory::TwoLayerSizes parse_sizes(const std::string& text) {
  int n[3] = {}, end = 0;
  const bool read = std::sscanf(text.c_str(), "%dx%dx%d%n", &n[0], &n[1], &n[2], &end) == 3;
  if (!read || text[static_cast<std::size_t>(end)] != 0 || std::min({n[0], n[1], n[2]}) < 1)
    throw Error("sizes: needs n_i x n_h x n_o as 3x4x5 (got " + text + ")");
  return {n[0], n[1], n[2]};
}

bool has_balanced_weights(const theory::TwoLayerSizes& sizes, double lambda) {
  return lambda == 0 || sizes.n_h <= (lambda > 0 ? sizes.n_o : sizes.n_i);
}

Start stacked(std::span<const Start> starts) {
  std::vector<Tensor> X, Y, Sigma, W1, W2;
  for (const auto& [task, weights] : starts) {
    X.push_back(task.X);
    Y.push_back(task.Y);
    Sigma.push_back(task.Sigma);
    W1.push_back(weights.W1);
    W2.push_back(weights.W2);
  }
  return {{stack(X), stack(Y), stack(Sigma)}, {stack(W1), stack(W2)}};
}

TaskSequence random_sequence(std::span<const Trial> trials, const TaskSequenceOptions& options) {
  const auto [tasks, n, samples, lambda, sigma] = options;
  std::vector<std::vector<Start>> starts(static_cast<std::size_t>(tasks));
  for (const Trial& t : trials) {
    const auto data = t.generator(), weights = t.generator(1);
    const auto start = theory::lambda_balanced(lambda, {n, n, n}, {.sigma = sigma}, *weights);
    for (auto& of_task : starts) of_task.push_back({random_task(n, n, samples, *data), start});
  }
  TaskSequence sequence{.tasks = {}, .weights = stacked(starts.front()).weights};
  for (const auto& of_task : starts) sequence.tasks.push_back(stacked(of_task).task);
  return sequence;
}

Tensor TwoLayer::product() const {
  const NoGrad guard;
  return matmul(W2, W1);
}

Tensor squared_error(const Tensor& prediction, const Tensor& y) {
  return 0.5 * squares(prediction - y) / static_cast<double>(y.size(-2));
}

Tensor relative_distance(const Tensor& a, const Tensor& b) {
  const NoGrad guard;
  return sqrt(squares(a - b) / squares(b));
}

std::vector<std::int64_t> geometric_steps(std::int64_t first, std::int64_t last, int count) {
  std::vector<std::int64_t> steps;
  const double ratio = static_cast<double>(last) / static_cast<double>(first);
  for (int i = 0; i < count; ++i) {
    const auto step = std::llround(static_cast<double>(first) * std::pow(ratio, i / (count - 1.0)));
    if (steps.empty() || step > steps.back()) steps.push_back(step);
  }
  return steps;
}

}  // namespace sigmagrad::experiments::balanced
