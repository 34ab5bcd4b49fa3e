// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/representations.hpp>

#include <array>
#include <cmath>

namespace sigmagrad::experiments::balanced {

namespace {

constexpr int checkpoints = 30;

using Parts = std::array<Tensor, 4>;
const std::array<Part, 4> parts = {product_part, input_part, output_part, kernel_part};

class Descended {
 public:
  Descended(Trial& t, const Start& start)
      : X_(start.task.X),
        flow_(start.weights.W1, start.weights.W2, start.task.Sigma),
        constant_(start.task.irreducible_loss().item()),
        first_(measured(start.weights)),
        comparison_(t) {}

  void look(double time, const theory::TwoLayerWeights& weights, double measured_loss) {
    now_ = measured(weights);
    const auto solution = exact(time);
    const double exact_loss = flow_.loss({time}, constant_).item();
    comparison_.see(loss_deviation, std::abs(measured_loss / exact_loss - 1));
    if (time > 0) comparison_.draw(loss_curves, time, measured_loss, exact_loss);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      comparison_.see(parts[i].deviation, relative_distance(now_[i], solution[i]).item());
      if (i == 0 || time == 0) continue;  // the product is not drawn
      comparison_.draw(parts[i].curves, time, change(now_, i), change(solution, i));
    }
  }

  void record() {
    comparison_.record(loss_deviation);
    comparison_.trial().record(input_norm, linalg::norm(now_[1]).item());
    comparison_.trial().record(output_norm, linalg::norm(now_[2]).item());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      comparison_.record(parts[i].deviation);
      comparison_.trial().record(parts[i].change, change(now_, i));
    }
  }

 private:
  Parts measured(const theory::TwoLayerWeights& weights) const {
    const auto [in, out] = theory::representations(weights.W1, weights.W2);
    return {matmul(weights.W2, weights.W1), in, out, ntk(TwoLayer(weights), X_)};
  }
  Parts exact(double time) const {
    const auto [W1, W2] = flow_.weights({time});
    const auto [in, out] = theory::representations(W1.select(0, 0), W2.select(0, 0));
    return {matmul(W2, W1).select(0, 0), in, out, theory::tangent_kernel(in, out, X_)};
  }
  double change(const Parts& now, std::size_t i) const { return relative_distance(now[i], first_[i]).item(); }

  Tensor X_;
  theory::BalancedDynamics flow_;
  double constant_;
  Parts first_, now_;
  Comparison comparison_;
};

}  // namespace

Part part(const std::string& name, const std::string& label) {
  return {.deviation = {.name = name + "_deviation", .label = "largest relative deviation of the " + label},
          .change = {.name = name + "_change", .label = "relative change of the " + label},
          .curves = curve_pair(name + "_change", "change of the " + label)};
}

void descend(std::span<Trial> trials, const std::vector<Start>& starts, double lr, std::int64_t steps) {
  std::vector<Descended> all;
  for (std::size_t b = 0; b < trials.size(); ++b) all.emplace_back(trials[b], starts[b]);
  const auto [task, weights] = stacked(starts);
  const TwoLayer model(weights);
  Descent descent(model, task, lr);
  auto marks = geometric_steps(10, steps, checkpoints);
  marks.insert(marks.begin(), 0);
  std::int64_t done = 0;
  for (const std::int64_t mark : marks) {
    descent.run(mark - done);
    done = mark;
    const auto now = model.weights();
    const auto losses = descent.loss().to_vector();
    for (std::size_t b = 0; b < all.size(); ++b) {
      const auto i = static_cast<std::int64_t>(b);
      all[b].look(static_cast<double>(mark) * lr, {now.W1.select(0, i), now.W2.select(0, i)}, losses[b]);
    }
  }
  for (Descended& one : all) one.record();
}

}  // namespace sigmagrad::experiments::balanced
