// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/kept.hpp>

#include <algorithm>
#include <cmath>

namespace sigmagrad::experiments::balanced {

Kept::Kept(Trial& trial, const Start& start, double lambda)
    : lambda_(lambda),
      covariance_(matmul(start.task.X.t(), start.task.X) / static_cast<double>(start.task.X.size(0))),
      target_(linalg::solve(covariance_, start.task.Sigma.t()).t()),
      W0_(matmul(start.weights.W2, start.weights.W1)),
      flow_(start.weights.W1, start.weights.W2, target_),
      comparison_(trial) {
  times_.push_back(0.0);
  for (double time = 1e-3; time < 300; time *= 1.2) times_.push_back(time);
  losses_ = flow_.loss(times_).to_vector();
}

void Kept::look(double time, const Tensor& W1, const Tensor& W2) {
  const auto [now, rest] = theory::balancedness(W1, W2);
  const auto product = matmul(W2, W1);
  comparison_.see(drift, std::max(std::abs(now.item() - lambda_), rest.item()) / std::max(1.0, std::abs(lambda_)));
  comparison_.see(strengths, error_of_strengths(W1, W2, product));
  const auto linear = target_ + matmul(W0_ - target_, linalg::expm(-std::abs(lambda_) * time * covariance_));
  comparison_.see(from_linear_flow, linalg::norm(product - linear).item() / linalg::norm(target_).item());
  comparison_.see(from_path, distance_from_path(product) / linalg::norm(target_).item());
}

void Kept::record() {
  for (const auto& quantity : {drift, from_path, from_linear_flow, strengths}) comparison_.record(quantity);
}

// Theorem 4.1.1: the weights' singular values are those that the product's have with lambda. Where one side has more of
// them, the last ones are sqrt|lambda|, which is what a mode of strength 0 has.
double Kept::error_of_strengths(const Tensor& W1, const Tensor& W2, const Tensor& product) const {
  const auto s = linalg::svdvals(product).to_vector(), s1 = linalg::svdvals(W1).to_vector(),
             s2 = linalg::svdvals(W2).to_vector();
  double worst = 0.0;
  for (std::size_t i = 0; i < std::max(s1.size(), s2.size()); ++i) {
    const auto [input, output] = theory::mode_strengths(i < s.size() ? s[i] : 0.0, lambda_);
    if (i < s1.size()) worst = std::max(worst, std::abs(s1[i] - input));
    if (i < s2.size()) worst = std::max(worst, std::abs(s2[i] - output));
  }
  return worst / std::max(s1.front(), s2.front());
}

// From the exact solution where that is as far from the target.
double Kept::distance_from_path(const Tensor& product) const {
  const double left = theory::task_loss(product, target_).item();
  const auto below = std::ranges::find_if(losses_, [&](double loss) { return loss <= left; });
  const auto after = std::clamp<std::size_t>(static_cast<std::size_t>(below - losses_.begin()), 1, losses_.size() - 1);
  if (left < 1e-24 * losses_.front()) return linalg::norm(product - target_).item();
  double low = times_[after - 1], high = times_[after], at_low = losses_[after - 1], at_high = losses_[after];
  double time = left < at_low ? high : low;
  for (int i = 0; i < 8 && at_low > left && left > at_high; ++i) {  // the logarithm is nearly a straight line
    time = low + (high - low) * std::log(at_low / left) / std::log(at_low / at_high);
    const double loss = flow_.loss({time}).item();
    (loss > left ? low : high) = time;
    (loss > left ? at_low : at_high) = loss;
  }
  return linalg::norm(product - flow_.product({time}).select(0, 0)).item();
}

}  // namespace sigmagrad::experiments::balanced
