// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <memory>
#include <sigmagrad/autograd/tensor.hpp>

namespace sigmagrad::detail {

/// While one lives, a copy of a handle to one of `originals` is a handle to that tensor's clone. An object made of
/// handles is then copied deeply by its own copy constructor, whatever its type and whatever holds it.
class Cloning {
 public:
  explicit Cloning(const std::vector<Tensor>& originals);
  ~Cloning();
  Cloning(const Cloning&) = delete;
  Cloning& operator=(const Cloning&) = delete;

  const Ref<TensorImpl>& counterpart(const Ref<TensorImpl>& original) const;
  /// The same for other shared objects, which copy themselves: null until the first request has filled it.
  std::shared_ptr<void>& counterpart(const void* original) { return objects_[original]; }

 private:
  std::map<const TensorImpl*, Ref<TensorImpl>> tensors_;
  std::map<const void*, std::shared_ptr<void>> objects_;
};

}  // namespace sigmagrad::detail
