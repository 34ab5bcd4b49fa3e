// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

struct LBFGSOptions {
  double lr = 1.0;
  int max_iter = 20;              // of a step
  std::optional<int> max_eval{};  // calls of the closure in a step; 5/4 max_iter unless given
  int history_size = 100;
  double tolerance_grad = 1e-7;      // a step ends where no entry of the gradient is larger
  double tolerance_change = 1e-9;    // or where neither a parameter nor the loss changes by more
  std::string line_search = "none";  // or "strong_wolfe"; without one, each iteration moves by lr
};

/// L-BFGS (Nocedal and Wright 2006, algorithm 7.5) of all parameters as one vector, PyTorch's algorithm and defaults.
///   LBFGS optimizer(model.parameters(), {.line_search = "strong_wolfe"});
///   optimizer.step([&] { optimizer.zero_grad(); const auto loss = loss_of(model); loss.backward(); return loss; });
/// The closure clears the gradients, calls `backward` and returns the loss, which must be a function of the parameters
/// alone. Many models at once would share one curvature and one step: take them one by one.
class LBFGS : public Optimizer {
 public:
  using Options = LBFGSOptions;
  explicit LBFGS(std::vector<Tensor> params, Options options = {});

  /// Up to max_iter iterations, then the hooks; returns the loss before them. Error if the loss or the gradient is not
  /// finite there or at a point that was taken; parameters and state are then, and if the closure throws, what they
  /// were. Not in a captured step: it looks at values.
  Tensor step(const std::function<Tensor()>& closure);

  /// "iterations", "evaluations", "t", "diagonal"; after the first iteration also "direction", "gradient",
  /// "curvatures", and "changes" and "steps", with a row for each pair in the history.
  NamedTensors state_dict() const override;
  void load_state_dict(const NamedTensors& saved) override;

 protected:
  void check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state,
             const Group& group) override;
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;

 private:
  // Its tensors are never changed in place: a copy is what an Error goes back to.
  struct Memory {
    std::int64_t iterations = 0, evaluations = 0;
    double t = 0.0, diagonal = 1.0;
    Tensor direction, gradient;              // of the last iteration
    std::vector<Tensor> changes{}, steps{};  // of the gradient and of the parameters, oldest first
    std::vector<double> curvatures{};        // 1 / (change' step)
  };
  struct Evaluation {
    Tensor result;  // of the closure
    double loss = 0.0;
    Tensor gradient;
  };

  Evaluation evaluate(const std::function<Tensor()>& closure);
  Tensor minimise(const std::function<Tensor()>& closure);
  void remember(const Tensor& gradient);
  Tensor direction(const Tensor& gradient) const;
  void move(const std::function<Tensor()>& closure, Evaluation& now, double slope, int evaluations_left, bool last);
  NamedTensors expected_state(const NamedTensors& saved) const;

  Options options_;
  Memory memory_;
};

}  // namespace sigmagrad::optim
