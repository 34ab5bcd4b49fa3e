// SPDX-License-Identifier: BSD-3-Clause
// The neural tangent kernel against closed forms and published reference numbers.
#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/graph/gradcheck.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/ntk.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/golden.hpp>

namespace sigmagrad::nn {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

class TangentKernel : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(4); }
};

// a (x) b
Tensor kronecker(const Tensor& a, const Tensor& b) {
  return (a.reshape({a.size(0), 1, a.size(1), 1}) * b.reshape({1, b.size(0), 1, b.size(1)}))
      .reshape({a.size(0) * b.size(0), a.size(1) * b.size(1)});
}

struct TwoLayers : Module {
  Tensor W1, W2;
  TwoLayers(const Tensor& w1, const Tensor& w2) : W1(register_parameter("w1", w1)), W2(register_parameter("w2", w2)) {}
  Tensor operator()(const Tensor& x) const { return matmul(matmul(x, W1.t()), W2.t()); }
};

TEST_F(TangentKernel, OfALinearLayerIsTheGramMatrixForEachOutput) {
  const auto x = randn({4, 3});
  EXPECT_TRUE(close(ntk(Linear(3, 2, {.bias = false}), x), kronecker(eye(2), matmul(x, x.t())), 1e-15));
  EXPECT_TRUE(close(ntk(Linear(3, 2), x), kronecker(eye(2), matmul(x, x.t()) + 1.0), 1e-15));
}

TEST_F(TangentKernel, OfALinearNetworkOfTwoLayers) {
  const auto x = randn({4, 3});
  const TwoLayers model(randn({5, 3}), randn({2, 5}));
  const auto h = matmul(x, model.W1.t());
  const auto expected =
      kronecker(eye(2), matmul(h, h.t())) + kronecker(matmul(model.W2, model.W2.t()), matmul(x, x.t()));
  EXPECT_TRUE(close(ntk(model, x), expected.detach(), 1e-14));
}

TEST_F(TangentKernel, AgreesWithTheReferenceNumbers) {
  const auto numbers = testing::golden("balanced_ntk.json");
  const TwoLayers model(testing::golden_tensor(numbers["W1"]), testing::golden_tensor(numbers["W2"]));
  const auto x = testing::golden_tensor(numbers["X"]).t();  // its columns are the samples
  EXPECT_TRUE(close(ntk(model, x), testing::golden_tensor(numbers["NTK"]), 1e-13));
}

TEST_F(TangentKernel, OfALinearisedNetworkPredictsASmallStep) {
  struct Mlp : Module {
    Linear hidden, out;
    Mlp() : hidden(register_module("hidden", Linear(3, 6))), out(register_module("out", Linear(6, 2))) {}
    Tensor operator()(const Tensor& x) const { return out(tanh(hidden(x))); }
  };
  const Mlp model;
  const auto x = randn({5, 3}), residual = randn({5, 2});
  const auto kernel = ntk(model, x);
  ASSERT_EQ(kernel.shape(), Shape({10, 10}));
  EXPECT_TRUE(same(kernel, kernel.t()));
  const auto before = model(x).detach();
  const double step = 1e-6;
  (model(x) * residual).sum().backward();
  for (auto parameter : model.parameters()) {
    const NoGrad guard;
    parameter.add_(step * parameter.grad());
  }
  const auto change = (model(x).detach() - before) / step;
  EXPECT_TRUE(close(matmul(kernel, residual.t().flatten()), change.t().flatten(), 1e-5));
}

TEST_F(TangentKernel, WhatIsFrozenOrUnusedContributesNothing) {
  struct Spare : Module {
    Tensor used, unused;
    Spare() : used(register_parameter("used", randn({2, 3}))), unused(register_parameter("unused", randn({7}))) {}
    Tensor operator()(const Tensor& x) const { return matmul(x, used.t()); }
  };
  const auto x = randn({4, 3});
  Spare model;
  const auto expected = kronecker(eye(2), matmul(x, x.t()));
  EXPECT_TRUE(close(ntk(model, x), expected, 1e-15));
  model.unused.requires_grad_(false);
  EXPECT_TRUE(close(ntk(model, x), expected, 1e-15));
  model.used.requires_grad_(false);
  EXPECT_TRUE(same(ntk(model, x), zeros({8, 8})));
}

TEST_F(TangentKernel, IsDoubleAndLeavesTheModelAlone) {
  const Linear model(3, 2, {.bias = false, .dtype = f32});
  const auto x = randn({4, 3}, f32);
  const auto kernel = ntk(model, x);
  EXPECT_EQ(kernel.dtype(), f64);
  EXPECT_FALSE(kernel.requires_grad());
  EXPECT_FALSE(model.weight.grad().defined());
  EXPECT_TRUE(close(kernel, kronecker(eye(2), matmul(x.to(f64), x.to(f64).t())), 1e-6));
}

TEST_F(TangentKernel, OneOutputOrNoSamples) {
  struct Sum : Module {
    Tensor w;
    Sum() : w(register_parameter("w", randn({3}))) {}
    Tensor operator()(const Tensor& x) const { return matmul(x, w); }
  };
  const auto x = randn({4, 3});
  EXPECT_TRUE(close(ntk(Sum(), x), matmul(x, x.t()), 1e-15));
  EXPECT_EQ(ntk(Linear(3, 2), zeros({0, 3})).shape(), Shape({0, 0}));
}

TEST_F(TangentKernel, CanBeDifferentiated) {
  const auto x = randn({2, 3});
  const auto kernel = [&](const Tensor& w1, const Tensor& w2) {
    struct Product {
      Tensor a, b;
      std::vector<Tensor> parameters() const { return {a, b}; }
      Tensor operator()(const Tensor& z) const { return tanh(matmul(matmul(z, a.t()), b.t())); }
    };
    return ntk(Product{w1, w2}, x, {.create_graph = true});
  };
  testing::gradcheck(kernel, {randn({2, 3}), randn({2, 2})});
}

TEST_F(TangentKernel, MisuseIsNamed) {
  const Linear model(3, 3);
  EXPECT_EQ(error_of([&] { ntk(model, randn({3})); }), "ntk: x must be [samples, ...] with two axes or more, got [3]");
  const struct {
    std::vector<Tensor> parameters() const { return {ones({2}).requires_grad_()}; }
    Tensor operator()(const Tensor& x) const { return x.t(); }
  } sideways;
  EXPECT_EQ(error_of([&] {
              ntk(sideways, randn({4, 3}));
            }),
            "ntk: model(x) must be [4, ...], one row per sample of x, got [3, 4]");
}

}  // namespace
}  // namespace sigmagrad::nn
