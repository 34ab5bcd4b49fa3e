// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>

#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

struct SAMOptions {
  double rho = 0.05;
  bool adaptive = false;
  bool per_model = false;  // the first axis of every parameter counts models, each of which has a norm of its own
};

/// Sharpness-aware minimisation (Foret et al. 2021, algorithm 1) around any optimiser: its step, at p, by the gradient
/// at p + e with
///   e = rho g / (||g|| + 1e-12), or if `adaptive` (Kwon et al. 2021) e = rho p^2 g / (||p g|| + 1e-12),
/// over all parameters that have a gradient.
///   SAM sam(optimizer, {.rho = 0.1});
///   sam.step([&] { sam.zero_grad(); const auto loss = loss_of(model); loss.backward(); return loss; });
/// The optimiser must outlive it.
class SAM {
 public:
  using Options = SAMOptions;
  explicit SAM(Optimizer& optimizer, Options options = {});

  /// Returns the loss at p. The closure, which is called twice, clears the gradients, calls `backward` and returns the
  /// loss. The parameters are back at p before the optimiser's step, and if the closure throws. Can be part of a
  /// captured step, whose replay computes both gradients.
  Tensor step(const std::function<Tensor()>& closure);
  void zero_grad() { optimizer_->zero_grad(); }

  /// The optimiser's: SAM remembers nothing.
  NamedTensors state_dict() const { return optimizer_->state_dict(); }
  void load_state_dict(const NamedTensors& saved) { optimizer_->load_state_dict(saved); }

 private:
  Optimizer* optimizer_;
  Options options_;
};

}  // namespace sigmagrad::optim
