// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/norms/descend.hpp>
#include <sigmagrad/experiments/norms/lowrank.hpp>

namespace sigmagrad::experiments::norms {
namespace {

constexpr std::int64_t outputs = 10, inputs = 12, rank = 3;
constexpr double least_input =
    0.1;  // standard deviation along the weakest direction of correlated inputs; 1 is largest

// ||E||_F over the least one of rank `rank`, less 1; S is the root of the inputs' covariance.
double excess(const Tensor& error, const Tensor& change, const Tensor& S) {
  const auto scaled = matmul(change, S);
  const auto least = linalg::norm(scaled - linalg::low_rank_approximation(scaled, rank));
  return (linalg::norm(matmul(error, S)) / least).item() - 1.0;
}

// Trains an adapter towards W + change for inputs S x with white x; `record(step, error)`.
void train(const Tensor& change, const Tensor& S, const std::function<void(std::int64_t, const Tensor&)>& record) {
  auto layer = nn::parametrize(nn::Linear(zeros({outputs, inputs})), nn::LowRank{.rank = rank});
  layer.original.requires_grad_(false);
  std::vector<Tensor> trained;
  for (const auto& parameter : layer.parameters())
    if (parameter.requires_grad()) trained.push_back(parameter);
  const auto loss = [&] { return square(matmul(layer.weight() - change, S)).sum() / 2.0; };
  gradient_descent(trained, 0.05, loss, {1, 10, adapter::early, 100, 300, 1000, 3000, 10000, adapter::late},
                   [&](std::int64_t step) { record(step, layer.weight().detach() - change); });
}

}  // namespace

void adapter::check(Trial& t) {
  const auto g = t.generator();
  const auto change = randn({outputs, inputs}, *g) / 2.0;
  const auto Q = random_orthonormal(inputs, inputs, *g);
  const auto I = eye(inputs), S = matmul(Q * logspace(0.0, std::log10(least_input), inputs), Q.t());
  train(change, I, [&](std::int64_t step, const Tensor& error) {
    t.record(white, static_cast<double>(step), excess(error, change, I));
  });
  train(change, S, [&](std::int64_t step, const Tensor& error) {
    t.record(correlated, static_cast<double>(step), excess(error, change, I));
    if (step == late) t.record(weighted, excess(error, change, S));
  });
  const auto layer = nn::parametrize(nn::Linear(inputs, outputs, {.bias = false}), nn::LowRank{.rank = rank});
  double trained = -static_cast<double>(layer.original.numel());
  for (const auto& parameter : layer.parameters()) trained += static_cast<double>(parameter.numel());
  t.record(numbers, trained / static_cast<double>(rank * (outputs + inputs)));
}

}  // namespace sigmagrad::experiments::norms
