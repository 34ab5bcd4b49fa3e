// SPDX-License-Identifier: BSD-3-Clause
// Graphs a million operations deep: nothing may recurse along them.
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>

namespace sigmagrad {
namespace {

constexpr int depth = 1'000'000;

template <class Step>
Tensor chain(const Tensor& start, Step step) {
  Tensor x = start;
  for (int i = 0; i < depth; ++i) x = step(x);
  return x;
}

TEST(Chain, AMillionOperationsForwardAndBack) {
  Tensor w = ones({}).requires_grad_();
  chain(w, [](const Tensor& x) { return x + 1e-6; }).backward();
  EXPECT_EQ(w.grad().item(), 1.0);
}

TEST(Chain, AMillionSavedInputsForwardAndBack) {
  Tensor w = ones({}).requires_grad_();
  chain(w, [](const Tensor& x) { return square(x); }).backward({.retain_graph = true});
  EXPECT_TRUE(std::isinf(w.grad().item()));  // 2^depth
}

TEST(Chain, AMillionSavedOutputsForwardAndBack) {
  Tensor w = full({}, 0.5).requires_grad_();
  chain(w, [](const Tensor& x) { return tanh(x); }).backward();
  EXPECT_GT(w.grad().item(), 0.0);
}

TEST(Chain, GradWalksItToo) {
  const Tensor w = ones({}).requires_grad_();
  const auto [g] = grad(chain(w, [](const Tensor& x) { return -x; }), {w});
  EXPECT_EQ(g.item(), 1.0);
}

TEST(Chain, MayBeDropped) {
  const Tensor w = ones({}).requires_grad_();
  chain(w, [](const Tensor& x) { return x * 1.0; });
  chain(w, [](const Tensor& x) { return square(x); });
  chain(w, [](const Tensor& x) { return tanh(x); });
  chain(w, [](const Tensor& x) { return x.reshape({1}).reshape(Shape()); });
  EXPECT_TRUE(w.requires_grad());
}

TEST(Chain, MayBeAnInPlaceOne) {
  const Tensor w = ones({}).requires_grad_();
  Tensor x = w * 1.0;
  for (int i = 0; i < depth; ++i) x.add_(1.0);
  const auto [g] = grad(x, {w});
  EXPECT_EQ(g.item(), 1.0);
}

}  // namespace
}  // namespace sigmagrad
