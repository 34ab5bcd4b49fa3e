// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/spectral_functions.hpp>
#include <sigmagrad/nn/activations.hpp>
#include <sigmagrad/nn/compress.hpp>
#include <sigmagrad/nn/dropout.hpp>
#include <sigmagrad/nn/parametrize.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

class Compress : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(14); }
};

std::int64_t parameter_count(const Module& model) {
  std::int64_t count = 0;
  for (const auto& parameter : model.parameters()) count += parameter.numel();
  return count;
}

TEST_F(Compress, ALayerComputesWithItsBestApproximation) {
  for (const bool bias : {true, false}) {
    const Linear layer(7, 5, {.bias = bias});
    const auto x = randn({4, 7});
    for (const std::int64_t rank : {1, 3, 5}) {
      const auto thin = compress(layer, rank);
      auto expected = matmul(x, linalg::low_rank_approximation(layer.weight, rank).t());
      if (bias) expected = expected + layer.bias;
      EXPECT_TRUE(close(thin(x), expected, 1e-13));
      EXPECT_EQ(parameter_count(thin), rank * (7 + 5) + (bias ? 5 : 0));
    }
  }
}

TEST_F(Compress, TheTwoLayersAreBalancedAndTrained) {
  const Linear layer(6, 8);
  const auto thin = compress(layer, 3);
  const auto first = thin.layer<Linear>(0)->weight, second = thin.layer<Linear>(1)->weight;
  EXPECT_TRUE(close(matmul(second.t(), second), matmul(first, first.t()), 1e-13));
  square(thin(randn({2, 6}))).sum().backward();
  for (const auto& parameter : thin.parameters()) EXPECT_TRUE(parameter.grad().defined());
  EXPECT_FALSE(layer.weight.grad().defined());
}

TEST_F(Compress, AModelIsReplacedWhereThatSaves) {
  const Sequential net{Linear(20, 16), ReLU(), Sequential{Linear(16, 16), Tanh()}, Linear(16, 3)};
  const auto x = randn({5, 20});
  const auto thin = compress(net, 4);
  EXPECT_EQ(thin.size(), net.size());
  EXPECT_EQ(parameter_count(thin), 4 * (20 + 16) + 16 + 4 * (16 + 16) + 16 + 16 * 3 + 3);
  const auto approximation = [](const Linear& layer, const Tensor& input) {
    return matmul(input, linalg::low_rank_approximation(layer.weight, 4).t()) + layer.bias;
  };
  const auto hidden = relu(approximation(*net.layer<Linear>(0), x));
  const auto inner = tanh(approximation(*net.layer<Sequential>(2)->layer<Linear>(0), hidden));
  EXPECT_TRUE(close(thin(x), (*net.layer<Linear>(3))(inner), 1e-13));
  EXPECT_TRUE(same(compress(net, 16)(x), net(x)));  // nothing is saved
}

TEST_F(Compress, TheModelStaysAsItIs) {
  const Sequential net{Linear(8, 8), Linear(8, 2)};
  const auto x = randn({3, 8}), before = net(x);
  const auto thin = compress(net, 2);
  const NoGrad guard;
  for (auto& parameter : thin.parameters()) parameter.zero_();
  EXPECT_TRUE(same(net(x), before.detach()));
}

TEST_F(Compress, ParametrisedLayersCountWithTheirWeights) {
  const auto layer = parametrize(Linear(9, 9), WeightNorm{});
  const auto x = randn({3, 9});
  const auto thin = compress(Sequential{layer}, 2);
  const auto weight = linalg::low_rank_approximation(layer.weight(), 2);
  EXPECT_TRUE(close(thin(x), matmul(x, weight.t()) + layer.named_weights().back().second, 1e-13));
}

TEST_F(Compress, KeepsTheModeAndTheDtypeAndDrawsNothing) {
  Sequential net{Linear(8, 8, {.dtype = f32}), Dropout(0.5)};
  net.eval();
  const auto state = default_generator().state();
  const auto thin = compress(net, 2);
  EXPECT_EQ(default_generator().state(), state);
  EXPECT_FALSE(thin.is_training());
  const auto x = ones({3, 8}, f32);
  EXPECT_TRUE(same(thin(x), thin(x)));  // the dropout is silent too
  EXPECT_EQ(thin(x).dtype(), f32);
}

TEST_F(Compress, ByEnergyKeepsTheLeastRankThatHoldsTheShare) {
  // Squares of the singular values are 16, 9, 4, 1 of 30.
  const auto [Q, R] = linalg::qr(randn({6, 4}));
  const Linear layer(matmul(Q, diag(tensor({4, 3, 2, 1}))));
  const auto rank = [&](double energy) { return compress(layer, {.energy = energy}).layer<Linear>(0)->weight.size(0); };
  EXPECT_EQ(rank(0.1), 1);
  EXPECT_EQ(rank(16.0 / 30 - 1e-9), 1);
  EXPECT_EQ(rank(16.0 / 30 + 1e-9), 2);
  EXPECT_EQ(rank(0.9), 3);
  EXPECT_EQ(rank(29.0 / 30 + 1e-9), 4);
  EXPECT_EQ(rank(1.0), 4);
  EXPECT_EQ(compress(Linear(zeros({3, 3})), {.energy = 0.9}).layer<Linear>(0)->weight.size(0), 1);
  const auto large = Linear(0x1p700 * layer.weight.detach());
  EXPECT_EQ(compress(large, {.energy = 0.9}).layer<Linear>(0)->weight.size(0), 3);
  EXPECT_TRUE(same(compress(layer, {.rank = 2})(ones({1, 4})), compress(layer, 2)(ones({1, 4}))));
  // In a model each layer has the rank it needs, and stays where two would be more numbers.
  const Sequential net{Linear(matmul(randn({12, 2}), randn({2, 12}))), ReLU(), Linear(12, 12)};
  const auto thin = compress(net, {.energy = 1.0 - 1e-12});
  EXPECT_EQ(thin.layer<Sequential>(0)->layer<Linear>(0)->weight.size(0), 2);
  EXPECT_TRUE(thin.layer<Linear>(2) != nullptr);
  EXPECT_TRUE(close(thin(ones({1, 12})), net(ones({1, 12})), 1e-12));
}

TEST_F(Compress, Misuse) {
  const Linear layer(5, 3);
  EXPECT_EQ(error_of([&] { compress(layer, CompressOptions{}); }),
            "compress: needs either a rank or an energy, got neither");
  EXPECT_EQ(error_of([&] { compress(layer, {.rank = 1, .energy = 0.5}); }),
            "compress: needs either a rank or an energy, got both");
  for (const double energy : {0.0, 1.5, std::nan("")})
    EXPECT_EQ(error_of([&] { compress(Sequential{layer}, {.energy = energy}); }).substr(0, 42),
              "compress: energy must be > 0 and <= 1 (got");
  EXPECT_EQ(error_of([&] { compress(layer, 0); }), "compress: rank must be in 1 ... 3 for a weight [3, 5] (got 0)");
  EXPECT_EQ(error_of([&] { compress(layer, 4); }), "compress: rank must be in 1 ... 3 for a weight [3, 5] (got 4)");
  EXPECT_EQ(error_of([&] { compress(Sequential{layer, ReLU()}, 0); }), "compress: rank must be >= 1 (got 0)");
}

}  // namespace
}  // namespace sigmagrad::nn
