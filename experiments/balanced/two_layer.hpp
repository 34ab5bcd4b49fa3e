// SPDX-License-Identifier: BSD-3-Clause
// What the experiments of paper 004 share: white tasks, two-layer linear networks and their full-batch training. All
// take leading batch axes, one entry a trial.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/experiment.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::balanced {

using namespace lab;

/// White inputs X [..., P, n_i], X'X / P = I, outputs Y [..., P, n_o] and Sigma = Y'X / P [..., n_o, n_i].
struct Task {
  Tensor X, Y, Sigma;

  /// The loss that no linear network gets below: [...].
  Tensor irreducible_loss() const;
};
Task make_task(const Tensor& X, const Tensor& Y);
/// X whitened from standard normal entries, Y standard normal.
Task random_task(std::int64_t n_i, std::int64_t n_o, std::int64_t samples, Generator& generator);

/// Sizes of a two-layer network as a text, "3x4x5" for n_i, n_h, n_o; Error for any other.
theory::TwoLayerSizes parse_sizes(const std::string& text);
/// Whether such a network has lambda-balanced weights.
bool has_balanced_weights(const theory::TwoLayerSizes& sizes, double lambda);

/// One trial's start.
struct Start {
  Task task;
  theory::TwoLayerWeights weights;
};
/// The starts of several trials as one, with a leading axis.
Start stacked(std::span<const Start> starts);

/// Several random tasks to be learned in turn, and the balanced weights of square layers to begin with.
struct TaskSequence {
  std::vector<Task> tasks;
  theory::TwoLayerWeights weights;
};
struct TaskSequenceOptions {
  std::int64_t tasks, n, samples;
  double lambda, sigma = 1.0;  // sigma: of the Gaussian weights whose product is made balanced
};
TaskSequence random_sequence(std::span<const Trial> trials, const TaskSequenceOptions& options);

/// y = W2 W1 x.
class TwoLayer : public nn::Module {
 public:
  explicit TwoLayer(const theory::TwoLayerWeights& weights)
      : W1(register_parameter("W1", weights.W1.clone())), W2(register_parameter("W2", weights.W2.clone())) {}

  Tensor operator()(const Tensor& x) const { return matmul(matmul(x, W1.t()), W2.t()); }
  /// The present values.
  theory::TwoLayerWeights weights() const { return {W1.detach().clone(), W2.detach().clone()}; }
  Tensor product() const;

  Tensor W1, W2;
};

/// 1/2 mean_p ||prediction - y||^2: [..., P, n_o] -> [...].
Tensor squared_error(const Tensor& prediction, const Tensor& y);

/// Gradient descent on squared_error over all samples, every trial of the batch for itself. After k steps of size lr
/// gradient flow has come to the time k lr, with tau = 1.
template <class Model>
class Descent {
 public:
  Descent(const Model& model, const Task& task, double lr)
      : model_(model), task_(task), optimizer_(model.parameters(), {.lr = lr}), step_(capture([this] {
          optimizer_.zero_grad();
          squared_error(model_(task_.X), task_.Y).sum().backward();
          optimizer_.step();
        })) {}
  Descent(const Descent&) = delete;

  void run(std::int64_t steps) {
    for (std::int64_t step = 0; step < steps; ++step) step_();
  }
  /// The loss of the present weights: [...].
  Tensor loss() const {
    const NoGrad guard;
    return squared_error(model_(task_.X), task_.Y);
  }

 private:
  Model model_;
  Task task_;
  optim::SGD optimizer_;
  CapturedStep step_;
};

/// ||a - b||_F / ||b||_F of matrices: [..., m, n] -> [...].
Tensor relative_distance(const Tensor& a, const Tensor& b);
/// Whole numbers from `first` to `last`, some `count` of them at equal ratios, without repetition.
std::vector<std::int64_t> geometric_steps(std::int64_t first, std::int64_t last, int count);

}  // namespace sigmagrad::experiments::balanced
