// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::nn {

/// A tensor that is a member of a module and in its list. It is read like any tensor, and changed in place:
/// `layer.weight.copy_(t)` under a NoGrad. `layer.weight = t` does not compile, for optimisers and the module's own
/// list would go on with the old tensor. `Tensor w = layer.weight` is a handle that can be assigned, which `auto w` is
/// not.
class Registered : public Tensor {
 public:
  /// Undefined, until it is given what the module registered.
  Registered() = default;
  Registered(const Registered&) = default;
  Registered(Registered&&) noexcept = default;
  ~Registered() = default;

  Registered& operator=(Registered&&) noexcept = default;
  Registered& operator=(const Registered&) = delete;  // it changes in place: copy_(t) under a NoGrad
  Registered& operator=(const Tensor&) = delete;      // it changes in place: copy_(t) under a NoGrad

 protected:
  explicit Registered(const Tensor& tensor) : Tensor(tensor) {}
};

/// A tensor that a module trains: what `register_parameter` returns, and the type of such a member.
class Parameter : public Registered {
 public:
  Parameter() = default;

 private:
  friend class Module;
  explicit Parameter(const Tensor& leaf) : Registered(leaf) {}
};

/// A tensor that a module keeps but does not train: what `register_buffer` returns, and the type of such a member.
class Buffer : public Registered {
 public:
  Buffer() = default;

 private:
  friend class Module;
  explicit Buffer(const Tensor& tensor) : Registered(tensor) {}
};

}  // namespace sigmagrad::nn
