// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <vector>

#include <sigmagrad/nn/module.hpp>

namespace sigmagrad::nn {

/// One step from a layer's parameter to the weight it computes with.
struct Parametrization {
  std::function<Tensor(const Tensor& original)> weight;
  /// Called before each forward pass in training, with what `weight` will be given: brings buffers up to date.
  std::function<void(const Tensor& original)> advance{};
  /// Whose parameters and buffers it uses.
  Module module{};
};

namespace detail {
/// Kernels [..., out, in, k...] with that many axes k as matrices [..., out, in k...].
Tensor kernel_rows(const Tensor& kernels, int kernel_axes);
/// What a parametrisation of such matrices makes of kernels.
Parametrization of_kernels(Parametrization step, int kernel_axes);
}  // namespace detail

/// Parametrisations one after the other.
class ParametrizationChain {
 public:
  void append(Parametrization step) { steps_.push_back(std::move(step)); }
  Tensor operator()(const Tensor& original) const;
  void advance(const Tensor& original) const;

 private:
  std::vector<Parametrization> steps_;
};

// Recipes for `parametrize`. W is the layer's weight [..., out, in]; leading axes are a batch of layers.

/// diag(row) W diag(col), with row [..., out] and col [..., in] starting at 1 (paper 001, section 3.4; Velikanov et al.
/// 2026).
struct Multipliers {
  bool rows = true;
  bool cols = true;
  Parametrization start(const Tensor& weight) const;
};

/// W / s1. s1 = u' W v, for vectors u and v that are buffers, constants to the gradient, and take one step of the power
/// method before each forward pass in training (Miyato et al. 2018, algorithm 1). They start at W's own singular
/// vectors: the layer starts as W divided by its spectral norm. Where s1 is 0, the layer's weight is W itself.
struct SpectralNorm {
  Parametrization start(const Tensor& weight) const;
};

/// magnitude_i w_i / ||w_i|| for each row w_i, with magnitude [..., out] starting at the lengths of the rows (Salimans
/// and Kingma 2016, equation 2). A row of zeros stays one, and neither it nor its magnitude has a gradient.
struct WeightNorm {
  Parametrization start(const Tensor& weight) const;
};

/// U V' of W = U diag(s) V': orthonormal rows or columns, whichever are fewer. The layer starts there, which is W only
/// where W is orthogonal already. Needs s > 0.
struct Orthogonal {
  Parametrization start(const Tensor& weight) const;
};

/// W + A B with A [..., out, rank], which starts at 0, and B [..., rank, in], normal with variance 1 / in (Hu et al.
/// 2022, section 4.1; they freeze W: `layer.original.requires_grad_(false)`).
struct LowRank {
  std::int64_t rank = 1;
  Parametrization start(const Tensor& weight) const;
};

/// U diag(s + correction) V' of W = U diag(s) V', with correction [..., min(out, in)] starting at 0: the learnable
/// singular-value correction that paper 000 (section 4) proposes. U and V are buffers, constants to the gradient, and
/// follow W before each forward pass in training.
struct SingularValues {
  Parametrization start(const Tensor& weight) const;
};

}  // namespace sigmagrad::nn
