// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <sstream>

#include <gtest/gtest.h>

#include <sigmagrad/sigmagrad.hpp>

// Programs as a user writes them, with nothing but the library's one header.
namespace sg = sigmagrad;

namespace {

TEST(Program, TrainSomething) {
  sg::manual_seed(42);
  const auto target = sg::randn({64, 64}) / 8.0;
  sg::nn::Linear model(64, 64, {.bias = false});
  sg::optim::SGD optimizer(model.parameters(), {.lr = 0.01});
  std::vector<double> losses;
  for (int step = 0; step < 200; ++step) {
    const auto x = sg::randn({64, 64});  // [batch, in]
    const auto loss = sg::mse_loss(model(x), sg::matmul(x, target.t()));
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    losses.push_back(loss.item());
  }
  const auto cond = sg::linalg::cond(model.weight);
  EXPECT_GT(cond.item(), 1.0);
  EXPECT_TRUE(cond.requires_grad());
  // A step shrinks the expected error by about 1 - 2 lr 2 / 64, hence the loss by exp(-0.125) in 200.
  EXPECT_NEAR(losses.back() / losses.front(), std::exp(-0.125), 0.06);
}

struct DeepLinear : sg::nn::Module {
  std::vector<sg::Tensor> factors;
  DeepLinear(int depth, int dim, double scale) {
    for (int l = 0; l < depth; ++l)
      factors.push_back(register_parameter("w" + std::to_string(l + 1), scale * sg::randn({dim, dim})));
  }
  sg::Tensor product() const {
    sg::Tensor w = factors.front();
    for (std::size_t l = 1; l < factors.size(); ++l) w = sg::matmul(factors[l], w);
    return w;
  }
};

TEST(Program, AModelVariantIsAStruct) {
  sg::manual_seed(1);
  DeepLinear model(3, 4, 0.5);
  sg::optim::Adam optimizer(model.parameters(), {.lr = 0.05});
  const auto loss = [&] { return sg::mse_loss(model.product(), sg::eye(4)); };
  const double start = loss().item();
  for (int step = 0; step < 400; ++step) {
    optimizer.zero_grad();
    loss().backward();
    optimizer.step();
  }
  EXPECT_LT(loss().item(), 1e-3 * start);
  EXPECT_EQ(model.named_parameters()[2].first, "w3");
  EXPECT_TRUE(model.parameters()[2].is(model.factors[2]));
}

struct Mlp : sg::nn::Module {
  sg::nn::Linear hidden, out;
  Mlp()
      : hidden(register_module("hidden", sg::nn::Linear(64, 128))),
        out(register_module("out", sg::nn::Linear(128, 10))) {}
  sg::Tensor operator()(const sg::Tensor& x) const { return out(sg::relu(hidden(x))); }
};

TEST(Program, AModelOfParts) {
  const Mlp mlp;
  EXPECT_EQ(mlp(sg::ones({5, 64})).shape(), sg::Shape({5, 10}));
  EXPECT_EQ(mlp.named_parameters()[3].first, "out.bias");
  sg::nn::Sequential net{sg::nn::Linear(64, 128), sg::nn::ReLU(), sg::nn::Linear(128, 10)};
  std::ostringstream out;
  for (auto& [name, p] : net.named_parameters()) out << name << ' ' << p.shape() << '\n';
  EXPECT_TRUE(out.str().starts_with("0.weight [128, 64]\n0.bias [128]\n"));
}

sg::Tensor flatness(const sg::Tensor& w) {  // the user's own: variance of the log singular values
  const auto s = sg::log(sg::linalg::svdvals(w));
  return sg::square(s - sg::mean(s)).sum();
}

TEST(Program, ARegulariserIsAFunctionOfATensor) {
  sg::manual_seed(5);
  const Mlp model;
  const auto x = sg::randn({3, 64}), y = sg::randn({3, 10});
  const auto penalty = 1e-3 * sg::nn::nuclear_penalty() + 1e-2 * sg::nn::Penalty(flatness);
  const auto loss = sg::mse_loss(model(x), y) + penalty(model);
  double expected = sg::mse_loss(model(x), y).item();
  for (const auto& w : {model.hidden.weight, model.out.weight})
    expected += 1e-3 * sg::linalg::norm(w, sg::linalg::Nuclear).item() + 1e-2 * flatness(w).item();
  EXPECT_NEAR(loss.item(), expected, 1e-12 * expected);
}

TEST(Program, LayersStartAndShrink) {
  sg::nn::Sequential net{sg::nn::Linear(64, 128), sg::nn::LeakyReLU(), sg::nn::Dropout(0.1), sg::nn::Linear(128, 10)};
  for (auto& [name, p] : net.named_parameters())
    if (p.dim() == 2) sg::nn::init::kaiming_normal_(p, {.a = 0.01});
  const auto loss = sg::cross_entropy(net(sg::randn({3, 64})), {0, 9, 4});
  loss.backward();
  EXPECT_TRUE(std::isfinite(loss.item()));
  net.eval();
  EXPECT_EQ(sg::nn::compress(net, 8)(sg::ones({1, 64})).shape(), sg::Shape({1, 10}));
}

}  // namespace
