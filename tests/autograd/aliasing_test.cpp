// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <thread>

#include <gtest/gtest.h>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad {
namespace {

TEST(Aliasing, AValueOfAnOldValueOutlivesLaterWrites) {
  Tensor x = tensor({1, 2, 3, 4}, {2, 2});
  const Tensor old = x.reshape({4});
  x.add_(1.0);
  { const Tensor of_old = old.reshape({2, 2}); }
  const Tensor kept = old.reshape({2, 2}).t();
  x.add_(1.0);
  EXPECT_EQ(old.to_vector(), (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(kept.to_vector(), (std::vector<double>{1, 3, 2, 4}));
  EXPECT_EQ(x.to_vector(), (std::vector<double>{3, 4, 5, 6}));
}

TEST(Aliasing, ATransposeMayBeItsOwnOperand) {
  Tensor x = tensor({1, 2, 3, 4, 5, 6}, {2, 3}).t();
  x.add_(x);
  EXPECT_EQ(x.to_vector(), (std::vector<double>{2, 8, 4, 10, 6, 12}));
}

TEST(Aliasing, AProductNeedsOnlyTheOtherOperandForAGradient) {
  Tensor w = ones({2, 2}).requires_grad_();
  const auto loss = matmul(w, 3.0 * ones({2, 1})).sum();
  {
    const NoGrad guard;
    w.zero_();
  }
  loss.backward();
  EXPECT_EQ(w.grad().to_vector(), (std::vector<double>{3, 3, 3, 3}));
}

TEST(Aliasing, AFilledOutputBecomesALeafOfItsOwn) {
  const Tensor w = (eye(2) + 0.1 * ones({2, 2})).requires_grad_();
  Tensor v = linalg::svd(w).Vt;
  v.fill_(2.0);
  v.requires_grad_();
  square(v).sum().backward();
  EXPECT_EQ(v.grad().to_vector(), (std::vector<double>{4, 4, 4, 4}));
}

TEST(Aliasing, AGraphContinuesOnAnotherThread) {
  Tensor w = ones({}).requires_grad_();
  Tensor y = w;
  for (int i = 0; i < 50; ++i) y = y * 1.0;
  std::vector<Tensor> gradient;
  std::thread([&] { gradient = grad(y * 3.0, std::vector{w}); }).join();
  EXPECT_EQ(gradient.at(0).item(), 3.0);
}

TEST(Aliasing, AReleasedGraphIsNoUnusedInput) {
  const Tensor w = ones({}).requires_grad_();
  const Tensor y = square(w);
  y.backward();
  EXPECT_THROW(grad(y * 2.0, std::vector{w}, {.allow_unused = true}), Error);
}

TEST(Aliasing, AnInfiniteGradientStaysWhereItIsSelected) {
  const Tensor x = tensor({-1, 1}, {2}).requires_grad_();
  const auto [g] = grad(relu(x), {x}, {.grad_outputs = tensor({INFINITY, 1}, {2})});
  EXPECT_EQ(g.to_vector(), (std::vector<double>{0, 1}));
}

}  // namespace
}  // namespace sigmagrad
