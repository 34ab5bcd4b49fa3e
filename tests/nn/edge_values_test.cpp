// SPDX-License-Identifier: BSD-3-Clause
// Losses at large logits and at entries that are infinite or NaN, in both dtypes, eager and captured.
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/nn/dropout.hpp>
#include <sigmagrad/nn/losses.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/jets.hpp>

namespace sigmagrad {
namespace {

using testing::entries_near;
using testing::error_of;
using testing::expect_jet;
using testing::Values;

using X = const Tensor&;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// Checks cross_entropy of one row of logits, with the label in a list and in a tensor.
void expect_cross_entropy(const Values& logits, std::int64_t label, const testing::Jet& expected) {
  const auto n = static_cast<std::int64_t>(logits.size());
  expect_jet([=](X x) { return cross_entropy(x.reshape({1, n}), {label}); }, logits, expected);
  expect_jet(
      [=](X x) {
        return cross_entropy(x.reshape({1, n}), full({1}, static_cast<double>(label), x.dtype()));
      },
      logits, expected);
}

TEST(CrossEntropyEdges, LargeLogitsDoNotCancel) {
  for (const double large : {1e8, 1e30, -1e30})
    expect_cross_entropy({large, large}, 0, {std::log(2.0), {-0.5, 0.5}, {0.25, -0.25}});
  expect_cross_entropy(
      {10000, 10001}, 0,
      {1.3132616875182228, {-0.7310585786300049, 0.7310585786300049}, {0.19661193324148185, -0.19661193324148185}});
}

TEST(CrossEntropyEdges, ASmallLossIsNotLost) {
  const double q = 4.248354255291589e-18;
  expect_cross_entropy({40, 0}, 0, {q, {-q, q}, {q, -q}});
  expect_cross_entropy({0, 40}, 1, {q, {q, -q}, {q, -q}});
  expect_cross_entropy({40, 0}, 1, {40, {1, -1}, {q, -q}});
}

TEST(CrossEntropyEdges, MaskedClasses) {
  expect_cross_entropy({0, 0, -infinity}, 0, {std::log(2.0), {-0.5, 0.5, 0}, {0.25, -0.25, 0}});
  expect_cross_entropy({0, -infinity}, 1, {infinity, {1, -1}, {0, 0}});
  expect_cross_entropy({-infinity, -infinity}, 0, {infinity, {-1, 0}, {0, 0}});
  expect_cross_entropy({1, infinity}, 1, {0, {0, 0}, {0, 0}});
  expect_cross_entropy({1, not_a_number}, 0,
                       {not_a_number, {not_a_number, not_a_number}, {not_a_number, not_a_number}});
}

TEST(CrossEntropyEdges, LabelsOfBothKindsGiveTheSameBits) {
  Generator generator(5);
  for (const Dtype dtype : {f64, f32}) {
    const Tensor x = (3.0 * randn({4, 600}, generator, dtype)).detach().requires_grad_();
    const Tensor a = cross_entropy(x, {0, 599, 3, 17}), b = cross_entropy(x, tensor({0, 599, 3, 17}, {4}, dtype));
    EXPECT_TRUE(testing::same(a, b));
    EXPECT_TRUE(testing::same(grad(a, {x})[0], grad(b, {x})[0]));
  }
}

TEST(CrossEntropyEdges, LabelsThatMayBeRoundedAreErrors) {
  const Tensor table = zeros({1 << 25, 0}, f32);
  const Tensor rounded = full({1}, 16777217.0, f32);  // 16777216
  EXPECT_EQ(error_of([&] { index_select(table, 0, rounded); }),
            "index_select: index 16777216 may be another one, rounded: f32 holds every whole number up to 2^24 only, "
            "f64 up to 2^53");
  EXPECT_EQ(index_select(table, 0, full({1}, 16777217.0)).shape(), Shape({1, 0}));
  EXPECT_EQ(index_select(table, 0, full({1}, 16777215.0, f32)).shape(), Shape({1, 0}));
}

TEST(BceEdges, ASmallLossIsNotLost) {
  const auto with_target = [](double y) { return [=](X x) { return bce_with_logits(x, full({1}, y, x.dtype())); }; };
  const double far = 1.928749847963918e-22, near = 2.061153620314381e-9, slope = 2.0611536181902036e-9,
               curve = 2.0611536139418494e-9;
  expect_jet(with_target(1), {50}, {far, {-far}, {far}});
  expect_jet(with_target(0), {-50}, {far, {far}, {far}});
  expect_jet(with_target(1), {20}, {near, {-slope}, {curve}});
  expect_jet(with_target(0), {-20}, {near, {slope}, {curve}});
  expect_jet(with_target(1), {0}, {std::log(2.0), {-0.5}, {0.25}});
  expect_jet(with_target(0.25), {30}, {22.500000000000094, {0.7499999999999064}, {9.357622968838423e-14}});
  expect_jet(with_target(1), {-3}, {3.048587351573742, {-0.9525741268224332}, {0.04517665973091214}});
}

TEST(BceEdges, InfiniteLogits) {
  const auto with_target = [](double y) { return [=](X x) { return bce_with_logits(x, full({1}, y, x.dtype())); }; };
  expect_jet(with_target(0), {-infinity}, {0, {0}, {0}});
  expect_jet(with_target(1), {infinity}, {0, {0}, {0}});
  expect_jet(with_target(1), {-infinity}, {infinity, {-1}, {0}});
  expect_jet(with_target(0), {infinity}, {infinity, {1}, {0}});
  expect_jet(with_target(0), {not_a_number}, {not_a_number, {not_a_number}, {not_a_number}});
}

TEST(BceEdges, GradientInTheTargets) {
  expect_jet(
      [](X y) {
        return bce_with_logits(tensor({50, -2}, {2}, y.dtype()), y, Reduction::Sum);
      },
      {1, 0}, {0.1269280110429726, {-50, 2}, {0, 0}});
}

TEST(LossEdges, AMeanOfOnesIsOne) {  // 49 times 1/49 is not, rounded
  const auto a = ones({49}), b = zeros({49});
  EXPECT_EQ(mse_loss(a, b).item(), 1.0);
  EXPECT_EQ(masked_mse_loss(a, b, a).item(), 1.0);
  EXPECT_EQ(masked_mse_loss(a, b, a, Reduction::MeanObserved).item(), 1.0);
}

TEST(MaskedMseEdges, WhatTheMaskHidesCountsForNothing) {
  for (const double hidden : {not_a_number, infinity}) {
    const auto loss = [=](Reduction reduction) {
      return [=](X x) {
        return masked_mse_loss(x, tensor({1, hidden, 5}, {3}, x.dtype()), tensor({1, 0, 1}, {3}, x.dtype()), reduction);
      };
    };
    expect_jet(loss(Reduction::MeanObserved), {3, 2, 4}, {2.5, {2, 0, -1}, {1, 0, 0}});
    expect_jet(loss(Reduction::Sum), {3, 2, 4}, {5, {4, 0, -2}, {2, 0, 0}});
    expect_jet(loss(Reduction::Sum), {3, hidden, 4}, {5, {4, 0, -2}, {2, 0, 0}});
    const auto of_target = [=](X y) {
      return masked_mse_loss(tensor({3, hidden, 4}, {3}, y.dtype()), y, tensor({1, 0, 1}, {3}, y.dtype()));
    };
    expect_jet(of_target, {1, 2, 5}, {2.5, {-2, 0, 1}, {1, 0, 0}});
  }
}

TEST(MaskedMseEdges, AMaskThatShowsNothing) {
  const std::string message = "masked_mse_loss: MeanObserved divides by the mask's sum, which is 0 (of 3 entries)";
  Tensor mask = ones({3});
  const auto loss = [&] { return masked_mse_loss(ones({3}), zeros({3}), mask); };
  auto step = capture(loss);
  EXPECT_EQ(step().item(), 1.0);
  mask.zero_();
  EXPECT_EQ(error_of(loss), message);
  EXPECT_EQ(error_of([&] { step(); }), message);
  EXPECT_EQ(masked_mse_loss(ones({3}), zeros({3}), mask, Reduction::Sum).item(), 0.0);
}

TEST(DropoutEdges, ADroppedEntryCountsForNothing) {
  for (const double entry : {not_a_number, infinity}) {
    const Tensor x = full({100}, entry).requires_grad_();
    const Tensor y = nn::Dropout(0.5)(x), kept = isfinite(y);
    EXPECT_GT(kept.sum().item(), 0.0);
    EXPECT_TRUE(testing::same(y * kept == y, kept));
    EXPECT_TRUE(testing::same(grad(y, {x}, {.grad_outputs = full({100}, infinity)})[0] == 0.0, kept));
  }
}

}  // namespace
}  // namespace sigmagrad
