// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/function.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;

Tensor leaf(const std::vector<double>& values) {
  return tensor(values, {static_cast<std::int64_t>(values.size())}).requires_grad_();
}

// The identity, whose gradient must never be asked for.
struct Untouchable : Function<Untouchable> {
  static Tensor forward(Context&, const Tensor& x) { return x * 1.0; }
  static std::vector<Tensor> backward(Context&, const Tensor&) { throw Error("the untouchable rule was evaluated"); }
};

TEST(Backward, AccumulatesIntoLeaves) {
  Tensor w = leaf({1, 2});
  square(w).sum().backward();
  EXPECT_TRUE(same(w.grad(), tensor({2, 4}, {2})));
  (3.0 * w).sum().backward();
  EXPECT_TRUE(same(w.grad(), tensor({5, 7}, {2})));
  w.zero_grad();
  EXPECT_FALSE(w.grad().defined());
}

TEST(Backward, LeavesOfOneGradientAreIndependent) {
  Tensor a = leaf({1, 2}), b = leaf({3, 4});
  (a + b).sum().backward();
  (2.0 * a).sum().backward();
  EXPECT_TRUE(same(a.grad(), full({2}, 3.0)));
  EXPECT_TRUE(same(b.grad(), full({2}, 1.0)));
}

TEST(Backward, SumsOverPaths) {
  Tensor w = leaf({2});
  const Tensor y = w * 3.0;
  (y * w + y).sum().backward();  // 3 w^2 + 3 w
  EXPECT_TRUE(same(w.grad(), tensor({15}, {1})));
}

// The sum of the entries, whose gradient is a tensor that others refer to.
struct KeepsItsGradient : Function<KeepsItsGradient> {
  static Tensor forward(Context&, const Tensor& x) { return x.sum(); }
  static std::vector<Tensor> backward(Context&, const Tensor&) { return {kept}; }
  static inline Tensor kept = tensor({1, 2}, {2});
};

TEST(Backward, SumsOverPathsLeaveTheirTermsAlone) {
  Tensor w = leaf({3, 4});
  const auto loss = KeepsItsGradient::apply(w) + square(w).sum() + KeepsItsGradient::apply(w) + (2.0 * w).sum();
  loss.backward({.retain_graph = true});
  EXPECT_TRUE(same(w.grad(), tensor({10, 14}, {2})));
  const Tensor first = w.grad();
  w.zero_grad();
  const auto [again] = grad(loss, {w}, {.retain_graph = true});
  const auto [with_graph] = grad(loss, {w}, {.create_graph = true});
  EXPECT_TRUE(same(first, tensor({10, 14}, {2})));
  EXPECT_TRUE(same(again, first));
  EXPECT_TRUE(same(with_graph.detach(), first));
  EXPECT_TRUE(same(KeepsItsGradient::kept, tensor({1, 2}, {2})));
}

TEST(Backward, VisitsADiamondOnce) {
  Tensor w = leaf({0.5});
  Tensor x = w;
  for (int i = 0; i < 60; ++i) x = x + x;  // 2^60 paths
  x.sum().backward();
  EXPECT_EQ(w.grad().item(), std::ldexp(1.0, 60));
}

TEST(Backward, UsesALateConsumerOfAnEarlyValue) {
  Tensor w = leaf({2});
  const Tensor early = w * w;
  Tensor chain = early;
  for (int i = 0; i < 10; ++i) chain = chain * 1.0;
  (chain * early).sum().backward();  // w^4
  EXPECT_EQ(w.grad().item(), 32.0);
}

TEST(Backward, GradientsHaveTheLeafsDtype) {
  Tensor w = ones({3}, f32).requires_grad_();
  square(w).sum().backward();
  EXPECT_TRUE(same(w.grad(), full({3}, 2.0, f32)));
}

TEST(Backward, NeedsAScalarWithHistory) {
  EXPECT_EQ(error_of([] { ones({2, 3}).requires_grad_().backward(); }), "backward: needs a scalar, got [2, 3]");
  EXPECT_EQ(error_of([] { ones({}).backward(); }),
            "backward: the tensor has no history: nothing it was computed from requires grad");
  Tensor w = leaf({2});
  square(w).reshape({1, 1}).backward();  // one entry of any rank
  EXPECT_EQ(w.grad().item(), 4.0);
}

TEST(Backward, ReleasesTheGraphUnlessToldToRetainIt) {
  Tensor w = leaf({1, 2});
  const Tensor loss = square(w).sum();
  loss.backward({.retain_graph = true});
  loss.backward();
  EXPECT_TRUE(same(w.grad(), tensor({4, 8}, {2})));
  EXPECT_EQ(error_of([&] { loss.backward(); }),
            "backward: the graph of sum was released by an earlier backward; pass retain_graph to keep it");
  EXPECT_TRUE(same(w.grad(), tensor({4, 8}, {2})));
}

TEST(Backward, NamesTheReleasedPartOfASharedGraph) {
  Tensor w = leaf({1, 2});
  const Tensor shared = exp(w), first = shared.sum(), second = (2.0 * shared).sum();
  first.backward();
  const std::string message =
      "backward: the graph of exp was released by an earlier backward; pass retain_graph to keep it";
  EXPECT_EQ(error_of([&] { second.backward(); }), message);
}

TEST(Backward, ALeafThatIsGoneTakesNothing) {
  Tensor v = leaf({1, 2}), first, second;
  {
    const Tensor gone = leaf({3, 4});
    first = (gone * v).sum();
    second = (gone * v).sum();
  }
  first.backward();
  second.backward();
  EXPECT_TRUE(same(v.grad(), tensor({6, 8}, {2})));
}

TEST(Backward, AfterAnErrorEverythingStillWorks) {
  Tensor w = leaf({1});
  EXPECT_EQ(error_of([&] { (Untouchable::apply(w) + square(w)).backward(); }), "the untouchable rule was evaluated");
  w.zero_grad();
  square(w).backward();
  EXPECT_EQ(w.grad().item(), 2.0);
}

TEST(Backward, CreateGraphMakesGradientsDifferentiable) {
  Tensor w = leaf({2});
  pow(w, 3.0).backward({.create_graph = true});
  const Tensor first = w.grad();
  EXPECT_EQ(first.item(), 12.0);
  w.zero_grad();
  first.backward();
  EXPECT_EQ(w.grad().item(), 12.0);  // 6 w
}

TEST(Grad, LeavesEveryGradAlone) {
  Tensor w = leaf({1, 2});
  const auto [g] = grad(square(w).sum(), {w});
  EXPECT_TRUE(same(g, tensor({2, 4}, {2})));
  EXPECT_FALSE(w.grad().defined());
  EXPECT_FALSE(g.requires_grad());
}

TEST(Grad, TakesResultsAsInputs) {
  Tensor w = leaf({3});
  const Tensor y = w * 2.0, z = square(y);
  const auto [gy, gw, gz] = grad(z, {y, w, z}, {.retain_graph = true});
  EXPECT_EQ(gy.item(), 12.0);
  EXPECT_EQ(gw.item(), 24.0);
  EXPECT_EQ(gz.item(), 1.0);
}

TEST(Grad, StopsAtItsInputs) {
  Tensor w = leaf({3});
  const Tensor y = w * w, z = square(y);
  const auto [g] = grad(z, {y});
  EXPECT_EQ(g.item(), 18.0);
  y.backward();  // what lies below y was not released
  EXPECT_EQ(w.grad().item(), 6.0);
}

TEST(Grad, EvaluatesOnlyRulesThatLeadToAnInput) {
  Tensor w = leaf({3}), other = leaf({5});
  const Tensor loss = (w * Untouchable::apply(other)).sum();
  const auto [g] = grad(loss, {w}, {.retain_graph = true});
  EXPECT_EQ(g.item(), 5.0);
  EXPECT_EQ(error_of([&] { grad(loss, {other}); }), "the untouchable rule was evaluated");
}

TEST(Grad, EvaluatesOnlyTheRulesOfInputsThatLeadThere) {
  Tensor w = leaf({3}), other = leaf({5});
  const Tensor product = w * other;  // the rule of `other` reads w, that of w does not
  {
    const NoGrad guard;
    w.zero_();
  }
  const auto [g] = grad(product, {w}, {.retain_graph = true});
  EXPECT_EQ(g.item(), 5.0);
  EXPECT_NE(error_of([&] { grad(product, {other}); }), "no error");
}

TEST(Grad, StartsFromGradOutputs) {
  Tensor w = leaf({1, 2});
  const Tensor y = square(w);
  const auto [g] = grad(y, {w}, {.retain_graph = true, .grad_outputs = tensor({1, 10}, {2})});
  EXPECT_TRUE(same(g, tensor({2, 40}, {2})));
  EXPECT_EQ(error_of([&] { grad(y, {w}, {.grad_outputs = ones({3})}); }),
            "grad: grad_outputs is [3] f64, the output [2] f64");
  EXPECT_EQ(error_of([&] { grad(y, {w}, {.grad_outputs = ones({2}, f32)}); }),
            "grad: grad_outputs is [2] f32, the output [2] f64");
  EXPECT_EQ(error_of([&] { grad(y, {w}); }), "grad: needs a scalar, got [2]");
}

TEST(Grad, TellsOfUnusedInputs) {
  Tensor w = leaf({1}), unused = leaf({2});
  const Tensor loss = square(w);
  EXPECT_EQ(error_of([&] {
              grad(loss, {w, unused});
            }),
            "grad: input 1 was not used to compute the output; pass allow_unused to get an undefined tensor");
  const auto [g, none] = grad(loss, {w, unused}, {.allow_unused = true});
  EXPECT_EQ(g.item(), 2.0);
  EXPECT_FALSE(none.defined());
  EXPECT_EQ(error_of([&] { grad(square(w), {ones({2})}); }), "grad: input 0 does not require grad");
}

TEST(Grad, TellsOfAReleasedGraph) {
  Tensor w = leaf({1});
  const Tensor loss = square(w);
  loss.backward();
  const std::string message =
      "backward: the graph of square was released by an earlier backward; pass retain_graph to keep it";
  EXPECT_EQ(error_of([&] { grad(loss, {w}); }), message);
  EXPECT_EQ(error_of([&] { grad(loss, {w}, {.allow_unused = true}); }), message);
}

TEST(Grad, OfAZeroPathIsZero) {
  Tensor w = leaf({1, -2});
  const auto [g] = grad(sign(w).sum(), {w});
  EXPECT_TRUE(same(g, zeros({2})));
}

TEST(Grad, CreateGraphGivesHessianVectorProducts) {
  Tensor w = leaf({1, 2});
  const Tensor v = tensor({3, 5}, {2});
  const auto [g] = grad((w * w * w).sum(), {w}, {.create_graph = true});
  const auto [hv] = grad((g * v).sum(), {w});
  EXPECT_TRUE(same(hv, tensor({18, 60}, {2})));  // 6 w v
}

TEST(Grad, TakesVectorsOfInputs) {
  const std::vector<Tensor> parameters = {leaf({1}), leaf({2}), leaf({3})};
  Tensor product = parameters[0] * parameters[1] * parameters[2];
  const std::vector<Tensor> gradients = grad(product, parameters);
  ASSERT_EQ(gradients.size(), 3u);
  EXPECT_EQ(gradients[1].item(), 3.0);
}

// y = x^2, whose gradient is found by a walk of its own.
struct SquareByBackward : Function<SquareByBackward> {
  static Tensor forward(Context& ctx, const Tensor& x) {
    ctx.save(x);
    return x * x;
  }
  static std::vector<Tensor> backward(Context& ctx, const Tensor& grad_output) {
    const GradMode mode(true);
    const Tensor x = ctx.saved(0).detach().requires_grad_();
    const auto [g] = grad((x * x).sum(), {x});
    return {grad_output.detach() * g};
  }
};

TEST(Grad, ARuleMayWalkAGraphOfItsOwn) {
  Tensor w = leaf({1, 2});
  (SquareByBackward::apply(w * 2.0) * SquareByBackward::apply(w)).sum().backward();  // 4 w^4
  EXPECT_TRUE(same(w.grad(), tensor({16, 128}, {2})));
}

TEST(GradMode, GuardsNestAndEndWithTheirScope) {
  Tensor w = leaf({1});
  {
    const NoGrad guard;
    EXPECT_FALSE((w * 2.0).requires_grad());
    {
      const GradMode enabled(true);
      EXPECT_TRUE((w * 2.0).requires_grad());
    }
    EXPECT_FALSE(grad_enabled());
  }
  EXPECT_TRUE((w * 2.0).requires_grad());
}

TEST(GradMode, AnErrorRestoresIt) {
  Tensor w = leaf({1});
  EXPECT_NE(error_of([&] { Untouchable::apply(w).backward(); }), "no error");
  EXPECT_TRUE(grad_enabled());
}

}  // namespace
}  // namespace sigmagrad
