// SPDX-License-Identifier: BSD-3-Clause
// capture(body, {.verify = true}): a constant that was meant to change is found, and what is as it should be is one
// run.
#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/anomaly.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/function.hpp>
#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/tests/autograd/capture_training.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;
using testing::Training;

const std::string advice =
    "; a number of the host is a constant of a replay: keep it in a tensor, or read it by Scalar::reference";

// The Error of the call after the captured one.
template <class Body>
std::string error_of_second_call(Body body) {
  auto step = capture(body, {.verify = true});
  step();
  return error_of(step);
}

TEST(CaptureVerify, NamesTheOperationThatUsesAFrozenNumber) {
  const auto x = ones({2, 3});
  double rate = 1.0;
  EXPECT_EQ(error_of_second_call([&] {
              rate /= 2;
              return sum(exp(x * 0.0) * rate + 1.0);
            }),
            "capture: mul [2, 3] differs at entry 0: 0.5 in the replay, 0.25 in the body" + advice);
}

TEST(CaptureVerify, NamesTensorsThatAreMadeOfAFrozenNumber) {
  Tensor x = zeros({2}, f32);
  double value = 0.0;
  EXPECT_EQ(error_of_second_call([&] { return x + full({2}, value += 1.0, f32); }),
            "capture: full [2] differs at entry 0: 1 in the replay, 2 in the body" + advice);
  EXPECT_EQ(error_of_second_call([&] { x.fill_(value += 1.0); }),
            "capture: fill_ [2] differs at entry 0: 3 in the replay, 4 in the body" + advice);
  EXPECT_EQ(error_of_second_call([&] { x.sub_(value += 1.0); }),
            "capture: sub_ [2] differs at entry 0: -7 in the replay, -8 in the body" + advice);
}

TEST(CaptureVerify, NamesAnotherBranch) {
  const auto x = ones({2});
  int calls = 0;
  EXPECT_EQ(error_of_second_call([&] { return ++calls < 2 ? exp(x) : sqrt(x); }),
            "capture: the body gave sqrt [2] where its replay gave exp [2]" + advice);
  EXPECT_EQ(error_of_second_call([&] { return ++calls < 4 ? square(x) : square(square(x)); }),
            "capture: the body gave square [2], its replay did not" + advice);
  EXPECT_EQ(error_of_second_call([&] { return ++calls < 6 ? square(square(x)) : square(x); }),
            "capture: the replay gave square [2], its body did not" + advice);
  EXPECT_EQ(error_of_second_call([&] { return std::vector<Tensor>(++calls < 8 ? 1 : 2, x); }),
            "capture: the body returned another number of tensors than at its captured call" + advice);
}

TEST(CaptureVerify, NamesAGradientThatAKernelOfOnesOwnWrites) {
  auto x = ones({2}).requires_grad_();
  double scale = 0.0;
  EXPECT_EQ(error_of_second_call([&] {
              x.zero_grad();
              scale += 1.0;
              sum(x).backward();
              engine::launch([to = engine::write<double>(x.grad()), scale = scale] { to[1] = scale; });
            }),
            "capture: the gradient of a tensor [2] differs at entry 1: 1 in the replay, 2 in the body" + advice);
}

// The identity, whose gradient is `slope` times what comes back.
struct Sloped : Function<Sloped> {
  static Tensor forward(Context&, const Tensor& x) { return x.clone(); }
  static std::vector<Tensor> backward(Context&, const Tensor& grad) { return {slope * grad}; }
  static inline double slope = 1.0;
};

TEST(CaptureVerify, NamesAGradientByItsOperation) {
  auto x = ones({2}).requires_grad_();
  EXPECT_EQ(error_of_second_call([&] {
              Sloped::slope *= 2.0;
              x.zero_grad();
              sum(Sloped::apply(x)).backward();
            }).substr(0, 80),
            "capture: the gradient of input 0 of Sloped [2] differs at entry 0: 2 in the repl");
}

TEST(CaptureVerify, NamesAParameterThatAKernelOfOnesOwnWrites) {
  auto x = ones({2}).requires_grad_();
  Tensor y = ones({3});
  double value = 0.0;
  EXPECT_EQ(error_of_second_call([&] {
              value += 1.0;
              engine::launch([to = engine::write<double>(y)] { to[0] += 1.0; });
              engine::launch([to = engine::write<double>(x), value] { to[0] = value; });
            }),
            "capture: the parameter [2] differs at entry 0: 1 in the replay, 2 in the body" + advice);
  EXPECT_EQ(y.to_vector()[0], 2.0);  // the second call came to nothing
  EXPECT_EQ(x.to_vector()[0], 1.0);
}

TEST(CaptureVerify, StepsAreTheBodysOwn) {
  Training eager, captured;
  int runs = 0;
  auto step = capture(
      [&] {
        ++runs;
        return captured.step();
      },
      {.verify = true, .verified_calls = 4});
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(same(step(), eager.step())) << i;
    EXPECT_TRUE(same(captured.a, eager.a)) << i;
    EXPECT_TRUE(same(captured.b.grad(), eager.b.grad())) << i;
    EXPECT_EQ(captured.generator.state(), eager.generator.state()) << i;
  }
  EXPECT_EQ(runs, 6);  // the captured call, four verified ones, and one more that leaves the comparison out
}

TEST(CaptureVerify, GradientsThatAccumulate) {
  Training eager, captured;
  auto step = capture([&] { return captured.gradients(); }, {.verify = true});
  for (int i = 0; i < 7; ++i) {
    EXPECT_TRUE(same(step(), eager.gradients())) << i;
    EXPECT_TRUE(same(captured.a.grad(), eager.a.grad())) << i;
  }
}

TEST(CaptureVerify, SnapshotsFromOutsideKeepTheirValues) {
  Training eager, captured;
  auto step = capture([&] { return captured.step(); }, {.verify = true});
  std::vector<Tensor> kept, expected;
  for (int i = 0; i < 6; ++i) {
    kept.push_back(captured.a.t());
    expected.push_back(eager.a.t().clone());
    step();
    eager.step();
  }
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_TRUE(same(kept[i], expected[i])) << i;
}

TEST(CaptureVerify, RandomNumbersOfEveryKind) {
  NumpyGenerator eager(5), captured(5);
  const auto body = [](Generator& generator) {
    return randn({3}, generator) + rand({3}, generator) + randint(0, 9, {3}, generator) + randperm(3, generator) +
           bernoulli(full({3}, 0.5), generator) + multinomial(ones({4}), 3, true, generator);
  };
  auto step = capture([&] { return body(captured); }, {.verify = true});
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(same(step(), body(eager))) << i;
}

TEST(CaptureVerify, AnErrorLeavesWhatWasThereBefore) {
  Training t;
  double rate = 0.1;
  auto step = capture(
      [&] {
        t.zero_grad();
        const auto loss = t.gradients();
        const NoGrad guard;
        t.a.sub_(0.1 * t.a.grad());
        t.b.sub_(rate * t.b.grad());
        return loss;
      },
      {.verify = true});
  step();
  step();
  const auto a = t.a.clone(), b = t.b.clone(), gradient = t.b.grad().clone();
  const auto state = t.generator.state();
  rate = 0.2;
  EXPECT_EQ(error_of(step).substr(0, 35), "capture: mul [3, 4] differs at entr");
  EXPECT_TRUE(same(t.a, a));
  EXPECT_TRUE(same(t.b, b));
  EXPECT_TRUE(same(t.b.grad(), gradient));
  EXPECT_EQ(t.generator.state(), state);
  for (int i = 0; i < 6; ++i) EXPECT_NO_THROW(step());  // it is captured with the new rate
}

TEST(CaptureVerify, AReferenceIsNoConstant) {
  const auto x = ones({2});
  double rate = 1.0;
  auto step = capture([&] { return x * Scalar::reference(rate); }, {.verify = true});
  for (int i = 0; i < 6; ++i) {
    rate += 1.0;
    EXPECT_EQ(step().to_vector()[1], rate);
  }
}

TEST(CaptureVerify, BesideDetectAnomaly) {
  Tensor x = ones({2});
  auto step = capture(
      [&] {
        const DetectAnomaly guard;
        return log(x);
      },
      {.verify = true});
  step();
  x.fill_(0.0);
  EXPECT_EQ(error_of(step), "DetectAnomaly: log gave a non-finite value in its result [2] at entry 0 (-inf)");
  x.fill_(1.0);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(same(step(), zeros({2})));
}

TEST(CaptureVerify, TakesAtLeastOneCall) {
  EXPECT_EQ(error_of([] { capture([] {}, {.verify = true, .verified_calls = 0}); }),
            "capture: verified_calls must be >= 1 (got 0)");
}

}  // namespace
}  // namespace sigmagrad
