// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/function.hpp>
#include <sigmagrad/autograd/graph/gradcheck.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;

struct SavesOutput : Function<SavesOutput> {
  static Tensor forward(Context& ctx, const Tensor& x) {
    const Tensor y = exp(x);
    ctx.save(y, x);
    return y;
  }
  static std::vector<Tensor> backward(Context& ctx, const Tensor& grad) { return {grad * ctx.saved(0)}; }
};

TEST(Function, MaySaveItsOutput) {
  const Tensor x = tensor({0.3, -1.2}, {2}).requires_grad_();
  testing::gradcheck(SavesOutput::apply, {x});
  testing::gradgradcheck(SavesOutput::apply, {x});
}

TEST(Function, ASavedOutputMakesNoCycle) {
  Tensor x = ones({3}).requires_grad_();
  engine::Ref<engine::Block> block;
  {
    const Tensor y = SavesOutput::apply(x);
    block = y.impl().block;
    EXPECT_FALSE(block->unique());
  }
  EXPECT_TRUE(block->unique());  // the node is gone, and with it what it saved
}

// scale * x^power, with arguments that are not tensors around the tensor.
struct ScaledPower : Function<ScaledPower> {
  static Tensor forward(Context& ctx, double scale, const Tensor& x, const int& power,
                        const std::vector<double>& more) {
    ctx.save(x, full({}, scale * power), full({}, power - 1.0));
    return scale * pow(x, power) + more.at(0);
  }
  static std::vector<Tensor> backward(Context& ctx, const Tensor& grad) {
    return {grad * ctx.saved(1) * pow(ctx.saved(0), ctx.saved(2).item())};
  }
};

TEST(Function, OtherArgumentsPassThrough) {
  const Tensor x = tensor({1, 2, 3}, {3}).requires_grad_();
  const Tensor y = ScaledPower::apply(2.0, x, 3, std::vector<double>{7.0});
  EXPECT_TRUE(same(y.detach(), tensor({9, 23, 61}, {3})));
  const auto [g] = grad(y.sum(), {x});
  EXPECT_TRUE(same(g, tensor({6, 24, 54}, {3})));
}

// a b, without a gradient for b.
struct HalfProduct : Function<HalfProduct> {
  static Tensor forward(Context& ctx, const Tensor& a, const Tensor& b) {
    ctx.save(b);
    return a * b;
  }
  static std::vector<Tensor> backward(Context& ctx, const Tensor& grad) { return {grad * ctx.saved(0), Tensor()}; }
};

TEST(Function, AnUndefinedGradientMeansZero) {
  const Tensor a = ones({2}).requires_grad_(), b = full({2}, 3.0).requires_grad_();
  const auto [ga, gb] = grad(HalfProduct::apply(a, b).sum(), {a, b});
  EXPECT_TRUE(same(ga, full({2}, 3.0)));
  EXPECT_TRUE(same(gb, zeros({2})));
}

struct Identity : Function<Identity> {
  static Tensor forward(Context&, const Tensor& x) { return x; }
  static std::vector<Tensor> backward(Context&, const Tensor& grad) { return {2.0 * grad}; }
};

TEST(Function, MayReturnItsArgument) {
  const Tensor x = ones({2}).requires_grad_();
  const Tensor y = Identity::apply(x);
  EXPECT_FALSE(y.is(x));
  const auto [g] = grad(y.sum(), {x});
  EXPECT_TRUE(same(g, full({2}, 2.0)));
  EXPECT_TRUE(Identity::apply(ones({2})).defined());
}

TEST(Function, IsNotRecordedWhereNothingNeedsIt) {
  EXPECT_FALSE(SavesOutput::apply(ones({2})).requires_grad());
  const Tensor x = ones({2}).requires_grad_();
  const NoGrad guard;
  EXPECT_FALSE(SavesOutput::apply(x).requires_grad());
}

template <int count, int size>
struct Wrong : Function<Wrong<count, size>> {
  static Tensor forward(Context& ctx, const Tensor& x) {
    ctx.save(x);
    return x * 1.0;
  }
  static std::vector<Tensor> backward(Context& ctx, const Tensor&) {
    if (count == 0) ctx.saved(1);
    return std::vector<Tensor>(count, ones({size}));
  }
};

// x^p.
struct Power : Function<Power> {
  static Tensor forward(Context& ctx, const Tensor& x, double p) {
    ctx.save(x);
    ctx.keep(p);
    return pow(x, p);
  }
  static std::vector<Tensor> backward(Context& ctx, const Tensor& grad) {
    const double p = ctx.kept<double>(0);
    if (p == 7) ctx.kept<int>(0);
    if (p == 8) ctx.kept<int>(1);
    return {grad * p * pow(ctx.saved(0), p - 1)};
  }
};

TEST(Function, KeepsValuesOfOtherTypes) {
  testing::gradcheck([](const Tensor& x) { return Power::apply(x, 3.0); }, {1.0 + rand({3})});
  const Tensor x = ones({2}).requires_grad_();
  EXPECT_EQ(error_of([&] { Power::apply(x, 7.0).sum().backward(); }), "Power: kept(0) was kept as double");
  EXPECT_EQ(error_of([&] { Power::apply(x, 8.0).sum().backward(); }), "Power: kept(1) does not exist");
}

// What was given, whatever it is.
struct Given : Function<Given> {
  static Tensor forward(Context&, const Tensor&, const std::vector<Tensor>& given) { return given.front(); }
  static std::vector<Tensor> backward(Context&, const Tensor& grad) { return {grad}; }
};

TEST(Function, AResultIsAValueOfItsOwn) {
  const Tensor x = ones({2}).requires_grad_(), leaf = full({2}, 3.0).requires_grad_();
  const Tensor result = Given::apply(x, std::vector<Tensor>{leaf});
  result.sum().backward();
  EXPECT_TRUE(same(x.grad(), ones({2})));
  EXPECT_FALSE(leaf.grad().defined());
  (2.0 * leaf).sum().backward();
  EXPECT_TRUE(same(leaf.grad(), full({2}, 2.0)));
  Tensor plain = ones({2});
  Tensor changed = Given::apply(plain, std::vector<Tensor>{plain});
  changed.add_(5.0);
  EXPECT_TRUE(same(plain, ones({2})));
}

struct OtherDtype : Function<OtherDtype> {
  static Tensor forward(Context&, const Tensor& x) { return 2.0 * x; }
  static std::vector<Tensor> backward(Context&, const Tensor& grad) { return {grad.to(f32)}; }
};

TEST(Function, AGradientOfAnotherDtypeIsRefused) {
  const Tensor x = ones({2}).requires_grad_();
  EXPECT_EQ(error_of([&] { OtherDtype::apply(x).sum().backward(); }),
            "OtherDtype: backward returned a gradient in f32 for argument 0, expected f64");
}

TEST(Function, WrongGradientsAreNamed) {
  const Tensor x = ones({2}).requires_grad_();
  EXPECT_EQ(error_of([&] { Wrong<2, 2>::apply(x).sum().backward(); }),
            "Wrong<2, 2>: backward returned 2 gradients for 1 tensor arguments");
  EXPECT_EQ(error_of([&] { Wrong<1, 3>::apply(x).sum().backward(); }),
            "Wrong<1, 3>: backward returned a gradient [3] for argument 0 of shape [2]");
  EXPECT_EQ(error_of([&] { Wrong<0, 2>::apply(x).sum().backward(); }), "Wrong<0, 2>: saved(1) of 1 saved tensors");
  EXPECT_FALSE(x.grad().defined());
}

TEST(Function, AnOverwrittenSavedTensorIsNoticed) {
  Tensor w = ones({2}).requires_grad_(), x = ones({2});
  const Tensor loss = HalfProduct::apply(w, x).sum();
  x.add_(1.0);
  EXPECT_EQ(error_of([&] { loss.backward(); }),
            "backward: a value that HalfProduct saved for its gradient was overwritten by an in-place operation");
}

// The gradient is a saved tensor itself: what accumulates into it must not write the saved one.
struct ConstantGradient : Function<ConstantGradient> {
  static Tensor forward(Context& ctx, const Tensor& x, const Tensor& slope) {
    ctx.save(slope);
    return x * slope;
  }
  static std::vector<Tensor> backward(Context& ctx, const Tensor&) { return {ctx.saved(0).detach(), Tensor()}; }
};

TEST(Function, AccumulationDoesNotWriteWhatABackwardReturned) {
  Tensor x = ones({2}).requires_grad_();
  const Tensor slope = full({2}, 3.0);
  ConstantGradient::apply(x, slope).sum().backward();
  ConstantGradient::apply(x, slope).sum().backward();
  EXPECT_TRUE(same(x.grad(), full({2}, 6.0)));
  EXPECT_TRUE(same(slope, full({2}, 3.0)));
}

TEST(Gradcheck, NamesTheEntryThatDisagrees) {
  const auto message = error_of([] { testing::gradcheck(Identity::apply, {tensor({1, 2}, {2})}); });
  EXPECT_EQ(message.rfind("gradcheck: input 0 of shape [2], entry 0: gradient ", 0), 0u) << message;
  EXPECT_NE(message.find(", finite difference "), std::string::npos) << message;
  EXPECT_EQ(error_of([] { testing::gradcheck(Identity::apply, {ones({2}, f32)}); }),
            "gradcheck: inputs must be f64, got f32");
}

}  // namespace
}  // namespace sigmagrad
