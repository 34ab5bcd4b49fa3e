// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/autograd/gradcheck.hpp>
#include <sigmagrad/nn/losses.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;

TEST(MseLoss, Reductions) {
  const auto prediction = tensor({1, 2, 3, 4}, {2, 2}), target = tensor({1, 0, 0, 5}, {2, 2});
  EXPECT_DOUBLE_EQ(mse_loss(prediction, target).item(), 3.5);
  EXPECT_DOUBLE_EQ(mse_loss(prediction, target, Reduction::Sum).item(), 14.0);
  EXPECT_DOUBLE_EQ(mse_loss(prediction, target, Reduction::HalfSum).item(), 7.0);
  EXPECT_EQ(mse_loss(prediction, target).shape(), Shape{});
  EXPECT_EQ(mse_loss(prediction.to(f32), target.to(f32)).dtype(), f32);
}

TEST(MseLoss, Gradients) {
  Generator generator(5);
  for (const auto reduction : {Reduction::Mean, Reduction::Sum, Reduction::HalfSum}) {
    const auto f = [=](const Tensor& a, const Tensor& b) { return mse_loss(a, b, reduction); };
    testing::gradcheck(f, {randn({3, 4}, generator), randn({3, 4}, generator)});
    testing::gradgradcheck(f, {randn({3, 4}, generator), randn({3, 4}, generator)});
  }
}

TEST(MseLoss, RefusesToBroadcastAndToMixDtypes) {
  EXPECT_EQ(error_of([] { mse_loss(ones({3, 1}), ones({3})); }), "mse_loss: shapes differ: [3, 1] and [3]");
  EXPECT_NE(error_of([] { mse_loss(ones({3}), ones({3}, f32)); }), "no error");
}

}  // namespace
}  // namespace sigmagrad
