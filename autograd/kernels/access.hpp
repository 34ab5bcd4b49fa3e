// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

// How a kernel reaches the memory of a tensor, as plain pointers to its entries.
namespace sigmagrad::engine {

/// Calls f(double{}) or f(float{}).
template <class F>
decltype(auto) dispatch(Dtype dtype, F&& f) {
  return dtype == f64 ? f(double{}) : f(float{});
}

template <class T>
const T* read(const Tensor& tensor) {
  return static_cast<const T*>(tensor.impl().read());
}
template <class T>
T* write(const Tensor& tensor) {
  return static_cast<T*>(tensor.impl().write());
}
/// The memory of a tensor that was just made and that nobody else has seen.
template <class T>
T* fresh(const Tensor& tensor) {
  return static_cast<T*>(tensor.impl().block->data());
}

inline Tensor make_tensor(const Shape& shape, Dtype dtype) { return Tensor(TensorImpl::make(shape, dtype)); }

}  // namespace sigmagrad::engine
