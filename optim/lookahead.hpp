// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>

#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

struct LookaheadOptions {
  std::int64_t k = 5;
  double alpha = 0.5;
};

/// Lookahead (Zhang et al. 2019, algorithm 1) around any optimiser: after every k of its steps
///   slow <- slow + alpha (p - slow);  p <- slow, from the parameters as they are when this is made.
/// It is a hook of the optimiser, whose own `step` does the same; what the optimiser remembers goes on. Captured steps
/// have it too.
class Lookahead {
 public:
  using Options = LookaheadOptions;
  explicit Lookahead(Optimizer& optimizer, Options options = {});
  Lookahead(const Lookahead&) = delete;
  Lookahead& operator=(const Lookahead&) = delete;

  void step() { optimizer_->step(); }
  void zero_grad() { optimizer_->zero_grad(); }

  /// The optimiser's entries, "lookahead.steps" and the slow weights "lookahead.0", ...
  NamedTensors state_dict() const;
  /// Error, with nothing changed, for an entry that is missing, unknown or of another shape.
  void load_state_dict(const NamedTensors& saved);

 private:
  struct State;
  NamedTensors own_state() const;

  Optimizer* optimizer_;
  std::shared_ptr<State> state_;  // which the optimiser's hook shares
};

}  // namespace sigmagrad::optim
