// SPDX-License-Identifier: BSD-3-Clause
// Under a DetectAnomaly guard the operation where a NaN or an infinity first appears is named.
#include <limits>
#include <thread>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/anomaly.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/function.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;

const double infinity = std::numeric_limits<double>::infinity();
const double nan = std::numeric_limits<double>::quiet_NaN();

TEST(DetectAnomaly, NamesTheOperationShapeAndEntryOfAResult) {
  const auto x = tensor({1, 2, 3, 4, 0, 6}, {2, 3});
  const DetectAnomaly guard;
  EXPECT_EQ(error_of([&] { log(x); }),
            "DetectAnomaly: log gave a non-finite value in its result [2, 3] at entry 4 (-inf)");
  EXPECT_EQ(error_of([&] { sqrt(x - 2.0); }),
            "DetectAnomaly: sqrt gave a non-finite value in its result [2, 3] at entry 0 (nan)");
  EXPECT_EQ(error_of([&] { (x * 1e30).to(f32) * 1e30; }),
            "DetectAnomaly: mul gave a non-finite value in its result [2, 3] at entry 0 (inf)");
  EXPECT_EQ(error_of([&] { (x * 1e300).to(f32); }),
            "DetectAnomaly: to gave a non-finite value in its result [2, 3] at entry 0 (inf)");
}

TEST(DetectAnomaly, CountsEntriesOfATransposeRowByRow) {
  auto x = ones({2, 3});
  x.mutable_data<double>()[2] = nan;
  const DetectAnomaly guard;
  EXPECT_EQ(error_of([&] { x.t(); }), "DetectAnomaly: t gave a non-finite value in its result [3, 2] at entry 4 (nan)");
}

TEST(DetectAnomaly, ChecksWithAndWithoutRecording) {
  auto x = zeros({2}).requires_grad_();
  const DetectAnomaly guard;
  EXPECT_THROW(log(x), Error);
  const NoGrad off;
  EXPECT_THROW(log(x), Error);
}

TEST(DetectAnomaly, LetsFiniteAndMadeValuesPass) {
  const DetectAnomaly guard;
  auto x = full({3}, infinity);
  EXPECT_TRUE(same(x > 0.0, ones({3})));
  x.fill_(nan);
  EXPECT_TRUE(same(isfinite(x), zeros({3})));
  x.fill_(std::numeric_limits<double>::max());
  EXPECT_EQ(error_of([&] { x * 1.0; }), "no error");
  EXPECT_EQ(error_of([] { log(zeros({0, 3})); }), "no error");
}

TEST(DetectAnomaly, NamesTheOperationAndInputOfAGradient) {
  auto a = tensor({1, 4}, {2}).requires_grad_(), b = tensor({1, 0}, {2}).requires_grad_();
  const auto root = (a * sqrt(b)).sum();
  EXPECT_EQ(error_of([&] { root.backward({.retain_graph = true}); }), "no error");
  const DetectAnomaly guard;
  EXPECT_EQ(error_of([&] { root.backward({.retain_graph = true}); }),
            "DetectAnomaly: sqrt gave a non-finite value in its gradient of input 0 [2] at entry 1 (inf)");
  const auto product = (a * b * 1e200).sum();
  const auto start = [&](double v) { return full({}, v); };
  EXPECT_EQ(error_of([&] { grad(product, {a}, {.retain_graph = true, .grad_outputs = start(1e200)}); }),
            "DetectAnomaly: mul gave a non-finite value in its gradient of input 0 [2] at entry 0 (inf)");
  a.mutable_data<double>()[1] = 4;
  const auto quotient = (b / (1e-200 * ones({2}))).sum();
  EXPECT_EQ(error_of([&] { grad(quotient, {b}, {.grad_outputs = start(1e200)}); }),
            "DetectAnomaly: div gave a non-finite value in its gradient of input 0 [2] at entry 0 (inf)");
  const auto other = (a / (1e-200 + b)).sum();
  EXPECT_EQ(error_of([&] { grad(other, {b}); }),
            "DetectAnomaly: div gave a non-finite value in its gradient of input 1 [2] at entry 1 (-inf)");
}

TEST(DetectAnomaly, LooksAtWhatIsAskedForOnly) {
  const auto x = tensor({0.0, 1.0}, {2}).requires_grad_(), y = ones({2}).requires_grad_();
  const DetectAnomaly guard;
  const auto loss = (sqrt(x) + y).sum();
  auto [gradient] = grad(loss, {y}, {.retain_graph = true});
  EXPECT_TRUE(same(gradient, ones({2})));
  EXPECT_THROW(grad(loss, {x}), Error);
}

TEST(DetectAnomaly, SecondDerivatives) {
  const auto x = tensor({1.0, 0.0}, {2}).requires_grad_();
  const DetectAnomaly guard;
  const auto value = pow(x, 1.5).sum();
  const auto first = grad(value, {x}, {.create_graph = true})[0];
  EXPECT_TRUE(same(first, tensor({1.5, 0.0}, {2})));
  EXPECT_EQ(error_of([&] { grad(first.sum(), {x}); }),
            "DetectAnomaly: pow gave a non-finite value in its gradient of input 0 [2] at entry 1 (inf)");
}

TEST(DetectAnomaly, InPlace) {
  auto x = full({2}, 1e200);
  const DetectAnomaly guard;
  EXPECT_EQ(error_of([&] { x.mul_(x); }),
            "DetectAnomaly: mul_ gave a non-finite value in its result [2] at entry 0 (inf)");
  x.fill_(1e200);
  EXPECT_EQ(error_of([&] { x.mul_(1e200); }),
            "DetectAnomaly: mul_ gave a non-finite value in its result [2] at entry 0 (inf)");
  x.fill_(3.0);
  EXPECT_EQ(error_of([&] { x.copy_(full({2}, nan)); }),
            "DetectAnomaly: copy_ gave a non-finite value in its result [2] at entry 0 (nan)");
  EXPECT_TRUE(same(x, full({2}, 3.0)));
}

TEST(DetectAnomaly, GuardsNestAndBelongToTheirThread) {
  const auto x = zeros({1});
  const auto checks = [&] { return error_of([&] { log(x); }) != "no error"; };
  EXPECT_FALSE(checks());
  {
    const DetectAnomaly outer;
    {
      const DetectAnomaly inner;
      EXPECT_TRUE(checks());
    }
    EXPECT_TRUE(checks());
    {
      const DetectAnomaly off(false);
      EXPECT_FALSE(checks());
    }
    EXPECT_TRUE(checks());
    bool elsewhere = true;
    std::thread([&] { elsewhere = checks(); }).join();
    EXPECT_FALSE(elsewhere);
  }
  EXPECT_FALSE(checks());
}

// 1/x, with a rule that divides by zero on the way to a finite gradient.
struct Detour : Function<Detour> {
  static Tensor forward(Context& context, const Tensor& x) {
    context.save(x);
    return x * 2.0;
  }
  static std::vector<Tensor> backward(Context& context, const Tensor& grad) {
    const auto x = context.saved(0);
    return {grad * (1.0 / (1.0 + 1.0 / x))};
  }
};

struct Broken : Function<Broken> {
  static Tensor forward(Context&, const Tensor& x) { return tensor({nan}, {1}) + 0.0 * x; }
  static std::vector<Tensor> backward(Context&, const Tensor& grad) { return {grad}; }
};

struct BrokenRule : Function<BrokenRule> {
  static Tensor forward(Context&, const Tensor& x) { return x * 1.0; }
  static std::vector<Tensor> backward(Context&, const Tensor& grad) { return {log(0.0 * grad)}; }
};

TEST(DetectAnomaly, FunctionsOfOnesOwn) {
  const auto x = zeros({1}).requires_grad_();
  const DetectAnomaly guard;
  const auto [gradient] = grad(Detour::apply(x), {x});
  EXPECT_TRUE(same(gradient, zeros({1})));
  EXPECT_EQ(error_of([&] { Broken::apply(x); }),
            "DetectAnomaly: add gave a non-finite value in its result [1] at entry 0 (nan)");
  EXPECT_EQ(error_of([&] { BrokenRule::apply(x).backward(); }),
            "DetectAnomaly: BrokenRule gave a non-finite value in its gradient of input 0 [1] at entry 0 (-inf)");
  EXPECT_TRUE(grad_enabled());
}

TEST(DetectAnomaly, ACapturedStepChecksAtReplay) {
  auto x = ones({2, 2}).requires_grad_();
  const auto body = [&] {
    x.zero_grad();
    const auto loss = sum(sqrt(matmul(x, ones({2, 2}))));
    loss.backward();
    return loss;
  };
  auto plain = capture(body), checked = capture([&] {
                                const DetectAnomaly guard;
                                return body();
                              });
  const double value = plain().item();
  EXPECT_EQ(checked().item(), value);
  EXPECT_EQ(checked().item(), value);
  EXPECT_GT(checked.kernels(), plain.kernels());
  {
    const NoGrad guard;
    x.zero_();
  }
  const std::string message =
      "DetectAnomaly: sqrt gave a non-finite value in its gradient of input 0 [2, 2] at entry 0 (inf)";
  EXPECT_EQ(error_of([&] { checked(); }), message);
  EXPECT_EQ(error_of([&] { checked(); }), message);
  EXPECT_EQ(error_of([&] { plain(); }), "no error");
  const NoGrad guard;
  x.fill_(1.0);
  EXPECT_EQ(checked().item(), value);
}

TEST(DetectAnomaly, AFirstCallThatFailsRecordsNothing) {
  auto x = zeros({2});
  auto step = capture([&] {
    const DetectAnomaly guard;
    return log(x);
  });
  EXPECT_THROW(step(), Error);
  EXPECT_EQ(step.kernels(), 0u);
  x.fill_(1.0);
  EXPECT_TRUE(same(step(), zeros({2})));
}

TEST(DetectAnomaly, ChangesNoBits) {
  Generator generator(3);
  const auto w = randn({5, 4}, generator).requires_grad_(), x = randn({4, 6}, generator);
  const auto gradient = [&] { return grad(mean(tanh(matmul(matmul(w, x).t(), w))), {w})[0]; };
  const auto expected = gradient();
  const DetectAnomaly guard;
  EXPECT_TRUE(same(gradient(), expected));
}

}  // namespace
}  // namespace sigmagrad
