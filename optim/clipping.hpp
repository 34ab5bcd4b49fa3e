// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <limits>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Gradients, changed in place between `backward` and the optimiser's step. Parameters without a gradient are left out.
// Nothing is read on the host, so all of it can be part of a captured step.
namespace sigmagrad::optim {

/// Multiplies all gradients by min(1, max_norm / (total + 1e-6)), where total is the norm_type-norm (p > 0, infinity
/// included) of all their entries, as PyTorch does; Pascanu, Mikolov and Bengio 2013. Returns the total before that,
/// f64; entries may be of any finite size. An infinite total makes finite entries 0 and infinite ones
/// NaN; a total of NaN makes all NaN.
Tensor clip_grad_norm_(const std::vector<Tensor>& params, double max_norm, double norm_type = 2.0);

struct ClipOptions {
  double norm_type = 2.0;
  bool per_model = false;  // the first axis of every gradient counts models, each of which has a norm of its own
};
/// With a norm for each model, [M], what happens to a model is what would happen to it alone; a first axis that differs
/// between gradients is an Error, and so is that no parameter has one.
Tensor clip_grad_norm_(const std::vector<Tensor>& params, double max_norm, const ClipOptions& options);

/// Clips each gradient on its own. Returns their norms before, in order, f64; a gradient of zeros stays so.
Tensor clip_grad_norms_(const std::vector<Tensor>& params, double max_norm, double norm_type = 2.0);

/// Rescales each matrix of the gradients [..., m, n] by min(1, max_norm / s1): its largest singular value is then at
/// most max_norm. Gradients of fewer axes are left alone; non-finite ones are an Error.
void clip_grad_spectral_(const std::vector<Tensor>& params, double max_norm);

/// Replaces singular values above max_value by max_value, which leaves the smaller directions as they are; otherwise as
/// clip_grad_spectral_.
void clip_grad_singular_values_(const std::vector<Tensor>& params, double max_value);

}  // namespace sigmagrad::optim
