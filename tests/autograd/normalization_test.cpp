// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

class Normalizing : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(11); }
};

TEST_F(Normalizing, ASampleHasItsBitsWhateverStandsBesideIt) {
  for (const Dtype dtype : {f64, f32}) {
    const Tensor x = randn({5, 3, 4, 7}, dtype), weight = randn({3}, dtype), bias = randn({3}, dtype);
    const Tensor mean = randn({3}, dtype), var = square(randn({3}, dtype));
    const Tensor rows = randn({4, 7}, dtype);
    const Tensor channels = batch_norm(x, mean, var, weight, bias), last = layer_norm(x, {4, 7}, rows, rows);
    for (std::int64_t i = 0; i < 5; ++i) {
      EXPECT_TRUE(same(batch_norm(x.narrow(0, i, 1), mean, var, weight, bias), channels.narrow(0, i, 1)));
      EXPECT_TRUE(same(layer_norm(x.narrow(0, i, 1), {4, 7}, rows, rows), last.narrow(0, i, 1)));
    }
  }
}

// One kernel makes the gradients; with a graph operations do.
TEST_F(Normalizing, GradientsWithAGraphAreThoseWithout) {
  const Tensor x = (3.0 + randn({4, 3, 5})).requires_grad_(), mean = randn({3}), var = square(randn({3})) + 0.5;
  const Tensor weight = randn({3}).requires_grad_(), bias = randn({3}).requires_grad_();
  const Tensor along = randn({4, 3, 5}), row = randn({5}).requires_grad_();
  const auto expect_alike = [&](const Tensor& y, const std::vector<Tensor>& leaves) {
    const Tensor loss = (along * square(y)).sum();
    const auto plain = grad(loss, leaves, {.retain_graph = true}), again = grad(loss, leaves, {.create_graph = true});
    for (std::size_t i = 0; i < leaves.size(); ++i) EXPECT_TRUE(close(again[i].detach(), plain[i], 1e-13)) << i;
  };
  for (const bool training : {true, false}) {
    const BatchNormMode mode{.training = training};
    expect_alike(batch_norm(x, mean, var, weight, bias, mode), {x, weight, bias});
    expect_alike(batch_norm(x, mean, var, {}, bias, mode), {x, bias});
    expect_alike(batch_norm(x, mean, var, weight, {}, mode), {weight});
    expect_alike(batch_norm(x, mean, var, {}, {}, mode), {x});
  }
  expect_alike(layer_norm(x, {5}, row, row), {x, row});
  expect_alike(layer_norm(x, {5}, {}, row), {x, row});
  expect_alike(layer_norm(x, {3, 5}, {}, {}), {x});
}

TEST_F(Normalizing, ThirdDerivatives) {
  const auto f = [](const Tensor& x, const Tensor& weight) {
    const Tensor leaf = x.requires_grad() ? x : x.clone().requires_grad_();
    const Tensor y = batch_norm(leaf, {}, {}, weight, {}, {.training = true, .eps = 0.1});
    return grad(pow(y, 3.0).sum(), {leaf}, {.create_graph = true})[0];
  };
  testing::gradgradcheck(f, {randn({3, 2, 2}), randn({2})});
}

TEST_F(Normalizing, ALargeMeanCostsNoDigits) {
  const Tensor x = randn({6, 2, 50});
  const BatchNormMode mode{.training = true};
  const Tensor plain = batch_norm(x, {}, {}, {}, {}, mode);
  EXPECT_TRUE(close(batch_norm(x + 0x1p40, {}, {}, {}, {}, mode), plain, 1e-3));  // as the sum is rounded
  const Tensor far = x + 0x1p40, back = far - 0x1p40;                             // the same numbers, without the mean
  EXPECT_TRUE(close(batch_norm(far, {}, {}, {}, {}, mode), batch_norm(back, {}, {}, {}, {}, mode), 1e-14));
  EXPECT_TRUE(close(layer_norm(far, {50}, {}, {}), layer_norm(back, {50}, {}, {}), 1e-14));
}

TEST_F(Normalizing, RunningStatisticsMoveInTrainingAlone) {
  const Tensor x = randn({4, 3, 2}), mean = randn({3}), var = square(randn({3}));
  const Tensor old_mean = mean.clone(), old_var = var.clone();
  batch_norm(x, mean, var, {}, {}, {.momentum = 0.25});
  EXPECT_TRUE(same(mean, old_mean));
  EXPECT_EQ(error_of([&] { batch_norm(x, mean, var, ones({3}, f32), {}, {.training = true}); }),
            "batch_norm: dtypes differ: f64 and f32 (convert one with to())");
  EXPECT_EQ(error_of([&] { batch_norm(x, mean, {}, {}, {}, {.training = true}); }),
            "batch_norm: mean and var must both be given or both be undefined");
  EXPECT_EQ(error_of([&] { batch_norm(x, mean, ones({3}).requires_grad_(), {}, {}); }),
            "batch_norm: no gradient flows through mean and var; detach them");
  EXPECT_TRUE(same(mean, old_mean) && same(var, old_var));
  batch_norm(x, mean, var, {}, {}, {.training = true, .momentum = 0.25});
  const Tensor rows = x.transpose(1, 2).reshape({8, 3});
  EXPECT_TRUE(close(mean, 0.75 * old_mean + 0.25 * sigmagrad::mean(rows, 0), 1e-14));
  EXPECT_TRUE(close(var, 0.75 * old_var + 0.25 * sigmagrad::var(rows, 0), 1e-14));
}

}  // namespace
}  // namespace sigmagrad
