// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>

namespace sigmagrad::engine {

/// An operation on one tensor: `f` computes an entry, `rule` the gradient.
template <class F, class Rule>
Tensor unary(const char* name, const Tensor& x, Saves saves, F f, Rule rule) {
  return make_node<1>(name, {&x}, map(x, f), saves, rule);
}

template <class F, class Rule>
Tensor unary(const char* name, const Tensor& x, Scalar scalar, Saves saves, F f, Rule rule) {
  return make_node<1>(name, {&x}, map(x, scalar, f), saves, rule);
}

/// An operation on two tensors, with a rule for each as if nothing were broadcast; sums over broadcast axes follow.
template <class F, class RuleA, class RuleB>
Tensor binary(const char* name, const Tensor& a, const Tensor& b, Saves saves, F f, RuleA rule_a, RuleB rule_b) {
  check_same_dtype(name, a, b);
  if (a.shape() == b.shape()) return make_node<2>(name, {&a, &b}, map_alike(a, b, f), saves, rule_a, rule_b);
  const auto summed = [](auto rule, const Shape& shape) {
    return [rule, shape](const Saved& saved, const Tensor& grad) {
      Tensor full = rule(saved, grad);
      return full.defined() ? sum_to(std::move(full), shape) : full;
    };
  };
  return make_node<2>(name, {&a, &b}, map_broadcast(name, a, b, f), saves, summed(rule_a, a.shape()),
                      summed(rule_b, b.shape()));
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

}  // namespace sigmagrad::engine
