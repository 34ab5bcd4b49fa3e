// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sigmagrad/experiments/balanced/comparison.hpp>

namespace sigmagrad::experiments::balanced {

namespace {

enum Quantity : std::size_t { Product, Input, Output, Kernel };
constexpr std::array<const char*, 4> names = {"product", "input", "output", "kernel"};

}  // namespace

Comparison::Comparison(const Start& start, double lr)
    : X_(start.task.X),
      flow_(start.weights.W1, start.weights.W2, start.task.Sigma),
      constant_(start.task.irreducible_loss().item()),
      lr_(lr),
      first_(measured(start.weights)) {}

Comparison::Quantities Comparison::measured(const theory::TwoLayerWeights& weights) const {
  const auto [input, output] = theory::representations(weights.W1, weights.W2);
  return {matmul(weights.W2, weights.W1), input, output, ntk(TwoLayer(weights), X_)};
}

Comparison::Quantities Comparison::exact(double time) const {
  const auto [W1, W2] = flow_.weights({time});
  const auto [input, output] = theory::representations(W1.select(0, 0), W2.select(0, 0));
  return {matmul(W2, W1).select(0, 0), input, output, theory::tangent_kernel(input, output, X_)};
}

void Comparison::at(std::int64_t step, const theory::TwoLayerWeights& weights, double loss) {
  const double time = static_cast<double>(step) * lr_;
  const auto here = measured(weights), expected = exact(time);
  for (std::size_t i = 0; i < names.size(); ++i) {
    deviation_[i] = std::max(deviation_[i], relative_distance(here[i], expected[i]).item());
    change_[i] = relative_distance(here[i], first_[i]).item();
  }
  input_norm_ = linalg::norm(here[Input]).item();
  output_norm_ = linalg::norm(here[Output]).item();
  const double exact_loss = flow_.loss({time}, constant_).item();
  loss_deviation_ = std::max(loss_deviation_, std::abs(loss / exact_loss - 1));
  if (step == 0) return;
  curves_.add_at("loss", time, loss).add_at("exact_loss", time, exact_loss);
  for (const auto i : {Input, Output, Kernel}) {
    curves_.add_at(fmt::format("{}_change", names[i]), time, change_[i]);
    curves_.add_at(fmt::format("exact_{}_change", names[i]), time, relative_distance(expected[i], first_[i]).item());
  }
}

Metrics Comparison::metrics() const {
  Metrics all{{"loss_deviation", loss_deviation_}, {"input_norm", input_norm_}, {"output_norm", output_norm_}};
  for (std::size_t i = 0; i < names.size(); ++i)
    all.add(fmt::format("{}_deviation", names[i]), deviation_[i]).add(fmt::format("{}_change", names[i]), change_[i]);
  for (const auto& [name, value] : curves_.items()) all.add(name, value);
  return all;
}

}  // namespace sigmagrad::experiments::balanced
