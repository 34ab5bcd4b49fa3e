// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/representations.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace sigmagrad::experiments::balanced {

namespace {

constexpr int checkpoints = 30;
constexpr std::int64_t drawn_entries = 3;

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
      if (comparison_.trial().index() == 0) draw_entries(i, time, solution[i]);
      if (i == 0 || time == 0) continue;  // of the product no change is drawn
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
  void draw_entries(std::size_t i, double time, const Tensor& solution) {
    const auto measured_row = now_[i].select(0, 0), exact_row = solution.select(0, 0);
    for (std::int64_t k = 0; k < std::min(drawn_entries, measured_row.size(0)); ++k)
      comparison_.draw(parts[i].entries[static_cast<std::size_t>(k)], time, measured_row.select(0, k).item(),
                       exact_row.select(0, k).item());
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
  std::vector<CurvePair> entries;
  for (std::int64_t k = 1; k <= drawn_entries; ++k)
    entries.push_back(curve_pair(fmt::format("{}_entry_{}", name, k), fmt::format("entry (1, {})", k)));
  return {.deviation = {.name = name + "_deviation", .label = "largest relative deviation of the " + label},
          .change = {.name = name + "_change", .label = "relative change of the " + label},
          .curves = curve_pair(name + "_change", "change of the " + label),
          .entries = entries};
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

double distance_from_limits(const theory::BalancedDynamics& flow, const Task& task, double lambda) {
  const auto n = task.Sigma.size(0);
  const auto qqt = flow.qqt({1e4 / std::max(1.0, std::abs(lambda))}).select(0, 0);
  const auto block = [&](std::int64_t row, std::int64_t column) {
    return qqt.narrow(0, row * n, n).narrow(1, column * n, n);
  };
  const auto [input, output] = theory::converged_representations(task.Sigma, lambda, n);
  const auto kernel = [&](const Tensor& in, const Tensor& out) { return theory::tangent_kernel(in, out, task.X); };
  const auto of = [](const Tensor& now, const Tensor& limit) { return relative_distance(now, limit).item(); };
  return std::max({of(block(1, 0), task.Sigma), of(block(0, 0), input), of(block(1, 1), output),
                   of(kernel(block(0, 0), block(1, 1)), kernel(input, output))});
}

}  // namespace sigmagrad::experiments::balanced
