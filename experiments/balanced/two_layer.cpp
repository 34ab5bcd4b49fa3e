// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <sigmagrad/experiments/balanced/two_layer.hpp>

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

Tensor TwoLayer::product() const {
  const NoGrad guard;
  return matmul(W2, W1);
}

Tensor squared_error(const Tensor& prediction, const Tensor& y) {
  return 0.5 * squares(prediction - y) / static_cast<double>(y.size(-2));
}

Descent::Descent(const TwoLayer& model, const Task& task, double lr)
    : model_(model), task_(task), optimizer_(model.parameters(), {.lr = lr}), step_(capture([this] {
        optimizer_.zero_grad();
        squared_error(model_(task_.X), task_.Y).sum().backward();
        optimizer_.step();
      })) {}

void Descent::run(std::int64_t steps) {
  for (std::int64_t step = 0; step < steps; ++step) step_();
}

Tensor Descent::loss() const {
  const NoGrad guard;
  return squared_error(model_(task_.X), task_.Y);
}

std::vector<double> entries(const Tensor& x) {
  const auto values = x.data<double>();
  return {values.begin(), values.end()};
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
