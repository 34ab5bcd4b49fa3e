// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <cmath>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/gradcheck.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
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

TEST(MseLoss, RefusesToCountObservedEntriesWithoutAMask) {
  EXPECT_EQ(error_of([] { mse_loss(ones({3}), ones({3}), Reduction::MeanObserved); }),
            "mse_loss: MeanObserved needs a mask (see masked_mse_loss)");
}

TEST(MaskedMseLoss, Reductions) {
  const auto prediction = tensor({1, 2, 3, 4}, {2, 2}), target = tensor({7, 0, 0, 5}, {2, 2});
  const auto mask = tensor({0, 1, 1, 1}, {2, 2});
  EXPECT_DOUBLE_EQ(masked_mse_loss(prediction, target, mask).item(), 14.0 / 3.0);
  EXPECT_DOUBLE_EQ(masked_mse_loss(prediction, target, mask, Reduction::Mean).item(), 3.5);
  EXPECT_DOUBLE_EQ(masked_mse_loss(prediction, target, mask, Reduction::Sum).item(), 14.0);
  EXPECT_DOUBLE_EQ(masked_mse_loss(prediction, target, mask, Reduction::HalfSum).item(), 7.0);
}

TEST(MaskedMseLoss, TheMaskReceivesNoGradient) {
  const auto prediction = ones({3}).requires_grad_(), mask = ones({3}).requires_grad_();
  masked_mse_loss(prediction, zeros({3}), mask).backward();
  EXPECT_TRUE(prediction.grad().defined());
  EXPECT_FALSE(mask.grad().defined());
}

TEST(MaskedMseLoss, RefusesToBroadcast) {
  EXPECT_EQ(error_of([] {
              masked_mse_loss(ones({2, 3}), ones({2, 3}), ones({3}));
            }),
            "masked_mse_loss: shapes differ: [2, 3] and [3]");
}

constexpr std::array<std::int64_t, 3> labels{2, 0, 3};

Tensor written_out(const Tensor& logits, double factor) {
  Tensor total = zeros({});
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = logits.select(0, static_cast<std::int64_t>(i));
    total = total - log(exp(row.select(0, labels[i])) / exp(row).sum());
  }
  return factor * total;
}

TEST(BceWithLogits, LargeLogitsNeitherOverflowNorLoseTheLoss) {
  Tensor logits = tensor({1000, -1000, 0}, {3}).requires_grad_();
  const auto loss = bce_with_logits(logits, tensor({0, 0, 1}, {3}), Reduction::Sum);
  EXPECT_NEAR(loss.item(), 1000 + std::log(2.0), 1e-9);
  loss.backward();
  EXPECT_TRUE(testing::close(logits.grad(), tensor({1, 0, -0.5}, {3}), 1e-12));
}

TEST(CrossEntropy, Reductions) {
  Generator generator(3);
  const auto logits = randn({3, 4}, generator);
  const auto close = [](const Tensor& a, const Tensor& b) { return allclose(a, b, 1e-14, 1e-14); };
  EXPECT_TRUE(close(cross_entropy(logits, labels), written_out(logits, 1.0 / 3.0)));
  EXPECT_TRUE(close(cross_entropy(logits, labels, Reduction::Sum), written_out(logits, 1.0)));
  EXPECT_TRUE(close(cross_entropy(logits, labels, Reduction::HalfSum), written_out(logits, 0.5)));
  EXPECT_EQ(cross_entropy(logits.to(f32), labels).dtype(), f32);
}

TEST(CrossEntropy, LargeLogitsNeitherOverflowNorLoseTheLoss) {
  const auto logits = tensor({1e4, 0, -1e4, 1e4}, {2, 2}).requires_grad_();
  const std::array<std::int64_t, 2> wrong{1, 1};
  const auto loss = cross_entropy(logits, wrong, Reduction::Sum);
  EXPECT_EQ(loss.item(), 1e4);  // the second row is right
  loss.backward();
  EXPECT_TRUE(testing::same(logits.grad(), tensor({1, -1, 0, 0}, {2, 2})));
}

TEST(CrossEntropy, InSinglePrecisionToo) {
  const auto logits = tensor({1e4, 0, -1e4, 1e4}, {2, 2}, f32).requires_grad_();
  const auto loss = cross_entropy(logits, {1, 0});
  EXPECT_EQ(loss.item(), 1.5e4);
  loss.backward();
  EXPECT_TRUE(testing::same(logits.grad(), tensor({0.5, -0.5, -0.5, 0.5}, {2, 2}, f32)));
}

TEST(CrossEntropy, TakesABracedListOfLabels) {
  Generator generator(3);
  const auto logits = randn({3, 4}, generator), one = randn({1, 4}, generator);
  EXPECT_TRUE(testing::same(cross_entropy(logits, {2, 0, 3}), cross_entropy(logits, labels)));
  EXPECT_TRUE(
      testing::same(cross_entropy(logits, {2, 0, 3}, Reduction::Sum), cross_entropy(logits, labels, Reduction::Sum)));
  EXPECT_TRUE(testing::same(cross_entropy(one, {2}), cross_entropy(one, std::span(labels).first(1))));
  const auto two = logits.narrow(0, 0, 2);
  EXPECT_TRUE(testing::same(cross_entropy(two, {2, 0}), cross_entropy(two, std::span(labels).first(2))));
}

TEST(Losses, GradientsUnderEveryReduction) {
  Generator generator(7);
  for (const auto reduction : {Reduction::Mean, Reduction::Sum, Reduction::HalfSum}) {
    const auto of_labels = [&](const Tensor& x) { return cross_entropy(x, labels, reduction); };
    const auto of_targets = [&](const Tensor& x, const Tensor& y) { return bce_with_logits(x, y, reduction); };
    const auto of_measurements = [&](const Tensor& w, const Tensor& X, const Tensor& y) {
      return sensing_loss(w, X, y, reduction);
    };
    const auto x = randn({3, 4}, generator), y = rand({3, 4}, generator);
    const auto X = randn({5, 3, 4}, generator), values = randn({5}, generator);
    testing::gradcheck(of_labels, {x});
    testing::gradgradcheck(of_labels, {x});
    testing::gradcheck(of_targets, {x, y});
    testing::gradgradcheck(of_targets, {x, y});
    testing::gradcheck(of_measurements, {x, X, values});
    testing::gradgradcheck(of_measurements, {x, X, values});
  }
}

TEST(CrossEntropy, Misuse) {
  const std::array<std::int64_t, 3> high{2, 4, 3}, low{2, -1, 3};
  EXPECT_EQ(error_of([&] {
              cross_entropy(ones({3, 4}), high);
            }),
            "cross_entropy: label 4 of row 1 is out of range for 4 classes");
  EXPECT_EQ(error_of([&] {
              cross_entropy(ones({3, 4}), low);
            }),
            "cross_entropy: label -1 of row 1 is out of range for 4 classes");
  EXPECT_EQ(error_of([] {
              cross_entropy(ones({2, 4}), labels);
            }),
            "cross_entropy: 3 labels for logits [2, 4], expected 2");
  EXPECT_EQ(error_of([] { cross_entropy(ones({4}), labels); }),
            "cross_entropy: logits must be [batch, classes], got [4]");
  EXPECT_EQ(error_of([] {
              cross_entropy(ones({3, 4}), labels, Reduction::MeanObserved);
            }),
            "cross_entropy: MeanObserved needs a mask (see masked_mse_loss)");
}

TEST(CrossEntropy, ACapturedStepKeepsItsLabels) {
  Generator generator(4);
  auto logits = randn({3, 4}, generator).requires_grad_();
  std::vector<std::int64_t> temporary(labels.begin(), labels.end());
  auto step = capture([&] {
    logits.zero_grad();
    const auto loss = cross_entropy(logits, temporary);
    loss.backward();
    return loss;
  });
  step();
  temporary.assign(3, 1);
  const auto next = randn({3, 4}, generator);
  {
    const NoGrad guard;
    logits.copy_(next);
  }
  const auto replayed = step().item();
  const auto fresh = next.clone().requires_grad_();
  const auto loss = cross_entropy(fresh, labels);
  EXPECT_EQ(replayed, loss.item());
  loss.backward();
  EXPECT_TRUE(testing::same(logits.grad(), fresh.grad()));
}

TEST(CrossEntropy, LabelsInATensorAreReadAtEveryCall) {
  const Tensor logits = randn({4, 3}), x = randn({6, 3});
  Tensor given = tensor({0, 2, 1, 1}), rows = tensor({5, 0, 1, 3});
  for (const auto reduction : {Reduction::Mean, Reduction::Sum, Reduction::HalfSum})
    EXPECT_TRUE(
        testing::close(cross_entropy(logits, given, reduction), cross_entropy(logits, {0, 2, 1, 1}, reduction), 1e-14));
  testing::gradcheck([&](const Tensor& l) { return cross_entropy(l, given); }, {logits});
  auto step = capture([&] { return cross_entropy(index_select(x, 0, rows), given); });
  step();
  given.copy_(tensor({1, 1, 0, 2}));
  rows.copy_(tensor({2, 2, 4, 0}));
  const std::vector<std::int64_t> chosen{2, 2, 4, 0};
  EXPECT_TRUE(testing::close(step(), cross_entropy(index_select(x, 0, chosen), {1, 1, 0, 2}), 1e-14));
  EXPECT_EQ(testing::error_of([&] { cross_entropy(logits, ones({3})); }), "cross_entropy: labels must be [4], got [3]");
  EXPECT_NE(testing::error_of([&] { cross_entropy(logits, full({4}, 3.0)); }), "no error");
}

}  // namespace
}  // namespace sigmagrad
