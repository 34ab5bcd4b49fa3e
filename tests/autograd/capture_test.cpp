// SPDX-License-Identifier: BSD-3-Clause
// n calls of a captured step are n calls of its body, bit for bit; what cannot be replayed is refused or recorded anew.
#include <sigmagrad/autograd/backward.hpp>
#include <sigmagrad/autograd/capture.hpp>
#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/autograd/matmul.hpp>
#include <sigmagrad/autograd/reductions.hpp>
#include <sigmagrad/autograd/shape_ops.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <thread>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;

/// Two factors trained on a random target, with everything drawn from a generator of its own.
struct Training {
  explicit Training(std::uint64_t seed = 1) : generator(seed) {
    a = (0.5 * randn({4, 3}, generator)).requires_grad_();
    b = (0.5 * randn({3, 4}, generator)).requires_grad_();
    target = randn({4, 4}, generator);
  }
  Tensor gradients() {
    const auto x = randn({5, 4}, generator);
    const auto loss = mean(square(matmul(x, matmul(a, b) - target)));
    loss.backward();
    return loss;
  }
  void descend() {
    const NoGrad guard;
    for (auto* p : {&a, &b}) p->sub_(0.1 * p->grad());
  }
  void zero_grad() {
    a.zero_grad();
    b.zero_grad();
  }
  Tensor step() {
    zero_grad();
    const auto loss = gradients();
    descend();
    return loss;
  }

  Generator generator;
  Tensor a, b, target;
};

/// Whether two trainings of the same start agree after each of several calls.
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

TEST(Capture, HostAccessIsRefused) {
  Training t;
  const auto refused = [&](const char* name, const char* advice, auto f) {
    EXPECT_EQ(
        error_of(capture(f)),
        std::string(name) + ": not in the body of a captured step, which replays tensor operations only; " + advice);
  };
  const char* result = "return the tensor from the body, and read output()";
  refused("item", result, [&] { t.step().item(); });
  refused("data", result, [&] { t.a.data<double>(); });
  refused("mutable_data", "write before the call, or use copy_", [&] { t.target.mutable_data<double>(); });
  refused("Generator", "seed it before the call", [&] { t.generator.seed(1); });
  EXPECT_EQ(t.step().numel(), 1);
  EXPECT_NO_THROW(t.step().item());
}

TEST(Capture, AGeneratorOfTheBodysOwnIsRefused) {
  EXPECT_EQ(
      error_of(capture([] {
        Generator generator(1);
        return randn({2}, generator);
      })),
      "capture: a Generator was made and destroyed in the body, so a replay could not draw from it; make it outside");
}

TEST(Capture, ATensorThatIsGoneIsRefused) {
  Tensor x = ones({2, 3});
  auto step = capture([&] { return sum(x); });
  step();
  x = ones({5});
  EXPECT_EQ(error_of(step),
            "capture: a tensor [2, 3] that the body used is gone; keep it, and copy new values into it with copy_");
}

TEST(Capture, AnotherThreadIsRefused) {
  Tensor x = ones({2});
  auto step = capture([&] { return sum(x); });
  step();
  std::string message;
  std::thread([&] { message = error_of(step); }).join();
  EXPECT_EQ(message, "capture: a captured step runs on the thread that made its first call");
}

TEST(Capture, AnErrorInTheBodyLeavesNoRecording) {
  Tensor x = ones({2}), index = zeros({1});
  auto step = capture([&] { return gather(x, 0, index); });
  index.fill_(2.0);
  EXPECT_EQ(error_of(step), "gather: index 2 is out of range for an axis of 2");
  EXPECT_EQ(x.data<double>()[0], 1.0);
  index.fill_(1.0);
  EXPECT_EQ(step().item(), 1.0);
  index.fill_(3.0);
  EXPECT_EQ(error_of(step), "gather: index 3 is out of range for an axis of 2");
  index.fill_(0.0);
  EXPECT_EQ(step().item(), 1.0);
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
