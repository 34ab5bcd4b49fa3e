// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::optim {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor with_grad(const Tensor& grad) {
  auto p = zeros(grad.shape(), grad.dtype()).requires_grad_();
  p.set_grad(grad);
  return p;
}

struct Clipping : ::testing::Test {
  Tensor a = with_grad(tensor({3, 0, 0, -4}, {2, 2})), b = with_grad(tensor({12}, {1}));
  Tensor without = ones({3}).requires_grad_();
  std::vector<Tensor> params{a, without, b};
};

TEST_F(Clipping, ByTheNormOfAll) {
  EXPECT_DOUBLE_EQ(clip_grad_norm_(params, 20.0).item(), 13.0);
  EXPECT_TRUE(same(b.grad(), tensor({12}, {1}))) << "small ones stay as they are";
  EXPECT_DOUBLE_EQ(clip_grad_norm_(params, 6.5).item(), 13.0);
  EXPECT_TRUE(close(b.grad(), tensor({12 * 6.5 / (13 + 1e-6)}, {1}), 1e-14));
  EXPECT_TRUE(close(a.grad(), (6.5 / (13 + 1e-6)) * tensor({3, 0, 0, -4}, {2, 2}), 1e-14));
  EXPECT_FALSE(without.grad().defined());
}

TEST(ClippingScales, HugeAndTinyGradients) {
  for (const double scale : {1e200, 1e-200}) {
    const auto a = with_grad(scale * tensor({3}, {1})), b = with_grad(scale * tensor({4}, {1}));
    const double largest = scale > 1.0 ? 1.0 : infinity;
    EXPECT_NEAR(clip_grad_norm_({a, b}, largest).item() / scale, 5.0, 1e-14);
    EXPECT_TRUE(close(b.grad(), tensor({scale > 1.0 ? 0.8 : 4 * scale}, {1}), 1e-14));
    const auto each = with_grad(scale * tensor({3, 4}, {2}));
    EXPECT_NEAR(clip_grad_norms_({each}, largest).item() / scale, 5.0, 1e-14);
    EXPECT_TRUE(close(each.grad(), scale > 1.0 ? tensor({0.6, 0.8}, {2}) : scale * tensor({3, 4}, {2}), 1e-14));
  }
}

TEST_F(Clipping, ByOtherNorms) {
  EXPECT_DOUBLE_EQ(clip_grad_norm_(params, infinity, 1.0).item(), 19.0);
  EXPECT_NEAR(clip_grad_norm_(params, infinity, 3.0).item(), std::cbrt(27.0 + 64.0 + 1728.0), 1e-13);
  EXPECT_EQ(clip_grad_norm_(params, 1.0, infinity).item(), 12.0);
  EXPECT_TRUE(close(b.grad(), tensor({12 / (12 + 1e-6)}, {1}), 1e-14));
}

TEST_F(Clipping, EachByItsOwnNorm) {
  const auto norms = clip_grad_norms_(params, 6.0);
  EXPECT_TRUE(close(norms, tensor({5, 12}, {2}), 1e-15));
  EXPECT_TRUE(same(a.grad(), tensor({3, 0, 0, -4}, {2, 2})));
  EXPECT_TRUE(close(b.grad(), tensor({6}, {1}), 1e-6));
}

TEST_F(Clipping, NothingToClip) {
  EXPECT_EQ(clip_grad_norm_({without}, 1.0).item(), 0.0);
  EXPECT_EQ(clip_grad_norms_({}, 1.0).shape(), Shape{0});
  const auto zero = with_grad(zeros({2, 2})), none = with_grad(zeros({0, 3}));
  EXPECT_EQ(clip_grad_norm_({zero, none}, 1.0).item(), 0.0);
  clip_grad_spectral_({zero, none}, 1.0);
  clip_grad_singular_values_({zero, none}, 1.0);
  EXPECT_TRUE(same(zero.grad(), zeros({2, 2})));
}

TEST_F(Clipping, NonFiniteGradientsStayVisible) {
  const auto bad = with_grad(tensor({std::nan(""), 1}, {2}));
  EXPECT_TRUE(std::isnan(clip_grad_norm_({a, bad}, 1.0).item()));
  EXPECT_TRUE(std::isnan(a.grad().data<double>()[0]));
  const auto large = with_grad(tensor({infinity, 1}, {2}));
  EXPECT_EQ(clip_grad_norm_({b, large}, 1.0).item(), infinity);
  EXPECT_EQ(b.grad().item(), 0.0);
  EXPECT_TRUE(std::isnan(large.grad().data<double>()[0]));
}

TEST_F(Clipping, DtypesMayMix) {
  const auto single = with_grad(tensor({5}, {1}, f32));
  EXPECT_DOUBLE_EQ(clip_grad_norm_({b, single}, 6.5).item(), 13.0);
  EXPECT_EQ(single.grad().dtype(), f32);
  EXPECT_NEAR(single.grad().item(), 2.5, 1e-6);
}

TEST_F(Clipping, SpectralNormsOfMatrices) {
  Generator generator(4);
  const auto small = 0.01 * randn({1, 3, 5}, generator), large = 10.0 * randn({1, 3, 5}, generator);
  const auto p = with_grad(cat({small, large}, 0));
  clip_grad_spectral_({p, b, without}, 2.0);
  EXPECT_TRUE(same(p.grad().narrow(0, 0, 1), small));
  EXPECT_TRUE(close(p.grad().narrow(0, 1, 1), (2.0 / linalg::norm(large, 2).item()) * large, 1e-14));
  EXPECT_EQ(b.grad().item(), 12.0);
}

TEST_F(Clipping, SingularValuesOfMatrices) {
  Generator generator(4);
  const auto grad = randn({2, 4, 3}, generator);
  const auto p = with_grad(grad.clone());
  clip_grad_singular_values_({p, b}, 1.5);
  const auto s = linalg::svdvals(grad);
  EXPECT_GT(max(s).item(), 1.5);
  EXPECT_LT(min(s).item(), 1.5);
  EXPECT_TRUE(close(linalg::svdvals(p.grad()), minimum(s, full_like(s, 1.5)), 1e-13));
  EXPECT_TRUE(close(p.grad(), grad - linalg::prox_nuclear(grad, 1.5), 1e-13)) << "the directions stay";
  EXPECT_EQ(b.grad().item(), 12.0);
}

TEST(ClippingInCapture, IsTheSameAsEager) {
  std::vector<Tensor> results;
  for (const bool captured : {false, true}) {
    Generator generator(6);
    auto w = randn({4, 3}, generator).requires_grad_(), v = randn({4}, generator).requires_grad_();
    SGD optimizer({w, v}, {.lr = 0.1});
    const auto body = [&] {
      optimizer.zero_grad();
      const auto x = randn({6, 4}, generator);
      (square(matmul(x, w)).sum() + square(matmul(x, v.unsqueeze(-1))).sum()).backward();
      clip_grad_singular_values_({w, v}, 3.0);
      clip_grad_spectral_({w, v}, 2.5);
      clip_grad_norms_({w, v}, 2.0);
      const auto total = clip_grad_norm_({w, v}, 1.5);
      optimizer.step();
      return total;
    };
    auto step = capture(body);
    for (int i = 0; i < 8; ++i) results.push_back((captured ? step() : body()).clone());
    results.push_back(w.detach());
    results.push_back(v.detach());
  }
  for (std::size_t i = 0; i < 10; ++i) EXPECT_TRUE(same(results[10 + i], results[i])) << i;
}

TEST_F(Clipping, RefusesBadUse) {
  EXPECT_EQ(error_of([&] { clip_grad_norm_(params, -1.0); }), "clip_grad_norm_: max_norm must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { clip_grad_norm_(params, 1.0, 0.0); }), "clip_grad_norm_: norm_type must be > 0 (got 0)");
  EXPECT_EQ(error_of([&] { clip_grad_norms_(params, std::nan("")); }),
            "clip_grad_norms_: max_norm must be >= 0 (got nan)");
  EXPECT_EQ(error_of([&] { clip_grad_spectral_(params, 0.0); }), "clip_grad_spectral_: max_norm must be > 0 (got 0)");
  EXPECT_EQ(error_of([&] { clip_grad_singular_values_(params, 0.0); }),
            "clip_grad_singular_values_: max_value must be > 0 (got 0)");
  const auto bad = with_grad(full({2, 2}, infinity));
  EXPECT_EQ(error_of([&] { clip_grad_spectral_({bad}, 1.0); }), "clip_grad_spectral_: input has non-finite entries");
  EXPECT_EQ(error_of([&] { clip_grad_singular_values_({bad}, 1.0); }),
            "clip_grad_singular_values_: input has non-finite entries");
}

TEST_F(Clipping, AnInfiniteBoundLeavesGradientsAlone) {
  Tensor w = ones({2, 2}, f32).requires_grad_();
  const auto g = tensor({1, 2, 3, 4}, {2, 2}, f32);
  w.set_grad(g.clone());
  clip_grad_spectral_({w}, std::numeric_limits<double>::infinity());
  clip_grad_spectral_({w}, 1e39);
  EXPECT_TRUE(same(w.grad(), g));
  w.set_grad(zeros({2, 2}, f32));
  clip_grad_spectral_({w}, 1e-46);
  EXPECT_TRUE(same(w.grad(), zeros({2, 2}, f32)));
}

TEST_F(Clipping, WhereOneGradientIsRefusedNoneChanges) {
  Tensor first = ones({2, 2}).requires_grad_(), second = ones({2, 2}).requires_grad_();
  const auto g = 5.0 * eye(2);
  first.set_grad(g.clone());
  second.set_grad(full({2, 2}, std::nan("")));
  EXPECT_NE(error_of([&] { clip_grad_spectral_({first, second}, 1.0); }), "no error");
  EXPECT_NE(error_of([&] { clip_grad_singular_values_({first, second}, 1.0); }), "no error");
  EXPECT_TRUE(same(first.grad(), g));
}

}  // namespace
}  // namespace sigmagrad::optim
