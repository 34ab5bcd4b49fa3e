// SPDX-License-Identifier: BSD-3-Clause
// n calls of a captured step are n calls of its body, bit for bit; what cannot be replayed is captured anew.
#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/autograd/capture_training.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;
using testing::Training;

// Whether two trainings of the same start agree after each of several calls.
template <class Body>
void expect_equal_steps(const Body& body, int calls = 5) {
  Training eager, captured;
  auto step = capture([&] { return body(captured); });
  for (int i = 0; i < calls; ++i) {
    const Tensor expected = body(eager);
    EXPECT_TRUE(same(step(), expected)) << "call " << i;
    EXPECT_TRUE(same(captured.a, eager.a)) << "call " << i;
    EXPECT_TRUE(same(captured.b, eager.b)) << "call " << i;
    const Tensor gradient = captured.a.grad(), other = eager.a.grad();
    ASSERT_EQ(gradient.defined(), other.defined());
    if (other.defined()) {
      EXPECT_TRUE(same(gradient, other)) << "call " << i;
    }
  }
}

TEST(Capture, StepsAreTheBodysOwn) {
  expect_equal_steps([](Training& t) { return t.step(); });
}

TEST(Capture, NothingRunsBeforeTheFirstCall) {
  Training t;
  const auto before = t.a.clone();
  auto step = capture([&] { return t.step(); });
  EXPECT_TRUE(same(t.a, before));
  EXPECT_EQ(step.kernels(), 0u);
  EXPECT_EQ(error_of([&] { step.output(); }),
            "capture: output(0) of 0 tensors that the body returned at its last call");
  step();
  EXPECT_FALSE(same(t.a, before));
  EXPECT_GT(step.kernels(), 10u);
}

TEST(Capture, GradientsThatAccumulate) {
  expect_equal_steps([](Training& t) { return t.gradients(); });
}

TEST(Capture, AnUpdateOutsideTheBody) {
  Training eager, captured;
  auto step = capture([&] { return captured.gradients(); });
  for (int i = 0; i < 5; ++i) {
    const auto expected = eager.gradients();
    EXPECT_TRUE(same(step(), expected));
    for (Training* t : {&eager, &captured}) {
      t->descend();
      t->zero_grad();
    }
    EXPECT_TRUE(same(captured.b, eager.b));
  }
}

TEST(Capture, SeveralResultsOrNone) {
  Tensor x = ones({2});
  auto several = capture([&] { return std::vector<Tensor>{x + 1.0, x.t().reshape({1, 2}), x}; });
  auto none = capture([&] { x.mul_(2.0); });
  several();
  none();
  EXPECT_FALSE(none().defined());
  several();
  EXPECT_TRUE(same(several.output(0), tensor({5, 5}, {2})));
  EXPECT_TRUE(same(several.output(1), tensor({4, 4}, {1, 2})));
  EXPECT_TRUE(same(several.output(2), tensor({4, 4}, {2})));
  x.fill_(7.0);
  EXPECT_TRUE(same(several.output(2), tensor({4, 4}, {2})));
}

TEST(Capture, SecondDerivatives) {
  expect_equal_steps([](Training& t) {
    const auto loss = sum(square(square(matmul(t.a, t.b) - t.target)));
    const auto [g] = grad(loss, {t.a}, {.create_graph = true});
    const auto [hv] = grad(sum(g * g), {t.a});
    const NoGrad guard;
    t.a.sub_(1e-3 * hv);
    return sum(hv);
  });
}

TEST(Capture, ATransposeThatOutlivesTheUpdateOfItsSource) {
  expect_equal_steps([](Training& t) {
    const NoGrad guard;
    const auto before = t.a.t();
    t.a.mul_(0.5);
    t.b.add_(before);
    return before + t.b;
  });
}

TEST(Capture, SnapshotsFromOutsideKeepTheirValues) {
  Training eager, captured;
  auto step = capture([&] { return captured.step(); });
  std::vector<Tensor> kept, expected;
  for (int i = 0; i < 4; ++i) {
    kept.push_back(captured.a.t());
    expected.push_back(eager.a.t().clone());
    step();
    eager.step();
    kept.push_back(captured.a.grad().t());
    expected.push_back(eager.a.grad().t().clone());
  }
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_TRUE(same(kept[i], expected[i])) << i;
}

TEST(Capture, ASnapshotFromOutsideThatTheBodyReads) {
  Tensor x = ones({2, 2}), y = zeros({2, 2});
  const Tensor old = x.t();
  auto step = capture([&] {
    y.add_(old);
    x.add_(1.0);
  });
  for (int i = 0; i < 4; ++i) step();
  EXPECT_TRUE(same(y, full({2, 2}, 4.0)));
  EXPECT_TRUE(same(x, full({2, 2}, 5.0)));
}

TEST(Capture, AWriteToASnapshotFromOutside) {
  Tensor x = ones({2, 2}), y = x.t();
  auto step = capture([&] { y.add_(1.0); });
  for (int i = 0; i < 4; ++i) step();
  EXPECT_TRUE(same(y, full({2, 2}, 5.0)));
  EXPECT_TRUE(same(x, ones({2, 2})));
}

TEST(Capture, NewInputsByCopy) {
  Tensor x = zeros({3});
  auto step = capture([&] { return sum(square(x)); });
  for (int i = 0; i < 4; ++i) {
    x.copy_(full({3}, i));
    EXPECT_EQ(step().item(), 3.0 * i * i);
  }
}

TEST(Capture, IndicesThatAreDrawnAnew) {
  Training eager, captured;
  const auto data = arange(12).reshape({6, 2});
  const auto batch = [&](Training& t) {
    return gather(data, 0, randperm(6, t.generator).narrow(0, 0, 3).unsqueeze(1).expand({3, 2}));
  };
  auto step = capture([&] { return batch(captured); });
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(same(step(), batch(eager)));
}

TEST(Capture, AStepWithinAStep) {
  Training eager, captured;
  auto inner = capture([&] { return captured.step(); });
  auto outer = capture([&] {
    inner();
    return inner();
  });
  for (int i = 0; i < 3; ++i) {
    eager.step();
    EXPECT_TRUE(same(outer(), eager.step()));
  }
}

TEST(Capture, AnInnerStepMayRunOnItsOwnAgain) {
  Tensor x = zeros({});
  auto inner = capture([&] { return x.add_(1.0) * 10.0; });
  auto outer = capture([&] { return inner(); });
  for (int i = 1; i < 9; i += 3) {
    EXPECT_EQ(inner().item(), 10.0 * i);
    EXPECT_EQ(outer().item(), 10.0 * (i + 1));
    EXPECT_EQ(inner().item(), 10.0 * (i + 2));
    EXPECT_EQ(inner.output().item(), 10.0 * (i + 2));
  }
}

TEST(Capture, TheBodyDropsASnapshotFromOutsideAndTakesItsOwn) {
  const auto run = [](bool captured) {
    Tensor w = ones({2, 2}), kept = w.t();
    const auto body = [&] {
      kept = w.t();
      w.mul_(2.0);
      return matmul(kept, eye(2));
    };
    auto step = capture(body);
    std::vector<double> entries;
    for (int i = 0; i < 4; ++i) entries.push_back((captured ? step() : body()).sum().item());
    return entries;
  };
  EXPECT_EQ(run(true), run(false));
}

TEST(Capture, AParameterFrozenBetweenCalls) {
  Training eager, captured;
  auto step = capture([&] { return captured.gradients(); });
  for (int i = 0; i < 4; ++i) {
    for (Training* t : {&eager, &captured}) {
      t->zero_grad();
      t->a.requires_grad_(i % 2 == 0);
    }
    EXPECT_TRUE(same(step(), eager.gradients()));
    EXPECT_EQ(captured.a.grad().defined(), eager.a.grad().defined()) << "call " << i;
    EXPECT_TRUE(same(captured.b.grad(), eager.b.grad()));
  }
}

TEST(Capture, ALeafOfTheBodysOwnIsReplayed) {
  Tensor x = ones({2});
  int runs = 0;
  auto step = capture([&] {
    ++runs;
    auto leaf = x.clone().requires_grad_();
    sum(square(leaf)).backward();
    return leaf.grad();
  });
  for (int i = 1; i < 5; ++i) {
    x.fill_(i);
    EXPECT_TRUE(same(step(), full({2}, 2.0 * i)));
  }
  EXPECT_EQ(runs, 1);
}

TEST(Capture, StepsThatTakeTurnsWithOthersAndWithEagerOnes) {
  Training eager, captured;
  auto first = capture([&] { return captured.step(); });
  auto second = capture([&] {
    captured.zero_grad();
    const auto loss = sum(square(captured.a)) + sum(captured.b);
    loss.backward();
    captured.descend();
    return loss;
  });
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(same(first(), eager.step()));
    second();
    eager.zero_grad();
    (sum(square(eager.a)) + sum(eager.b)).backward();
    eager.descend();
    EXPECT_TRUE(same(captured.step(), eager.step()));
    auto moved = std::move(first);
    first = std::move(moved);
    EXPECT_TRUE(same(captured.a, eager.a));
  }
}

TEST(Capture, AnOutputOutlivesANewRecording) {
  Training t;
  auto step = capture([&] { return t.gradients(); });  // the second call finds gradients, and captures anew
  const Tensor first = step();
  const double value = first.item();
  step();
  EXPECT_EQ(first.item(), value);
}

TEST(Capture, AGraphFromBeforeSeesThatItsValuesWereOverwritten) {
  Training t;
  auto step = capture([&] { return t.step(); });
  step();
  const auto loss = sum(square(t.a));
  step();
  EXPECT_EQ(error_of([&] { loss.backward(); }),
            "backward: a value that square saved for its gradient was overwritten by an in-place operation");
}

TEST(Capture, ResultsHaveNoHistory) {
  Training t;
  auto step = capture([&] { return mean(square(t.a)); });
  EXPECT_FALSE(step().requires_grad());
}

TEST(Capture, ResultsAndGradientsOutliveTheStep) {
  Training t;
  Tensor loss;
  {
    auto step = capture([&] { return t.step(); });
    step();
    loss = step();
  }
  const double value = loss.item(), entry = t.a.grad().data<double>()[0];
  std::vector<Tensor> others;
  for (int i = 0; i < 100; ++i) others.push_back(full({4, 4}, 1e9));
  EXPECT_EQ(loss.item(), value);
  EXPECT_EQ(t.a.grad().data<double>()[0], entry);
}

}  // namespace
}  // namespace sigmagrad
