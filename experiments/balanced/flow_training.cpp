// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/flow_training.hpp>

#include <cmath>
#include <limits>
#include <vector>

namespace sigmagrad::experiments::balanced {

namespace {

// When a loss falls below `wanted`: between two looks its logarithm is a straight line.
class Crossing {
 public:
  Crossing(double wanted, double at_start) : wanted_(wanted), last_(at_start) {}
  void look(double time, double loss) {
    if (passed_ == 0 && loss <= wanted_)
      passed_ = last_time_ + (time - last_time_) * std::log(last_ / wanted_) / std::log(last_ / loss);
    last_time_ = time;
    last_ = loss;
  }
  double time() const { return passed_; }

 private:
  double wanted_, last_, last_time_ = 0.0, passed_ = 0.0;
};

std::vector<double> times_to_look() {
  std::vector<double> times;
  for (int i = 0; i <= 600; ++i) times.push_back(std::pow(10.0, -5 + i / 50.0));
  return times;
}

template <class Model>
Training trained(const Model& model, const Task& task) {
  const auto before = ntk(model, task.X);
  const double irreducible = task.irreducible_loss().item();
  const auto reducible = [&] { return squared_error(model(task.X), task.Y) - irreducible; };
  const auto now = [&] {
    const NoGrad guard;
    return reducible().item();
  };
  const double at_start = now(), wanted = learned * learned * at_start;
  Crossing crossing(wanted, at_start);
  const auto flow = optim::gradient_flow(reducible, model.parameters(),
                                         {.rtol = 1e-7,
                                          .loss_below = wanted,
                                          .max_steps = 100'000,
                                          .at = times_to_look(),
                                          .callback = [&](double time, std::int64_t) { crossing.look(time, now()); }});
  crossing.look(flow.t.item(), flow.loss.item());
  const auto after = ntk(model, task.X);
  return {crossing.time(), relative_distance(after, before).item(), theory::kernel_distance(before, after).item(),
          flow.reason.front() == optim::FlowStop::Loss};
}

}  // namespace

Training train(const TwoLayer& model, const Task& task) { return trained(model, task); }
Training train(const ThreeLayer& model, const Task& task) { return trained(model, task); }

double exact_time(const theory::BalancedDynamics& flow, double wanted) {
  const auto before = [&](double t) { return flow.loss({t}).item() > wanted; };
  double low = 0.0, high = 1e-4;
  while (before(high)) {
    low = high;
    high *= 2;
    if (high > 1e9) return std::numeric_limits<double>::infinity();
  }
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (before(middle) ? low : high) = middle;
  }
  return high;
}

}  // namespace sigmagrad::experiments::balanced
