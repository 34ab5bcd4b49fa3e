// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/broadcast.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/loops.hpp>

namespace sigmagrad::engine {

[[noreturn]] void fail_at_dtypes(const char* operation, const Tensor& a, const Tensor& b);
inline void check_same_dtype(const char* operation, const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype()) [[unlikely]]
    fail_at_dtypes(operation, a, b);
}

/// out = f(x) without history.
template <class F>
Tensor map(const Tensor& x, F f) {
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), n = x.numel(), f] { map_entries(to, from, n, f); });
  });
  return out;
}

/// out = f(x, scalar) without history; the scalar is read when the kernel runs.
template <class F>
Tensor map(const Tensor& x, Scalar scalar, F f) {
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), n = x.numel(), scalar, f] {
      map_scalar_entries(to, from, static_cast<T>(scalar.now()), n, f);
    });
  });
  return out;
}

/// out = f(a, b) without history, for tensors of one shape and dtype.
template <class F>
Tensor map_alike(const Tensor& a, const Tensor& b, F f) {
  Tensor out = make_tensor(a.shape(), a.dtype());
  dispatch(a.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), x = read<T>(a), y = read<T>(b), n = out.numel(), f] { map_pairs(to, x, y, n, f); });
  });
  return out;
}

/// out = f(a, b) without history, for tensors of one dtype whose shapes broadcast.
template <class F>
Tensor map_broadcast(const char* name, const Tensor& a, const Tensor& b, F f) {
  const Shape shape = broadcast_shapes(name, a.shape(), b.shape());
  Tensor out = make_tensor(shape, a.dtype());
  dispatch(a.dtype(), [&]<class T>(T) {
    T* const to = fresh<T>(out);
    const T *x = read<T>(a), *y = read<T>(b);
    if (shape.numel() > 0)
      launch([to, x, y, plan = Broadcast(shape, a.shape(), b.shape()), f] { broadcast_loop(to, x, y, plan, f); });
  });
  return out;
}

/// out = f(a, b) without history; the shapes broadcast.
template <class F>
Tensor map(const char* name, const Tensor& a, const Tensor& b, F f) {
  check_same_dtype(name, a, b);
  return a.shape() == b.shape() ? map_alike(a, b, f) : map_broadcast(name, a, b, f);
}

}  // namespace sigmagrad::engine
