// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/detail/broadcast.hpp>
#include <sigmagrad/autograd/detail/launch.hpp>
#include <sigmagrad/autograd/detail/loops.hpp>
#include <sigmagrad/autograd/detail/record.hpp>
#include <sigmagrad/autograd/reductions.hpp>

namespace sigmagrad::detail {

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

void check_same_dtype(const char* operation, const Tensor& a, const Tensor& b);

/// out = f(x) without history.
template <class F>
Tensor map(const Tensor& x, F f) {
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), n = x.numel(), f] { map_loop(to, from, n, f); });
  });
  return out;
}

/// out = f(x, scalar) without history; the scalar is read when the kernel runs.
template <class F>
Tensor map(const Tensor& x, Scalar scalar, F f) {
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), n = x.numel(), scalar, f] {
      map_scalar_loop(to, from, static_cast<T>(scalar.now()), n, f);
    });
  });
  return out;
}

/// out = f(a, b) without history; the shapes broadcast.
template <class F>
Tensor map(const char* name, const Tensor& a, const Tensor& b, F f) {
  check_same_dtype(name, a, b);
  const bool same = a.shape() == b.shape();
  const Shape shape = same ? a.shape() : broadcast_shapes(name, a.shape(), b.shape());
  Tensor out = make_tensor(shape, a.dtype());
  dispatch(a.dtype(), [&]<class T>(T) {
    T* const to = fresh<T>(out);
    const T *x = read<T>(a), *y = read<T>(b);
    if (same)
      launch([to, x, y, n = shape.numel(), f] { broadcast_row(to, x, y, n, true, true, f); });
    else if (shape.numel() > 0)
      launch([to, x, y, plan = Broadcast(shape, a.shape(), b.shape()), f] { broadcast_loop(to, x, y, plan, f); });
  });
  return out;
}

/// An operation on one tensor: `f` computes an entry, `rule` the gradient.
template <class F, class Rule>
Tensor unary(const char* name, const Tensor& x, Saves saves, F f, Rule rule) {
  return record<1>(name, {&x}, map(x, f), saves, rule);
}

template <class F, class Rule>
Tensor unary(const char* name, const Tensor& x, Scalar scalar, Saves saves, F f, Rule rule) {
  return record<1>(name, {&x}, map(x, scalar, f), saves, rule);
}

/// An operation on two tensors, with a rule for each as if nothing were broadcast; sums over broadcast axes follow.
template <class F, class RuleA, class RuleB>
Tensor binary(const char* name, const Tensor& a, const Tensor& b, Saves saves, F f, RuleA rule_a, RuleB rule_b) {
  Tensor out = map(name, a, b, f);
  if (a.shape() == b.shape()) return record<2>(name, {&a, &b}, std::move(out), saves, rule_a, rule_b);
  const auto summed = [](auto rule, const Shape& shape) {
    return [rule, shape](const Saved& saved, const Tensor& grad) {
      Tensor full = rule(saved, grad);
      return full.defined() ? sum_to(std::move(full), shape) : full;
    };
  };
  return record<2>(name, {&a, &b}, std::move(out), saves, summed(rule_a, a.shape()), summed(rule_b, b.shape()));
}

/// a * b, and 0 where either is 0 even if the other is infinite or NaN: what a mask hides must leave no trace.
inline constexpr auto masked_product = [](auto a, auto b) {
  return (b == 0 ? decltype(a)(0) : a) * (a == 0 ? decltype(b)(0) : b);  // choices of operands become vector code
};
Tensor masked(const Tensor& a, const Tensor& b);

/// y (1 - y), the derivative of y = sigmoid(x), which keeps its digits however large x is.
Tensor sigmoid_slope(const Tensor& x, const Tensor& y);

/// grad where x is positive, slope * grad elsewhere (0 if slope is 0, whatever grad is); no gradient flows to x.
Tensor gate(const Tensor& grad, const Tensor& x, double slope);

}  // namespace sigmagrad::detail
