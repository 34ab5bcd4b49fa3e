// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::nn {

/// A tensor that a module trains: what `register_parameter` returns, and the type of such a member. It is read like any
/// tensor, and changed in place: `layer.weight.copy_(t)` under a NoGrad. `layer.weight = t` does not compile, for
/// optimisers and the module's own list would go on with the old tensor. `Tensor w = layer.weight` is a handle that can
/// be assigned, which `auto w` is not.
class Parameter : public Tensor {
 public:
  /// Undefined, until it is given what `register_parameter` returns.
  Parameter() = default;
  Parameter(const Parameter&) = default;
  Parameter(Parameter&&) noexcept = default;
  ~Parameter() = default;

  Parameter& operator=(Parameter&&) noexcept = default;
  Parameter& operator=(const Parameter&) = delete;  // a parameter changes in place: copy_(t) under a NoGrad
  Parameter& operator=(const Tensor&) = delete;     // a parameter changes in place: copy_(t) under a NoGrad

 private:
  friend class Module;
  explicit Parameter(const Tensor& leaf) : Tensor(leaf) {}
};

}  // namespace sigmagrad::nn
