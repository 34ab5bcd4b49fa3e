// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/deep_network.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace sigmagrad::experiments::balanced {

DeepLinear::DeepLinear(const std::vector<Tensor>& start) {
  for (const auto& layer : start)
    layers_.push_back(register_parameter(fmt::format("W{}", layers_.size() + 1), layer.clone()));
}

Tensor DeepLinear::product() const {
  Tensor product = layers_.front();
  for (std::size_t l = 1; l < layers_.size(); ++l) product = matmul(layers_[l], product);
  return product;
}

std::vector<Tensor> DeepLinear::pairs() const {
  const NoGrad guard;
  std::vector<Tensor> all;
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l) all.push_back(matmul(layers_[l + 1], layers_[l]));
  return all;
}

std::pair<std::vector<double>, double> DeepLinear::balance() const {
  std::vector<double> lambdas;
  double worst = 0.0;
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l) {
    const auto [lambda, distance] = theory::balancedness(layers_[l].detach(), layers_[l + 1].detach());
    lambdas.push_back(lambda.item());
    worst = std::max(worst, distance.item());
  }
  return {lambdas, worst};
}

Approach approach(const std::vector<double>& times, const std::vector<Tensor>& seen) {
  std::vector<double> left;
  for (const Tensor& one : seen) left.push_back(linalg::norm(one - seen.back()).item());
  // When the share of the way that is left falls to `share`: between two looks its logarithm is a straight line.
  const auto time_of = [&](double share) {
    const double wanted = share * left.front();
    for (std::size_t i = 1; i + 1 < left.size(); ++i)
      if (left[i] <= wanted)
        return times[i - 1] +
               (times[i] - times[i - 1]) * std::log(left[i - 1] / wanted) / std::log(left[i - 1] / left[i]);
    return std::numeric_limits<double>::quiet_NaN();
  };
  return {time_of(0.5), std::log(10.0) / (time_of(0.01) - time_of(0.1))};
}

AlignedDeviation deviation_from_scalar_equation(const Task& task, int depth, Generator& generator) {
  const auto [U, S, Vt] = linalg::svd(task.Sigma);
  const auto s = S.to_vector(), a0 = (0.02 + 0.1 * rand(S.shape(), generator)).to_vector();
  const auto layers = static_cast<std::size_t>(depth);
  const DeepLinear model(theory::deep_balanced_factors(matmul(U * tensor(a0), Vt),
                                                       std::vector<std::int64_t>(layers - 1, S.size(0)),
                                                       std::vector<double>(layers - 1), generator));
  AlignedDeviation worst;
  const auto compare = [&, &left = U, &right = Vt](double time, std::int64_t) {
    const NoGrad guard;
    const auto modes = matmul(matmul(left.t(), model.product()), right.t());
    const auto a = diag(modes).to_vector();
    for (std::size_t i = 0; i < a.size(); ++i)
      worst.mode = std::max(worst.mode, std::abs(a[i] - theory::deep_aligned_mode(s[i], a0[i], depth, time)) / s[0]);
    worst.between = std::max(worst.between, max(abs(modes - diag_embed(diag(modes)))).item() / s[0]);
  };
  optim::gradient_flow([&] { return squared_error(model(task.X), task.Y); }, model.parameters(),
                       {.t_end = 30.0, .rtol = 1e-9, .at = {0.5, 2.0, 5.0, 10.0, 20.0, 30.0}, .callback = compare});
  return worst;
}

}  // namespace sigmagrad::experiments::balanced
