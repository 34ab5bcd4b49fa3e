// SPDX-License-Identifier: BSD-3-Clause
// Start values against the moments, bounds and structure that their formulas promise.
#include <cmath>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/nn/init.hpp>
#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn::init {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

constexpr double fan_in = 400, fan_out = 100;

class Init : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(8); }
  Tensor w = empty({100, 400}).requires_grad_();  // 40 000 entries: a std is within 1.5 % but for one draw in 1e5
};

void expect_normal(const Tensor& w, double deviation) {
  EXPECT_NEAR(mean(w).item(), 0.0, 0.025 * deviation);
  EXPECT_NEAR(std(w).item(), deviation, 0.015 * deviation);
  EXPECT_GT(max(abs(w)).item(), 3.5 * deviation);  // no uniform distribution
}

void expect_uniform(const Tensor& w, double low, double high) {
  EXPECT_GE(min(w).item(), low);
  EXPECT_LE(max(w).item(), high);
  EXPECT_NEAR(min(w).item(), low, 1e-3 * (high - low));
  EXPECT_NEAR(max(w).item(), high, 1e-3 * (high - low));
  EXPECT_NEAR(mean(w).item(), 0.5 * (low + high), 0.01 * (high - low));
}

TEST_F(Init, FillsALeafInPlaceAndReturnsIt) {
  EXPECT_TRUE(zeros_(w).is(w));
  EXPECT_TRUE(same(w, zeros_like(w)));
  EXPECT_TRUE(same(ones_(w), ones_like(w)));
  EXPECT_TRUE(same(constant_(w, 0.3), full_like(w, 0.3)));
  EXPECT_TRUE(normal_(w).is(w) && orthogonal_(w).is(w) && identity_(w).is(w));
  EXPECT_TRUE(w.requires_grad());
  w.sum().backward();  // still a leaf
  EXPECT_TRUE(w.grad().defined());
}

TEST_F(Init, NormalAndUniform) {
  expect_normal(normal_(w), 1.0);
  expect_normal(normal_(w, 3.0, 0.2) - 3.0, 0.2);
  expect_uniform(uniform_(w), 0.0, 1.0);
  expect_uniform(uniform_(w, -2.0, 5.0), -2.0, 5.0);
}

TEST_F(Init, SpreadsFollowTheFans) {
  expect_normal(xavier_normal_(w, 3.0), 3.0 * std::sqrt(2.0 / (fan_in + fan_out)));
  const double xavier = std::sqrt(6.0 / (fan_in + fan_out));
  expect_uniform(xavier_uniform_(w), -xavier, xavier);
  expect_normal(kaiming_normal_(w), std::sqrt(2.0 / fan_in));
  expect_normal(kaiming_normal_(w, {.mode = Fan::Out, .nonlinearity = Nonlinearity::Linear}), 1.0 / std::sqrt(fan_out));
  const auto kernel = empty({40, 60, 3, 5});
  expect_normal(kaiming_normal_(kernel, {.kernel_axes = 2}), std::sqrt(2.0 / (60 * 15)));
  expect_normal(kaiming_normal_(kernel, {.mode = Fan::Out, .kernel_axes = 2}), std::sqrt(2.0 / (40 * 15)));
  const double kaiming = std::sqrt(6.0 / (1.0 + 5.0) / fan_in);  // what Linear starts from
  expect_uniform(kaiming_uniform_(w, {.a = std::sqrt(5.0)}), -kaiming, kaiming);
  expect_normal(lecun_normal_(w), 1.0 / std::sqrt(fan_in));
  expect_normal(scaled_normal_(w), 0.1 * std::sqrt(2.0 / fan_in));
  expect_normal(scaled_normal_(w, 2.0), 2.0 * std::sqrt(2.0 / fan_in));
}

TEST_F(Init, Gains) {
  EXPECT_EQ(calculate_gain(Nonlinearity::Linear), 1.0);
  EXPECT_EQ(calculate_gain(Nonlinearity::Sigmoid), 1.0);
  EXPECT_EQ(calculate_gain(Nonlinearity::Tanh), 5.0 / 3.0);
  EXPECT_EQ(calculate_gain(Nonlinearity::ReLU), std::sqrt(2.0));
  EXPECT_EQ(calculate_gain(Nonlinearity::LeakyReLU, 1.0), 1.0);
}

TEST_F(Init, KeepsTheVarianceOfSignalsThroughReluLayers) {
  Tensor x = randn({200, 256});
  for (int layer = 0; layer < 5; ++layer) x = relu(matmul(x, kaiming_normal_(empty({256, 256})).t()));
  EXPECT_NEAR(mean(square(x)).item(), 1.0, 0.35);  // without the gain it would be 1/32
}

TEST_F(Init, TheFansOfABatchAreThoseOfItsMatrices) {
  expect_normal(lecun_normal_(empty({10, 100, 40})), 1.0 / std::sqrt(40.0));
  Generator one(5), other(5);
  const auto batch = scaled_normal_(empty({2, 4, 4}), 0.5, one);  // an even number of entries each
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(same(batch.select(0, i), scaled_normal_(empty({4, 4}), 0.5, other)));
}

TEST_F(Init, DrawsFromTheGeneratorGiven) {
  Generator one(5), other(5);
  const auto expected = 0.1 * std::sqrt(2.0 / 4.0) * randn({3, 4}, other);
  EXPECT_TRUE(same(scaled_normal_(empty({3, 4}), 0.1, one), expected));
  EXPECT_TRUE(same(uniform_(empty({3, 4}), 0.0, 1.0, one), rand({3, 4}, other)));
  EXPECT_EQ(one.state(), other.state());
}

TEST_F(Init, SinglePrecisionHasTheSameNumbers) {
  Generator one(5), other(5);
  EXPECT_TRUE(close(orthogonal_(empty({3, 5}, f32), 1.0, one), orthogonal_(empty({3, 5}), 1.0, other), 1e-6));
  EXPECT_EQ(kaiming_normal_(empty({3, 5}, f32)).dtype(), f32);
}

TEST_F(Init, OrthogonalHasOrthonormalColumnsOrRows) {
  const auto square = orthogonal_(empty({6, 6}));
  EXPECT_TRUE(close(matmul(square.t(), square), eye(6), 1e-14));
  const auto tall = orthogonal_(empty({4, 7, 3}), 2.0);
  const auto gram = matmul(tall.t(), tall);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(close(gram.select(0, i), 4.0 * eye(3), 1e-14));
  const auto wide = orthogonal_(empty({3, 7}));
  EXPECT_TRUE(close(matmul(wide, wide.t()), eye(3), 1e-14));
}

TEST_F(Init, OrthogonalIsUniformOnTheGroup) {
  // The trace of a Haar orthogonal matrix has mean 0 and variance 1, of a QR without signs fixed a mean far from 0
  // (Diaconis and Shahshahani 1994).
  const auto q = orthogonal_(empty({4000, 3, 3}));
  const auto traces = sum(sum(q * eye(3), -1), -1);
  EXPECT_NEAR(mean(traces).item(), 0.0, 0.06);
  EXPECT_NEAR(var(traces).item(), 1.0, 0.08);
  EXPECT_NEAR(mean(q.select(-1, 0).select(-1, 0) > 0.0).item(), 0.5, 0.035);
}

TEST_F(Init, IdentityLike) {
  EXPECT_TRUE(same(identity_(empty({3, 3})), eye(3)));
  const auto like = identity_(empty({2, 3, 4}), 0.6, 4.0);
  const auto expected = tensor({0.6, 0.15, 0.15, 0.15, 0.15, 0.6, 0.15, 0.15, 0.15, 0.15, 0.6, 0.15}, {3, 4});
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(close(like.select(0, i), expected, 1e-15));
  EXPECT_TRUE(same(identity_(empty({3, 2}), 0.3, 1.0), full({3, 2}, 0.3)));
  EXPECT_EQ(identity_(empty({2, 2}), 0.1, 7.0).data<double>()[0], 0.1);
}

TEST_F(Init, ACapturedStepStartsAnewAtEveryCall) {
  Tensor a = zeros({4, 4}).requires_grad_(), b = zeros({5, 3}).requires_grad_();
  auto step = capture([&] {
    xavier_uniform_(a);
    orthogonal_(b, 2.0);
    constant_(a, 0.5).sum().backward();
    normal_(a);
  });
  manual_seed(2);
  step();
  const auto first = a.clone();
  step();
  EXPECT_FALSE(allclose(a, first));
  const auto captured_a = a.clone(), captured_b = b.clone();
  manual_seed(2);
  for (int i = 0; i < 2; ++i) {
    xavier_uniform_(a);
    orthogonal_(b, 2.0);
    normal_(a);
  }
  EXPECT_TRUE(same(a, captured_a));
  EXPECT_TRUE(same(b, captured_b));
}

TEST_F(Init, TruncatedNormalKeepsItsBoundsAndTheDensityBetween) {
  trunc_normal_(w);
  EXPECT_GE(min(w).item(), -2.0);
  EXPECT_LE(max(w).item(), 2.0);
  EXPECT_NEAR(mean(w).item(), 0.0, 0.02);
  EXPECT_NEAR(std(w).item(), 0.87963, 0.01);  // 1 - 4 phi(2) / (2 Phi(2) - 1), its root
  trunc_normal_(w, 0.0, 1.0, 9.0, 12.0);      // far out: the mean is phi(9) / Phi(-9)
  EXPECT_GE(min(w).item(), 9.0);
  EXPECT_NEAR(mean(w).item(), 9.0 + 0.10852, 0.002);
}

TEST_F(Init, SparseColumnsHaveZerosAndEyeHasOnes) {
  sparse_(w, 0.255, 0.5);
  const auto zero = w.detach() == 0.0;
  EXPECT_TRUE(same(sum(zero, 0), full({400}, 26.0)));
  EXPECT_NEAR(std(w).item(), 0.5 * std::sqrt(0.74), 0.01);
  EXPECT_GT(max(sum(zero, 1)).item(), min(sum(zero, 1)).item());  // not in every column the same rows
  eye_(w);
  EXPECT_TRUE(same(w.detach().narrow(1, 0, 100), eye(100)));
  EXPECT_EQ(sum(w).item(), 100.0);
}

TEST_F(Init, Misuse) {
  Tensor vector = ones({3});
  EXPECT_EQ(error_of([&] { xavier_normal_(vector); }), "xavier_normal_: needs a weight [..., out, in], got [3]");
  EXPECT_EQ(error_of([&] { xavier_uniform_(vector); }), "xavier_uniform_: needs a weight [..., out, in], got [3]");
  EXPECT_EQ(error_of([&] { kaiming_normal_(vector); }), "kaiming_normal_: needs a weight [..., out, in], got [3]");
  EXPECT_EQ(error_of([&] {
              kaiming_normal_(ones({2, 3, 3}), {.kernel_axes = 2});
            }),
            "kaiming_normal_: needs a weight [..., out, in] with 2 kernel axes behind, got [2, 3, 3]");
  EXPECT_EQ(error_of([&] { kaiming_uniform_(vector); }), "kaiming_uniform_: needs a weight [..., out, in], got [3]");
  EXPECT_EQ(error_of([&] { lecun_normal_(vector); }), "lecun_normal_: needs a weight [..., out, in], got [3]");
  EXPECT_EQ(error_of([&] { scaled_normal_(vector); }), "scaled_normal_: needs a weight [..., out, in], got [3]");
  EXPECT_EQ(error_of([&] { orthogonal_(vector); }), "orthogonal_: needs a matrix, got [3]");
  EXPECT_EQ(error_of([&] { identity_(vector); }), "identity_: needs a matrix, got [3]");
  EXPECT_EQ(error_of([&] { normal_(vector, 0.0, -1.0); }), "normal_: std must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { uniform_(vector, 2.0, 1.0); }), "uniform_: low must be <= high (got 2 and 1)");
  EXPECT_EQ(error_of([] { identity_(ones({2, 2}), 1.0, 0.0); }), "identity_: m must be > 0 (got 0)");
  EXPECT_EQ(error_of([] { trunc_normal_(ones({2}), 0.0, 0.0); }), "trunc_normal_: std must be > 0 (got 0)");
  EXPECT_EQ(error_of([] { trunc_normal_(ones({2}), 0.0, 1.0, 1.0, 1.0); }),
            "trunc_normal_: low must be < high (got 1 and 1)");
  EXPECT_EQ(error_of([] { sparse_(ones({2, 2}), 1.5); }), "sparse_: sparsity must be in [0, 1] (got 1.5)");
  EXPECT_EQ(error_of([&] { eye_(vector); }), "eye_: needs a matrix, got [3]");
  EXPECT_NE(error_of([] { normal_(Tensor()); }), "no error");
  const Tensor whole = zeros({2, 2});
  const std::string part =
      "init: a part of a tensor is a value, so that nobody would see this change; write into the "
      "whole by index_put_, or clone() the part first";
  EXPECT_EQ(error_of([&] { ones_(whole[0]); }), part);
  EXPECT_EQ(error_of([&] { normal_(whole.t()); }), part);
  EXPECT_EQ(error_of([&] { orthogonal_(whole.narrow(0, 0, 1)); }), part);
  EXPECT_TRUE(same(vector, ones({3})));
  EXPECT_TRUE(same(normal_(vector, 2.0, 0.0), full({3}, 2.0)));  // no fans needed
}

}  // namespace
}  // namespace sigmagrad::nn::init
