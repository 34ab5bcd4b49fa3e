// SPDX-License-Identifier: BSD-3-Clause
// Functions of one or two singular values take their vectors by inverse iteration: against the full decomposition.
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/spectrum.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::close;

Tensor gradient_of(Tensor (*f)(const Tensor&), const Tensor& w) {
  const auto x = w.clone().requires_grad_();
  return grad(f(x), {x})[0];
}
Tensor spectral_norm(const Tensor& w) { return norm(w, 2); }
Tensor largest(const Tensor& w) { return svdvals(w).select(-1, 0); }
Tensor log_ratio(const Tensor& w) {
  const auto s = log(svdvals(w));
  return s.select(-1, 0) - s.select(-1, -1);
}

// A matrix with these singular values.
Tensor with_values(const std::vector<double>& values, std::int64_t rows, std::int64_t cols) {
  Generator generator(7);
  const auto k = static_cast<std::int64_t>(values.size());
  const auto [u, r] = qr(randn({rows, k}, generator));
  const auto [v, q] = qr(randn({cols, k}, generator));
  return matmul(u * tensor(values, {k}), v.t());
}

TEST(ExtremeValues, AgreeWithTheFullDecomposition) {
  for (const auto& shape : {Shape{3, 3}, Shape{26, 26}, Shape{100, 100}, Shape{40, 7}, Shape{7, 40}, Shape{3, 200}}) {
    Generator generator(shape.numel());
    const auto w = randn(shape, generator);
    EXPECT_TRUE(close(norm(w, 2), largest(w), 1e-13)) << shape;
    EXPECT_TRUE(close(log_cond(w), log_ratio(w), 1e-10)) << shape;
    EXPECT_TRUE(close(gradient_of(spectral_norm, w), gradient_of(largest, w), 1e-9)) << shape;
    EXPECT_TRUE(close(gradient_of(log_cond, w), gradient_of(log_ratio, w), 1e-7)) << shape;
  }
}

TEST(ExtremeValues, OfAnIllConditionedMatrix) {
  const auto w = with_values({1.0, 0.5, 1e-3, 1e-6, 1e-10}, 9, 5);
  EXPECT_NEAR(log_cond(w).item(), 10.0 * std::log(10.0), 1e-5);
  EXPECT_TRUE(close(gradient_of(log_cond, w), gradient_of(log_ratio, w), 1e-4));
}

TEST(ExtremeValues, OfTinyAndHugeEntries) {
  Generator generator(5);
  const auto w = randn({6, 5}, generator);
  for (const double scale : {1e-200, 1e200}) {
    EXPECT_TRUE(close(norm(scale * w, 2) / scale, norm(w, 2), 1e-12)) << scale;
    EXPECT_TRUE(close(gradient_of(spectral_norm, scale * w), gradient_of(spectral_norm, w), 1e-9)) << scale;
  }
}

// At ties any pair of the common space is a subgradient: of unit norms, and turning w's space onto itself.
TEST(ExtremeValues, AtTies) {
  const auto w = with_values({2.0, 2.0, 2.0, 1.0}, 6, 4);
  const auto g = gradient_of(spectral_norm, w);
  EXPECT_NEAR(norm(g).item(), 1.0, 1e-12);
  EXPECT_NEAR(sum(g * w).item(), 2.0, 1e-10);
  EXPECT_NEAR(norm(gradient_of(log_cond, eye(5))).item(), 0.0, 1e-12);
}

// A shift beside one value may be another, to the bit.
TEST(ExtremeValues, AtNearTies) {
  for (const Dtype dtype : {f64, f32}) {
    const double e = dtype == f64 ? 0x1p-52 : 0x1p-23;
    for (const auto& values : {std::vector<double>{1 + 2 * e, 1, 0.5}, {1, 0.5 + 2 * e, 0.5}, {1 + 2 * e, 1 + e, 1}}) {
      const auto w = (eye(3) * tensor(values, {3})).to(dtype);
      for (auto* f : {+[](const Tensor& x) { return cond(x); }, spectral_gap, log_cond, spectral_norm})
        EXPECT_LT(norm(gradient_of(f, w)).item(), 10.0) << dtype << ' ' << values[0] << ' ' << values[1];
    }
    for (int trial = 0; trial < 50; ++trial) {
      Generator generator(1, trial);
      const auto w = qr(randn({8 + trial, 8 + trial}, generator, dtype)).Q;
      EXPECT_LT(norm(gradient_of(log_cond, w)).item(), 2.0) << dtype << " trial " << trial;
      EXPECT_NEAR(norm(gradient_of(spectral_norm, w)).item(), 1.0, 1e-5) << dtype << " trial " << trial;
    }
  }
}

TEST(ExtremeValues, OfASingularMatrix) {
  EXPECT_EQ(norm(zeros({4, 4}), 2).item(), 0.0);
  const auto g = gradient_of(spectral_norm, matmul(ones({5, 1}), ones({1, 4})));
  EXPECT_TRUE(close(g, full({5, 4}, 1.0 / std::sqrt(20.0)), 1e-12));
}

}  // namespace
}  // namespace sigmagrad::linalg
