// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/gradcheck.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/spectral_functions.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::close;
using testing::error_of;
using testing::gradcheck;
using testing::gradgradcheck;
using testing::same;

Tensor random(const Shape& shape, Dtype dtype = f64) {
  Generator generator(13);
  return randn(shape, generator, dtype);
}

// Random singular vectors with the given values.
Tensor with_values(const std::vector<double>& s, std::int64_t m, std::int64_t n) {
  const auto k = static_cast<std::int64_t>(s.size());
  const auto [U, S, Vt] = svd(random({m, n}));
  return matmul(U.narrow(1, 0, k) * tensor(s, {k}), Vt.narrow(0, 0, k));
}

// Ties among values that stay, among values that go, and with zero, in square, tall and wide matrices.
const std::vector<Tensor>& tied() {
  static const std::vector<Tensor> matrices{with_values({2, 2, 2, 2}, 4, 4),     with_values({3, 3, 0.5, 0.5}, 4, 4),
                                            with_values({3, 3, 1.5, 0.4}, 4, 6), with_values({3, 3, 0.5, 0}, 6, 4),
                                            with_values({2, 2, 0.3, 0.3}, 4, 5), 2.0 * eye(3),
                                            diag(tensor({3, 3, 0.5}, {3}))};
  return matrices;
}

TEST(SpectralFunctions, ProxHasDerivativesAtTies) {
  const auto f = [](const Tensor& w) { return prox_nuclear(w, 1.0); };
  for (const auto& w : tied()) {
    gradcheck(f, {w});
    gradgradcheck(f, {w});
  }
}

TEST(SpectralFunctions, LowRankApproximationHasDerivativesAtTiesOnEitherSideOfTheCut) {
  const auto f = [](const Tensor& w) { return low_rank_approximation(w, 2); };
  for (const auto& w : tied()) {
    const auto s = svdvals(w);
    if (s.data<double>()[1] - s.data<double>()[2] < 0.1) continue;
    gradcheck(f, {w});
    gradgradcheck(f, {w});
  }
}

TEST(SpectralFunctions, PinvHasDerivativesAtTies) {
  for (const auto& w : {with_values({2, 2, 2, 2}, 4, 4), with_values({3, 3, 0.5, 0.5}, 6, 4), 2.0 * eye(3),
                        with_values({2, 2, 1}, 3, 5)}) {
    gradcheck([](const Tensor& x) { return pinv(x); }, {w});
    gradgradcheck([](const Tensor& x) { return pinv(x); }, {w});
  }
}

TEST(SpectralFunctions, TheTieAtTheCutIsFinite) {
  for (const auto& f : std::vector<std::function<Tensor(const Tensor&)>>{
           [](const Tensor& x) { return low_rank_approximation(x, 2); },
           [](const Tensor& x) { return prox_nuclear(x, 1.0); }, [](const Tensor& x) { return pinv(x, 0.5); }})
    for (const auto& x : {diag(tensor({2, 1, 1, 0}, {4})), zeros({3, 2}), eye(3)}) {
      const auto leaf = x.detach().requires_grad_();
      const auto [g] = grad(sum(square(f(leaf))), {leaf}, {.create_graph = true});
      EXPECT_EQ(min(isfinite(g)).item(), 1.0);
      EXPECT_EQ(min(isfinite(grad(sum(square(g)), {leaf})[0])).item(), 1.0);
    }
}

TEST(SpectralFunctions, ProxMinimises) {
  const auto w = random({5, 4});
  const auto objective = [&](const Tensor& x) { return (0.5 * square(norm(x - w)) + 0.7 * norm(x, Nuclear)).item(); };
  const auto best = prox_nuclear(w, 0.7);
  Generator generator(3);
  for (int i = 0; i < 50; ++i) EXPECT_GT(objective(best + 0.1 * randn({5, 4}, generator)), objective(best));
  EXPECT_TRUE(close(prox_nuclear(w, 0.0), w, 1e-14));
  EXPECT_EQ(max(abs(prox_nuclear(w, 100.0))).item(), 0.0);
  gradcheck([](const Tensor& x) { return prox_nuclear(x, 0.0); }, {with_values({1, 1, 0}, 3, 3)});
}

TEST(SpectralFunctions, ProxReadsAReferencedTau) {
  double tau = 0.5;
  const auto w = diag(tensor({3, 2}, {2}));
  EXPECT_TRUE(close(prox_nuclear(w, Scalar::reference(tau)), diag(tensor({2.5, 1.5}, {2})), 1e-15));
}

// Eckart and Young: the errors are the values left out.
TEST(SpectralFunctions, LowRankErrors) {
  for (const auto& shape : {Shape{26, 26}, Shape{64, 20}, Shape{20, 100}}) {
    const auto w = random(shape);
    const auto s = svdvals(w);
    for (const std::int64_t k : {0, 1, 7, 19}) {
      const auto rest = w - low_rank_approximation(w, k);
      EXPECT_NEAR(norm(rest, 2).item(), s.data<double>()[static_cast<std::size_t>(k)], 1e-12) << shape << k;
      EXPECT_NEAR(norm(rest).item(), norm(s.narrow(0, k, s.size(0) - k).unsqueeze(0)).item(), 1e-12) << shape << k;
    }
    EXPECT_TRUE(same(low_rank_approximation(w, 200), w));
  }
}

TEST(SpectralFunctions, PenroseConditions) {
  for (const auto dtype : {f64, f32})
    for (const auto& w : {random({26, 26}, dtype), random({100, 7}, dtype), random({7, 64}, dtype),
                          matmul(random({9, 3}, dtype), random({3, 6}, dtype))}) {
      const double tolerance = dtype == f64 ? 1e-12 : 1e-3;
      const auto x = pinv(w);
      EXPECT_TRUE(close(matmul(matmul(w, x), w), w, tolerance));
      EXPECT_TRUE(close(matmul(matmul(x, w), x), x, tolerance));
      EXPECT_TRUE(close(matmul(w, x), matmul(w, x).t(), tolerance));
      EXPECT_TRUE(close(matmul(x, w), matmul(x, w).t(), tolerance));
    }
  EXPECT_TRUE(same(pinv(zeros({2, 3})), zeros({3, 2})));
  EXPECT_TRUE(close(pinv(diag(tensor({4, 1}, {2})), 0.5), diag(tensor({0.25, 0}, {2})), 1e-15));
}

TEST(SpectralFunctions, IllConditionedInput) {
  const auto w = with_values({1, 1e-6, 1e-12}, 5, 4);
  const auto x = pinv(w);
  EXPECT_TRUE(close(svdvals(x).narrow(0, 0, 3), tensor({1e12, 1e6, 1}, {3}), 1e-3));
  EXPECT_TRUE(close(svdvals(pinv(w, 1e-9)), tensor({1e6, 1, 0, 0}, {4}), 1e-9));
}

TEST(SpectralFunctions, ThirdDerivativesAreAnError) {
  const auto w = random({3, 3}).requires_grad_();
  const auto [g] = grad(sum(square(prox_nuclear(w, 0.1))), {w}, {.create_graph = true});
  const auto [h] = grad(sum(square(g)), {w}, {.create_graph = true});
  EXPECT_EQ(error_of([&, second = h] { grad(sum(square(second)), {w}); }), "prox_nuclear: has no third derivative");
}

TEST(SpectralFunctions, MatricesWithoutEntries) {
  const auto w = zeros({2, 0, 3}).requires_grad_();
  EXPECT_EQ(prox_nuclear(w, 1.0).shape(), Shape({2, 0, 3}));
  EXPECT_EQ(pinv(w).shape(), Shape({2, 3, 0}));
  EXPECT_EQ(low_rank_approximation(w, 1).shape(), Shape({2, 0, 3}));
  EXPECT_EQ(grad(sum(prox_nuclear(w, 1.0)), {w})[0].shape(), Shape({2, 0, 3}));
}

}  // namespace
}  // namespace sigmagrad::linalg
