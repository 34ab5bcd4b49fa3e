// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

constexpr LinearOptions no_bias{.bias = false};

class Product : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(8); }
};
using ManyModels = Product;

TEST_F(Product, IsTheEndToEndMatrix) {
  const Sequential net{Linear(3, 5, no_bias), Sequential{Identity(), Linear(5, 4, no_bias)},
                       parametrize(Linear(4, 2, no_bias), Multipliers{})};
  const auto x = randn({6, 3});
  const auto w = product(net);
  EXPECT_EQ(w.shape(), Shape({2, 3}));
  EXPECT_TRUE(close(net(x), matmul(x, w.t()), 1e-14));
  square(w).sum().backward();
  for (const auto& p : net.parameters()) EXPECT_TRUE(p.grad().defined());
  const ModuleList<Linear> layers({Linear(3, 5, no_bias), Linear(5, 2, no_bias)});
  EXPECT_TRUE(same(product(layers), matmul(layers[1].weight, layers[0].weight)));
}

TEST_F(Product, RefusesWhatIsNotLinear) {
  EXPECT_EQ(error_of([] {
              product(Sequential{Linear(2, 2, no_bias), Sequential{ReLU(), Linear(2, 2, no_bias)}});
            }),
            "product: layer 1.0 is not linear: ReLU");
  EXPECT_EQ(error_of([] { product(Sequential{Linear(2, 2)}); }), "product: layer 0 is not linear: it has a bias");
  EXPECT_EQ(error_of([] { product(ModuleList<Linear>({Linear(2, 2)})); }),
            "product: layer 0 is not linear: it has a bias");
  EXPECT_EQ(error_of([] { product(Sequential{Identity()}); }), "product: the model has no weight");
}

TEST_F(ManyModels, OneLinearLayerIsOneOfEach) {
  const auto weight = randn({7, 2, 3}), bias = randn({7, 2}), x = randn({7, 5, 3}), shared = randn({5, 3});
  const Linear many(weight, bias);
  const auto y = many(x), of_shared = many(shared);
  EXPECT_EQ(y.shape(), Shape({7, 5, 2}));
  for (const int i : {0, 6}) {
    const Linear one(weight.select(0, i), bias.select(0, i));
    EXPECT_TRUE(same(y.select(0, i).detach(), one(x.select(0, i)).detach()));
    EXPECT_TRUE(same(of_shared.select(0, i).detach(), one(shared).detach()));
  }
  EXPECT_EQ(Linear(weight)(x).shape(), Shape({7, 5, 2}));
  EXPECT_EQ(error_of([&] { many(ones({3})); }), "Linear: the input of many models must be [..., batch, 3], got [3]");
  EXPECT_EQ(error_of([&] { Linear(weight, ones({2})); }), "Linear: the bias must be [7, 2], got [2]");
  EXPECT_EQ(product(Sequential{Linear(weight), Linear(randn({7, 4, 2}))}).shape(), Shape({7, 4, 3}));
}

// A model's bits do not depend on how many there are.
TEST_F(ManyModels, TrainAsOneDoes) {
  const auto first = randn({9, 4, 3}), first_bias = randn({9, 4}), last = randn({9, 5, 4}), x = randn({8, 3});
  const auto labels = tensor({0, 1, 2, 3, 4, 0, 1, 2});
  const auto trained = [&](const auto& of) {
    const Sequential net{Linear(of(first), of(first_bias)), Tanh(), Linear(of(last))};
    optim::SGD optimizer(net.parameters(), {.lr = 0.3});
    for (int step = 0; step < 5; ++step) {
      optimizer.zero_grad();
      cross_entropy(net(x), labels, Reduction::None).mean(-1).sum().backward();
      optimizer.step();
    }
    return net.parameters();
  };
  const auto together = trained([](const Tensor& t) { return t; });
  for (const int i : {0, 4, 8}) {
    const auto alone = trained([i](const Tensor& t) { return t.select(0, i); });
    for (std::size_t p = 0; p < alone.size(); ++p)
      EXPECT_TRUE(same(together[p].select(0, i).detach(), alone[p].detach())) << "model " << i << ", parameter " << p;
  }
}

TEST_F(ManyModels, CanBeCompressed) {
  const auto weight = randn({3, 6, 5});
  const auto net = compress(Linear(weight), 2);
  const auto x = randn({3, 4, 5});
  EXPECT_TRUE(close(net(x), matmul(x, linalg::low_rank_approximation(weight, 2).t()), 1e-13));
}

}  // namespace
}  // namespace sigmagrad::nn
