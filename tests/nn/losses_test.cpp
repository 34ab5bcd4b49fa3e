// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <cmath>
#include <limits>

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
  for (const auto reduction : {Reduction::Mean, Reduction::Sum, Reduction::HalfSum, Reduction::None}) {
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
    const auto of_options = [&](const Tensor& l, const Tensor& weight) {
      return cross_entropy(l, labels, {.weight = weight, .label_smoothing = 0.2, .reduction = reduction});
    };
    testing::gradcheck(of_options, {x, rand({4}, generator)});
    testing::gradgradcheck(of_options, {x, rand({4}, generator)});
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
  EXPECT_EQ(error_of([] { cross_entropy(ones({2, 4}), labels); }), "cross_entropy: 3 labels for [2, 4], expected 2");
  EXPECT_EQ(error_of([] { cross_entropy(ones({4}), labels); }), "cross_entropy: needs [..., batch, classes], got [4]");
  EXPECT_EQ(error_of([] {
              cross_entropy(ones({3, 4}), labels, Reduction::MeanObserved);
            }),
            "cross_entropy: MeanObserved needs a mask (see masked_mse_loss)");
}

TEST(CrossEntropy, ModelsInLeadingAxesShareLabelsOrHaveTheirOwn) {
  Generator generator(8);
  const auto logits = randn({2, 3, 4}, generator);
  const auto own = tensor({2, 0, 3, 1, 1, 0}, {2, 3}), shared = tensor({2, 0, 3});
  const auto of = [&](std::int64_t model, const Tensor& labels_of, Reduction reduction) {
    return cross_entropy(logits.select(0, model), labels_of, reduction);
  };
  const auto each = cross_entropy(logits, own, Reduction::None);
  EXPECT_TRUE(testing::same(each.select(0, 1), of(1, own.select(0, 1), Reduction::None)));
  EXPECT_TRUE(testing::same(cross_entropy(logits, shared, Reduction::None).mean(-1),
                            stack({of(0, shared, Reduction::Mean), of(1, shared, Reduction::Mean)})));
  EXPECT_TRUE(
      testing::same(cross_entropy(logits, labels, Reduction::None), cross_entropy(logits, shared, Reduction::None)));
  EXPECT_TRUE(testing::same(cross_entropy(logits, {2, 0, 3, 1, 1, 0}, Reduction::None), each));
  EXPECT_TRUE(testing::close(cross_entropy(logits, own), each.mean(), 1e-15));
  EXPECT_TRUE(testing::same(nll_loss(logits, own, Reduction::None).select(0, 1),
                            nll_loss(logits.select(0, 1), {1, 1, 0}, Reduction::None)));
  EXPECT_TRUE(testing::same(nll_loss(logits, labels, Reduction::None), nll_loss(logits, shared, Reduction::None)));
  const auto weighted = CrossEntropyOptions{.weight = tensor({1, 2, 0.5, 3}), .reduction = Reduction::None};
  EXPECT_TRUE(testing::same(cross_entropy(logits, labels, weighted).select(0, 1),
                            cross_entropy(logits.select(0, 1), labels, weighted)));
}

TEST(CrossEntropy, ProbabilitiesHideMaskedClasses) {
  const auto infinity = std::numeric_limits<double>::infinity();
  const auto logits = tensor({0, -infinity, 0}, {1, 3}).requires_grad_();
  const auto loss = cross_entropy(logits, tensor({0.25, 0, 0.75}, {1, 3}));
  EXPECT_NEAR(loss.item(), std::log(2.0), 1e-15);
  loss.backward();
  EXPECT_TRUE(testing::close(logits.grad(), tensor({0.25, 0, -0.25}, {1, 3}), 1e-15));
}

TEST(CrossEntropy, OneHotProbabilitiesAreLabels) {
  Generator generator(9);
  const auto logits = randn({3, 4}, generator), weight = rand({4}, generator);
  const auto one_hot = tensor({0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1}, {3, 4});
  for (const double smoothing : {0.0, 0.1})
    for (const auto reduction : {Reduction::Sum, Reduction::HalfSum, Reduction::None}) {
      const CrossEntropyOptions options{weight, smoothing, reduction};
      EXPECT_TRUE(
          testing::close(cross_entropy(logits, one_hot, options), cross_entropy(logits, labels, options), 1e-14));
    }
}

TEST(Losses, KeepEachTermThatTheySum) {
  Generator generator(10);
  const auto a = randn({2, 5}, generator), b = rand({2, 5}, generator), mask = bernoulli(full({2, 5}, 0.5), generator);
  const auto expect = [](const auto& loss, const Shape& shape) {
    EXPECT_EQ(loss(Reduction::None).shape(), shape);
    EXPECT_TRUE(testing::same(loss(Reduction::None).sum(), loss(Reduction::Sum)));
  };
  expect([&](Reduction r) { return mse_loss(a, b, r); }, {2, 5});
  expect([&](Reduction r) { return masked_mse_loss(a, b, mask, r); }, {2, 5});
  expect([&](Reduction r) { return l1_loss(a, b, r); }, {2, 5});
  expect([&](Reduction r) { return smooth_l1_loss(a, b, 0.5, r); }, {2, 5});
  expect([&](Reduction r) { return huber_loss(a, b, 0.5, r); }, {2, 5});
  expect([&](Reduction r) { return bce_with_logits(a, b, r); }, {2, 5});
  expect([&](Reduction r) { return kl_div(a, b, r); }, {2, 5});
  expect([&](Reduction r) { return nll_loss(a, {4, 0}, r); }, {2});
  expect([&](Reduction r) { return cross_entropy(a, {4, 0}, r); }, {2});
  expect([&](Reduction r) { return cross_entropy(a, b, r); }, {2});
  expect([&](Reduction r) { return sensing_loss(a.select(0, 0), ones({3, 5}), ones({3}), r); }, {3});
}

TEST(SensingLoss, ModelsShareMeasurements) {
  Generator generator(11);
  const auto w = randn({2, 3, 4}, generator), X = randn({5, 3, 4}, generator), y = randn({2, 5}, generator);
  const auto each = sensing_loss(w, X, y, Reduction::None);
  for (int model = 0; model < 2; ++model)
    EXPECT_TRUE(testing::close(each.select(0, model),
                               sensing_loss(w.select(0, model), X, y.select(0, model), Reduction::None), 1e-14));
  EXPECT_TRUE(
      testing::close(sensing_loss(w, X, y.select(0, 1), Reduction::None).select(0, 1), each.select(0, 1), 1e-14));
}

TEST(Losses, RefuseBoundsWithoutAMeaning) {
  const auto x = ones({2});
  EXPECT_EQ(error_of([&] { smooth_l1_loss(x, x, -1.0); }), "smooth_l1_loss: beta must be >= 0 and finite (got -1)");
  EXPECT_EQ(error_of([&] { huber_loss(x, x, 0.0); }), "huber_loss: delta must be > 0 and finite (got 0)");
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
