// SPDX-License-Identifier: BSD-3-Clause
// How long a network takes to learn a task, by gradient flow and in the exact solution.
#pragma once

#include <functional>

#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {

/// The part of the initial distance from the target where training counts as done.
inline constexpr double learned = 0.01;

/// How a training by gradient flow went.
struct Training {
  double time;             // until `learned`
  double kernel_change;    // ||K(end) - K(0)||_F / ||K(0)||_F
  double kernel_distance;  // 1 - cos(K(0), K(end))
  bool done;
};

/// When a loss falls below `wanted`: between two looks its logarithm is a straight line.
class LossCrossing {
 public:
  LossCrossing(double wanted, double at_start) : wanted_(wanted), last_(at_start) {}
  void look(double time, double loss);
  double time() const { return passed_; }

 private:
  double wanted_, last_, last_time_ = 0.0, passed_ = 0.0;
};

/// From 1e-5 to 1e7, at equal ratios.
std::vector<double> times_to_look();

struct TrainOptions {
  double until = learned;                      // the part of the initial distance at which it ends
  std::function<void(double time)> look = {};  // is called at `times_to_look`
};

/// Gradient flow from a model's present weights.
template <class Model>
Training train(const Model& model, const Task& task, const TrainOptions& options = {}) {
  const auto before = ntk(model, task.X);
  const double irreducible = task.irreducible_loss().item();
  const auto reducible = [&] { return squared_error(model(task.X), task.Y) - irreducible; };
  const auto now = [&] {
    const NoGrad guard;
    return reducible().item();
  };
  const double at_start = now();
  LossCrossing crossing(learned * learned * at_start, at_start);
  const auto look = [&](double time, std::int64_t) {
    crossing.look(time, now());
    if (options.look) options.look(time);
  };
  const auto flow = optim::gradient_flow(reducible, model.parameters(),
                                         {.rtol = 1e-7,
                                          .loss_below = options.until * options.until * at_start,
                                          .max_steps = 100'000,
                                          .at = times_to_look(),
                                          .callback = look});
  crossing.look(flow.t.item(), flow.loss.item());
  const auto after = ntk(model, task.X);
  return {crossing.time(), relative_distance(after, before).item(), theory::kernel_distance(before, after).item(),
          flow.reason.front() == optim::FlowStop::Loss};
}

/// The time at which the exact loss falls to `wanted`, by bisection; infinity where it does not by 1e9 tau.
double exact_time(const theory::BalancedDynamics& flow, double wanted);

}  // namespace sigmagrad::experiments::balanced
