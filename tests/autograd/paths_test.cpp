// SPDX-License-Identifier: BSD-3-Clause
// Which rules grad() evaluates, and that it finds its inputs: walks inside rules, on other threads, through much.
#include <cmath>
#include <thread>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/derivatives.hpp>
#include <sigmagrad/autograd/graph/function.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;
using Tensors = std::vector<Tensor>;

Tensor leaf(double value) { return full({}, value).requires_grad_(); }

int evaluated = 0;

// The identity, which counts how often its rule is evaluated.
struct Counted : Function<Counted> {
  static Tensor forward(Context&, const Tensor& x) { return x * 1.0; }
  static Tensors backward(Context&, const Tensor& gradient) {
    ++evaluated;
    return {gradient};
  }
};

TEST(Paths, OnlyRulesThatLeadToAnInputAreEvaluated) {
  const Tensor w = leaf(2), other = leaf(3);
  const Tensor shared = Counted::apply(w);
  Tensor x = shared;
  for (int i = 0; i < 20; ++i) x = Counted::apply(x) + Counted::apply(other) * Counted::apply(x);
  const GradOptions retain{.retain_graph = true};
  const auto count = [&](const Tensors& inputs) {
    evaluated = 0;
    grad(x, inputs, retain);
    return evaluated;
  };
  EXPECT_EQ(count({w}), 41);
  EXPECT_EQ(count({shared}), 40);
  EXPECT_EQ(count({other}), 58);  // the first step's shared value leads to w alone
  EXPECT_EQ(count({w, other}), 61);
  EXPECT_EQ(count({x}), 0);
}

TEST(Paths, EveryFurtherInputOfANodeSharesOneWant) {
  Tensors parts;
  for (int i = 0; i < 70; ++i) parts.push_back(full({1}, i).requires_grad_());
  const Tensor loss = (cat(parts, 0) * arange(70)).sum();
  for (const std::size_t i : {0u, 62u, 63u, 64u, 69u})
    EXPECT_EQ(grad(loss, {parts[i]}, {.retain_graph = true})[0].item(), static_cast<double>(i));
}

TEST(Paths, AnInputMayStandTwice) {
  const Tensor w = leaf(3), y = w * w;
  const auto gradients = grad(y * y, {w, y, w, y});
  EXPECT_EQ(gradients[0].item(), 108.0);
  EXPECT_EQ(gradients[2].item(), 108.0);
  EXPECT_EQ(gradients[1].item(), 18.0);
  EXPECT_EQ(gradients[3].item(), 18.0);
}

TEST(Paths, SeveralOutputsOfOneOperationAreInputs) {
  const Tensor A = tensor({2, 1, 1, 3}, {2, 2}).requires_grad_();
  const auto [values, vectors] = linalg::eigh(A);
  const Tensor loss = square(values).sum() + 3.0 * vectors.sum();
  const auto gradients = grad(loss, {vectors, A, values, vectors});
  EXPECT_TRUE(same(gradients[0], full({2, 2}, 3.0)));
  EXPECT_TRUE(same(gradients[2], 2.0 * values.detach()));
  EXPECT_TRUE(same(gradients[3], gradients[0]));
  EXPECT_EQ(gradients[1].shape(), Shape({2, 2}));
}

TEST(Paths, ManyInputsHaveTheGradientsOfBackward) {
  Tensors leaves(3000);
  for (std::size_t i = 0; i < leaves.size(); ++i) leaves[i] = leaf(1.0 + 1e-4 * static_cast<double>(i));
  Tensor x = leaves[0];
  for (std::size_t i = 0; i < 3 * leaves.size(); ++i) x = x * leaves[i % leaves.size()] * 0.9 + leaves[i / 3];
  const auto gradients = grad(x, leaves, {.retain_graph = true});
  x.backward();
  for (std::size_t i = 0; i < leaves.size(); ++i) ASSERT_TRUE(same(gradients[i], leaves[i].grad())) << i;
}

TEST(Paths, ADiamondIsLookedThroughOnce) {
  const Tensor w = leaf(0.5);
  Tensor x = w;
  for (int i = 0; i < 60; ++i) x = x + x;  // 2^60 paths
  EXPECT_EQ(grad(x, {w})[0].item(), std::ldexp(1.0, 60));
}

TEST(Paths, AGradientOfAGradientOfALongChain) {
  const Tensor w = leaf(1), v = leaf(1);
  Tensor x = w;
  for (int i = 0; i < 100'000; ++i) x = x * 1.0 + v;
  const auto [first] = grad(x * x, {w}, {.create_graph = true});  // 2 (w + n v)
  const auto [second] = grad(first, {v});
  EXPECT_EQ(second.item(), 200'000.0);
}

// The identity in x, whose rule walks the graph between two other tensors.
struct WalksTheOutside : Function<WalksTheOutside> {
  static Tensor forward(Context& ctx, const Tensor& x, const Tensor& outside, const Tensor& start) {
    ctx.keep(Tensors{outside, start});
    return x * 1.0;
  }
  static Tensors backward(Context& ctx, const Tensor& gradient) {
    const auto& kept = ctx.kept<Tensors>(0);
    const auto [slope] = grad(kept[0], {kept[1]}, {.retain_graph = true});
    EXPECT_EQ(slope.item(), 4.0);
    return {gradient, gradient * 0.0, gradient * 0.0};
  }
};

TEST(Paths, ARuleMayWalkTheGraphThatIsBeingWalked) {
  const Tensor w = leaf(2), other = leaf(5);
  const Tensor outside = w * w;
  Tensor x = outside;
  for (int i = 0; i < 5; ++i) x = WalksTheOutside::apply(x * 2.0, outside, w) + other * 1.0;
  const auto gradients = grad(x, {w, other, outside}, {.retain_graph = true});
  EXPECT_EQ(gradients[0].item(), 128.0);  // 2^5 w^2
  EXPECT_EQ(gradients[1].item(), 31.0);
  EXPECT_EQ(gradients[2].item(), 32.0);
}

TEST(Paths, AnErrorInsideAWalkLeavesNothingBehind) {
  const Tensor w = leaf(2), unused = leaf(3);
  const Tensor y = w * w;
  EXPECT_NE(error_of([&] { grad(y, {w, unused}); }), "no error");
  EXPECT_EQ(grad(y, {w})[0].item(), 4.0);  // the graph was not released
}

TEST(Paths, ThreadsMayWalkOneGraphThatAllRetain) {
  const Tensor w = leaf(1);
  Tensor x = w;
  for (int i = 0; i < 2000; ++i) x = x * 0.999 + w;
  const double expected = grad(x, {w}, {.retain_graph = true})[0].item();
  std::array<double, 3> found{};
  std::vector<std::thread> threads;
  for (auto& result : found)
    threads.emplace_back([&result, &x, &w] {
      for (int round = 0; round < 20; ++round) {
        const auto [own] = grad(square(x * 1.0), {w}, {.retain_graph = true});  // and what only this thread has
        const auto [shared] = grad(x, {w}, {.retain_graph = true});
        result = shared.item();
        EXPECT_NEAR(own.item(), 2.0 * x.item() * result, 1e-9 * std::abs(own.item()));
      }
    });
  for (int round = 0; round < 20; ++round) EXPECT_EQ(grad(x, {w}, {.retain_graph = true})[0].item(), expected) << round;
  for (auto& thread : threads) thread.join();
  for (const double result : found) EXPECT_EQ(result, expected);
}

TEST(Paths, JacobianRowsShareTheirPaths) {
  const Tensor x = tensor({1, 2, 3}, {3});
  evaluated = 0;
  const auto J = jacobian(
      [](const Tensor& z) {
        const Tensor side = Counted::apply(z.detach().requires_grad_());  // leads to no input
        return z * z * side;
      },
      x);
  EXPECT_TRUE(same(J, diag(tensor({2, 8, 18}, {3}))));
  EXPECT_EQ(evaluated, 0);
}

TEST(Paths, ACapturedGradHasTheSameBits) {
  Tensor x = leaf(0.3);
  const Tensor y = leaf(0.7);
  const auto body = [&] { return grad(tanh(x * y) * Counted::apply(y), {x})[0]; };
  auto step = capture(body);
  for (int call = 0; call < 4; ++call) {
    const NoGrad guard;
    x.add_(0.1);
    const GradMode mode(true);
    EXPECT_TRUE(same(step(), body())) << call;
  }
}

}  // namespace
}  // namespace sigmagrad
