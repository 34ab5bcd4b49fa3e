// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

/// How far an average moves towards the parameters after that step (1, 2, ...), if `count` values are in it: from 0,
/// which leaves this step out, to 1, which the first value has.
using AverageWeight = std::function<double(std::int64_t step, std::int64_t count)>;

/// Averages of an optimiser's parameters over its steps: a <- a + weight (p - a) in every `step` of the optimiser,
/// captured ones included, after the hooks that were added before. One of one's own is a function:
///   Averages mean(optimizer, [](std::int64_t, std::int64_t count) { return 1.0 / (1 + count); });
class Averages {
 public:
  Averages(Optimizer& optimizer, AverageWeight weight);
  Averages(const Averages&) = delete;
  Averages& operator=(const Averages&) = delete;

  /// In the order of the optimiser's parameters; before the first step, these as they were when this was made.
  const std::vector<Tensor>& values() const;
  /// Number of steps in the averages.
  std::int64_t count() const;

  /// The parameters have the averages' values as long as it lives, and get their own back.
  class Applied {
   public:
    explicit Applied(Averages& averages) : averages_(averages) { averages_.put_in(); }
    ~Applied() { averages_.take_out(); }
    Applied(const Applied&) = delete;
    Applied& operator=(const Applied&) = delete;

   private:
    Averages& averages_;
  };
  /// { const auto applied = ema.apply(); evaluate(model); }, between the calls of captured steps. Error
  /// if they are applied already. A step meanwhile is an Error, before it changes anything.
  [[nodiscard]] Applied apply() { return Applied(*this); }

  /// "steps", "count" and the averages "0", "1", ...
  NamedTensors state_dict() const;
  /// Error, with nothing changed, for an entry that is missing, unknown or of another shape.
  void load_state_dict(const NamedTensors& saved);

 private:
  struct State;
  void put_in();
  void take_out() noexcept;
  void swap();

  std::shared_ptr<State> state_;  // which the optimiser's hook shares
};

struct EMAOptions {
  double decay = 0.999;
};
/// a <- decay a + (1 - decay) p, from the first step's p on, as PyTorch's AveragedModel with get_ema_multi_avg_fn.
class EMA : public Averages {
 public:
  using Options = EMAOptions;
  explicit EMA(Optimizer& optimizer, Options options = {});
};

struct SWAOptions {
  std::int64_t start = 0;  // steps before the first that counts
  std::int64_t every = 1;  // steps from one that counts to the next
};
/// The mean of the parameters after steps start + every, start + 2 every, ... (Izmailov et al. 2018), as PyTorch's
/// AveragedModel.
class SWA : public Averages {
 public:
  using Options = SWAOptions;
  explicit SWA(Optimizer& optimizer, Options options = {});
};

}  // namespace sigmagrad::optim
