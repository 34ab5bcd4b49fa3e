// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include <sigmagrad/optim/train_models.hpp>

namespace sigmagrad::optim::detail {

/// The models of a chunk in training, and what becomes of each when it stops. Stopped models go on through the chunk's
/// kernels: at their start, where the loss is sound, and with gradients of 0.
class RunningModels {
 public:
  /// `ended` are the results of all models, of which these are n from `first` on.
  RunningModels(std::vector<Tensor> parameters, std::int64_t first, std::int64_t n, double loss_below,
                const TrainedModels& ended);
  RunningModels(const RunningModels&) = delete;
  RunningModels& operator=(const RunningModels&) = delete;

  // Parts of a captured step.
  /// After `backward`: stops the models whose loss is below or is not finite, or whose gradient is too large to square.
  void stop(const Tensor& losses);
  /// After the optimiser's step: counts it, and takes stopped models back.
  void hold();

  /// Stops all that still run, at the end: `losses` are those of the parameters as they are.
  void stop_all(const Tensor& losses);
  std::int64_t running() const { return running_; }
  std::vector<bool> which_run() const;

 private:
  enum class Phase : std::uint8_t { Running, Stopping, Stopped };

  void find_unsound_gradients();
  /// Stops the models whose loss is below the limit, or who have diverged.
  void judge(const Tensor& losses, double limit);
  /// Keeps the parameters of the models that stop just now, takes them back, and clears the gradients of all stopped.
  void keep_and_clear();
  /// f(model, phase) for each that does not run; nothing to look for while all do.
  template <class F>
  void each_stopped(F f) const {
    for (std::int64_t m = 0; running_ < n_ && m < n_; ++m)
      if (const Phase phase = phases_[static_cast<std::size_t>(m)]; phase != Phase::Running) f(m, phase);
  }

  std::vector<Tensor> parameters_, starts_;
  const TrainedModels& ended_;
  const std::int64_t first_, n_;
  const double loss_below_;
  std::int64_t running_;
  double steps_ = 0.0;
  std::vector<Phase> phases_;
  std::vector<char> unsound_;  // the model's gradient has an entry that no optimiser takes
};

}  // namespace sigmagrad::optim::detail
