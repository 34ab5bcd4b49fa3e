// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/deep_balanced.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace sigmagrad::experiments::balanced {

namespace {

// The squared strengths c_l^2 of the layers in a mode of strength a: c_{l+1}^2 - c_l^2 = lambda_l, and their product
// is a^2. By bisection in what the weakest has, which is between 0 and a^(2/3).
std::vector<double> squared_strengths(double a, double lambda_1, double lambda_2) {
  const double lowest = std::min({0.0, lambda_1, lambda_1 + lambda_2});
  const std::vector<double> above = {-lowest, lambda_1 - lowest, lambda_1 + lambda_2 - lowest};
  double low = 0.0, high = std::cbrt(a * a);
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    ((middle + above[0]) * (middle + above[1]) * (middle + above[2]) < a * a ? low : high) = middle;
  }
  return {high + above[0], high + above[1], high + above[2]};
}

}  // namespace

std::vector<Tensor> deep_balanced(const Tensor& product, double lambda_1, double lambda_2, Generator& generator) {
  const NoGrad guard;
  const auto [U, S, Vt] = linalg::svd(product);
  const std::int64_t n = S.size(0);
  std::vector<double> c[3];
  for (const double a : S.data<double>()) {
    const auto squares = squared_strengths(a, lambda_1, lambda_2);
    for (std::size_t l = 0; l < 3; ++l) c[l].push_back(std::sqrt(squares[l]));
  }
  const auto R1 = theory::random_orthogonal({}, n, generator), R2 = theory::random_orthogonal({}, n, generator);
  return {matmul(R1 * tensor(c[0]), Vt), matmul(R2 * tensor(c[1]), R1.t()), matmul(U * tensor(c[2]), R2.t())};
}

ThreeLayer::ThreeLayer(const std::vector<Tensor>& start) {
  for (const auto& layer : start)
    layers_.push_back(register_parameter("W" + std::to_string(layers_.size() + 1), layer.clone()));
}

double deviation_from_scalar_equation(const Task& task, Generator& generator) {
  const auto [U, S, Vt] = linalg::svd(task.Sigma);
  const auto s = S.to_vector(), a0 = (0.02 + 0.1 * rand(S.shape(), generator)).to_vector();
  const ThreeLayer model(deep_balanced(matmul(U * tensor(a0), Vt), 0, 0, generator));
  double worst = 0.0;
  const auto compare = [&, &left = U, &right = Vt](double time, std::int64_t) {
    const NoGrad guard;
    const auto a = diag(matmul(matmul(left.t(), model.product()), right.t())).to_vector();
    for (std::size_t i = 0; i < a.size(); ++i)
      worst = std::max(worst, std::abs(a[i] - theory::deep_aligned_mode(s[i], a0[i], 3, time)) / s.front());
  };
  optim::gradient_flow([&] { return squared_error(model(task.X), task.Y); }, model.parameters(),
                       {.t_end = 30.0, .rtol = 1e-9, .at = {0.5, 2.0, 5.0, 10.0, 20.0, 30.0}, .callback = compare});
  return worst;
}

}  // namespace sigmagrad::experiments::balanced
