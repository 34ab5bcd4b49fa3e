// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

struct ReduceLROnPlateauOptions {
  std::string mode = "min";  // or "max": what a better metric is
  double factor = 0.1;
  std::int64_t patience = 10;
  double threshold = 1e-4;
  std::string threshold_mode = "rel";  // or "abs"
  std::int64_t cooldown = 0;
  double min_lr = 0.0;
  double eps = 1e-8;
};

/// Multiplies the rates of all groups by `factor`, down to min_lr, where a metric has not become better for more than
/// `patience` steps in a row; the `cooldown` steps after that are not counted. Better is below best (1 - threshold), or
/// best - threshold with "abs"; for "max" above best (1 + threshold), or best + threshold. A change of a rate by eps or
/// less is not made. PyTorch's numbers; NaN is no better. The optimiser must outlive it.
class ReduceLROnPlateau {
 public:
  using Options = ReduceLROnPlateauOptions;
  explicit ReduceLROnPlateau(Optimizer& optimizer, Options options = {});
  ReduceLROnPlateau(const ReduceLROnPlateau&) = delete;
  ReduceLROnPlateau& operator=(const ReduceLROnPlateau&) = delete;

  /// With the metric of an epoch, between captured steps: schedule.step(loss.item()).
  void step(double metric);
  double best() const { return best_; }

  /// "best", "bad_steps" and "cooldown". The present rates are part of the optimiser's state.
  NamedTensors state_dict() const;
  void load_state_dict(const NamedTensors& saved);

 private:
  bool better(double metric) const;
  void reduce();

  Optimizer* optimizer_;
  Options options_;
  double best_;
  std::int64_t bad_steps_ = 0, cooldown_ = 0;
};

}  // namespace sigmagrad::optim
