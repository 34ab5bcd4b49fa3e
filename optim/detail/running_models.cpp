// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/detail/running_models.hpp>

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/multiversion.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::optim::detail {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Whether an entry is NaN or beyond `limit` in size. No branch, so that the compiler vectorises the loop.
template <class T>
SIGMAGRAD_MULTIVERSION bool any_beyond(const T* x, std::int64_t n, T limit) {
  int beyond = 0;
  for (std::int64_t i = 0; i < n; ++i) beyond |= static_cast<int>(!(std::abs(x[i]) <= limit));
  return beyond != 0;
}

// The largest size whose square optimisers keep, with room for what they add to it.
template <class T>
T largest_gradient() {
  return std::sqrt(std::numeric_limits<T>::max()) / T(16);
}

}  // namespace

RunningModels::RunningModels(std::vector<Tensor> parameters, std::int64_t first, std::int64_t n, double loss_below,
                             const TrainedModels& ended)
    : parameters_(std::move(parameters)),
      ended_(ended),
      first_(first),
      n_(n),
      loss_below_(loss_below),
      running_(n),
      phases_(static_cast<std::size_t>(n), Phase::Running),
      unsound_(static_cast<std::size_t>(n), 0) {
  for (const Tensor& parameter : parameters_) starts_.push_back(parameter.detach().clone());
}

void RunningModels::find_unsound_gradients() {
  engine::launch([this] { std::fill(unsound_.begin(), unsound_.end(), 0); });
  for (const Tensor& parameter : parameters_) {
    const Tensor grad = parameter.grad();
    if (!grad.defined()) continue;
    engine::dispatch(grad.dtype(), [&]<class T>(T) {
      engine::launch([this, g = engine::read<T>(grad), size = grad.numel() / n_] {
        for (std::int64_t m = 0; m < n_; ++m)
          if (any_beyond(g + m * size, size, largest_gradient<T>())) unsound_[static_cast<std::size_t>(m)] = 1;
      });
    });
  }
}

// A model that stops now is kept by the kernels that follow, and is one of the stopped from the next step on.
void RunningModels::judge(const Tensor& losses, double limit) {
  engine::launch([this, limit, loss = engine::read<double>(losses),
                  ended_loss = engine::write<double>(ended_.losses) + first_,
                  ended_steps = engine::write<double>(ended_.steps) + first_] {
    for (std::int64_t m = 0; m < n_; ++m) {
      Phase& phase = phases_[static_cast<std::size_t>(m)];
      if (phase != Phase::Running) {
        phase = Phase::Stopped;
        continue;
      }
      const bool unsound = unsound_[static_cast<std::size_t>(m)] != 0;
      if (std::isfinite(loss[m]) && !unsound && !(loss[m] < limit)) continue;
      phase = Phase::Stopping;
      --running_;
      ended_loss[m] = unsound && std::isfinite(loss[m]) ? infinity : loss[m];
      ended_steps[m] = steps_;
    }
  });
}

void RunningModels::keep_and_clear() {
  for (std::size_t k = 0; k < parameters_.size(); ++k) {
    const Tensor grad = parameters_[k].grad();
    engine::dispatch(parameters_[k].dtype(), [&]<class T>(T) {
      const std::int64_t size = parameters_[k].numel() / n_;
      engine::launch([this, size, g = grad.defined() ? engine::write<T>(grad) : nullptr,
                      p = engine::write<T>(parameters_[k]), start = engine::read<T>(starts_[k]),
                      kept = engine::write<T>(ended_.parameters[k]) + first_ * size] {
        each_stopped([&](std::int64_t m, Phase phase) {
          if (phase == Phase::Stopping) std::copy_n(p + m * size, size, kept + m * size);
          std::copy_n(start + m * size, size, p + m * size);
          if (g) std::fill_n(g + m * size, size, T(0));
        });
      });
    });
  }
}

void RunningModels::stop(const Tensor& losses) {
  find_unsound_gradients();
  judge(losses.detach().to(f64), loss_below_);
  keep_and_clear();
}

void RunningModels::hold() {
  engine::launch([this] { steps_ += 1.0; });
  for (std::size_t k = 0; k < parameters_.size(); ++k)
    engine::dispatch(parameters_[k].dtype(), [&]<class T>(T) {
      engine::launch([this, size = parameters_[k].numel() / n_, p = engine::write<T>(parameters_[k]),
                      start = engine::read<T>(starts_[k])] {
        each_stopped([&](std::int64_t m, Phase) { std::copy_n(start + m * size, size, p + m * size); });
      });
    });
}

std::vector<bool> RunningModels::which_run() const {
  std::vector<bool> run(static_cast<std::size_t>(n_), true);
  each_stopped([&](std::int64_t m, Phase) { run[static_cast<std::size_t>(m)] = false; });
  return run;
}

void RunningModels::stop_all(const Tensor& losses) {
  std::fill(unsound_.begin(), unsound_.end(), 0);
  judge(losses.detach().to(f64), infinity);
  keep_and_clear();
}

}  // namespace sigmagrad::optim::detail
