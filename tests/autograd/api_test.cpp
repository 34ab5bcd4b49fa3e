// SPDX-License-Identifier: BSD-3-Clause
// Programs as a user writes them.
#include <sstream>

#include <gtest/gtest.h>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

namespace {

struct DeepLinear {
  std::vector<sg::Tensor> factors;
  DeepLinear(int depth, int dim, double scale) {
    for (int l = 0; l < depth; ++l) factors.push_back((scale * sg::randn({dim, dim})).requires_grad_());
  }
  sg::Tensor product() const {
    sg::Tensor w = factors.front();
    for (std::size_t l = 1; l < factors.size(); ++l) w = sg::matmul(factors[l], w);
    return w;
  }
};

TEST(Api, AVariantIsAStruct) {
  sg::manual_seed(42);
  const DeepLinear model(3, 4, 0.5);
  const auto target = sg::eye(4);
  const auto loss = [&] { return sg::square(model.product() - target).sum(); };
  const double before = loss().item();
  for (int step = 0; step < 100; ++step) {
    loss().backward();
    const sg::NoGrad guard;
    for (auto p : model.factors) {
      p.sub_(0.02 * p.grad());
      p.zero_grad();
    }
  }
  EXPECT_LT(loss().item(), 0.5 * before);
  std::ostringstream text;
  text << model.factors.front().shape() << '\n';
  EXPECT_EQ(text.str(), "[4, 4]\n");
}

struct Softplus : sg::Function<Softplus> {
  static sg::Tensor forward(sg::Context& ctx, const sg::Tensor& x) {
    ctx.save(x);
    return sg::log1p(sg::exp(x));
  }
  static std::vector<sg::Tensor> backward(sg::Context& ctx, const sg::Tensor& grad) {
    return {grad * sg::sigmoid(ctx.saved(0))};
  }
};

TEST(Api, AnOperationWithItsOwnGradient) {
  const auto x = sg::randn({3, 4}).requires_grad_();
  const auto y = Softplus::apply(x);
  EXPECT_TRUE(sg::allclose(y, sg::log(1.0 + sg::exp(x))));
  sg::testing::gradcheck(Softplus::apply, {sg::randn({3, 4})});
  sg::testing::gradgradcheck(Softplus::apply, {sg::randn({3, 4})});
}

TEST(Api, SecondOrder) {
  const auto w = sg::randn({5}).requires_grad_();
  const auto v = sg::randn({5});
  const auto loss = sg::exp(w).sum();
  auto [g] = sg::grad(loss, {w}, {.create_graph = true});
  auto [hv] = sg::grad((g * v).sum(), {w});
  EXPECT_TRUE(sg::allclose(hv, sg::exp(w) * v));
  {
    sg::NoGrad guard;
    EXPECT_FALSE((w * 2.0).requires_grad());
  }
  const std::vector<sg::Tensor> parameters = {w};
  std::vector<sg::Tensor> gradients = sg::grad(sg::exp(w).sum(), parameters);
  EXPECT_TRUE(sg::allclose(gradients[0], g));
}

TEST(Api, ManyModelsAtOnce) {
  sg::Generator generator(1);
  std::vector<sg::Tensor> factors(3);
  for (auto& factor : factors) factor = sg::randn({300, 2, 2}, generator).requires_grad_();
  const auto product = sg::matmul(factors[2], sg::matmul(factors[1], factors[0]));
  sg::square(product).sum().backward();
  EXPECT_EQ(product.shape(), (sg::Shape{300, 2, 2}));
  for (const std::int64_t trial : {0, 150, 299}) {
    std::vector<sg::Tensor> own;
    for (const auto& factor : factors) own.push_back(factor.detach().select(0, trial).clone().requires_grad_());
    sg::square(sg::matmul(own[2], sg::matmul(own[1], own[0]))).sum().backward();
    for (std::size_t l = 0; l < own.size(); ++l) {
      const auto together = factors[l].grad().select(0, trial);
      EXPECT_EQ((together != own[l].grad()).sum().item(), 0.0);
    }
  }
}

TEST(Api, NumbersMeetTensorsOnEitherSide) {
  const auto x = sg::tensor({1, 2}, {2});
  std::ostringstream text;
  text << 2 * x + 1 << '\n' << 1 / x << '\n' << (x > 1) << '\n' << -x << '\n' << sg::where(x > 1.5, x, -x);
  EXPECT_EQ(text.str(), "[3. 5.]\n[1.  0.5]\n[0. 1.]\n[-1. -2.]\n[-1.  2.]");
}

}  // namespace
