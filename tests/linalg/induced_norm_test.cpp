// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/duality.hpp>
#include <sigmagrad/linalg/induced_norm.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

constexpr double infinity = std::numeric_limits<double>::infinity();
const std::vector<double> exponents{1.0, 1.25, 1.5, 2.0, 3.0, 8.0, infinity};

Tensor random(const Shape& shape, std::uint64_t seed = 17) {
  Generator generator(seed);
  return randn(shape, generator);
}

// The largest ratio at `count` random x, among them some with few entries and some of signs.
double sampled(const Tensor& w, double p, double q, std::int64_t count) {
  Generator generator(3);
  const std::int64_t n = w.size(-1);
  const Tensor x = randn({count, n}, generator);
  const Tensor all = cat({x, x * (rand({count, n}, generator) < 0.3), sign(x), eye(n)}, 0);
  const Tensor ratios = vector_norm(matmul(all, w.t()), q) / (vector_norm(all, p) + 1e-300);
  return max(ratios).item();
}

TEST(InducedNorm, LiesBetweenWhatIsSampledAndTheUpperBound) {
  for (const auto& shape : {Shape{3, 2}, Shape{4, 6}, Shape{20, 18}, Shape{1, 4}, Shape{4, 1}})
    for (const double p : exponents)
      for (const double q : exponents) {
        const auto w = random(shape);
        const auto [value, upper, exact] = induced_norm(w, p, q);
        const double found = sampled(w, p, q, 2000);
        EXPECT_GE(value.item(), found * (1 - 1e-12)) << shape << " " << p << " -> " << q;
        EXPECT_GE(upper.item(), value.item()) << shape << " " << p << " -> " << q;
        EXPECT_TRUE(!exact || upper.item() == value.item());
        EXPECT_TRUE(shape.numel() != 6 || value.item() <= found * 1.02) << shape << " " << p << " -> " << q;
      }
}

TEST(InducedNorm, OfTheTransposeIsThatOfTheConjugateExponents) {
  for (const double p : exponents)
    for (const double q : exponents) {
      const auto w = random({5, 7});
      const double direct = induced_norm(w, p, q).value.item();
      const double dual = induced_norm(w.t(), conjugate_exponent(q), conjugate_exponent(p)).value.item();
      EXPECT_NEAR(direct, dual, 1e-9 * direct) << p << " -> " << q;
    }
}

TEST(InducedNorm, KnownNorms) {
  const auto w = random({6, 5});
  const double rows = induced_norm(w, infinity, infinity).value.item();
  EXPECT_EQ(rows, norm(w, Inf).item());
  EXPECT_EQ(induced_norm(w, 1, 1).value.item(), norm(w, 1).item());
  EXPECT_EQ(induced_norm(w, 2, 2).value.item(), norm(w, 2).item());
  EXPECT_EQ(induced_norm(w, 1, 2).value.item(), norm_1_to_2(w).item());
  EXPECT_NEAR(induced_norm(w, 2, 1).value.item(), norm_2_to_1(w).item(), 1e-13);
  EXPECT_EQ(induced_norm(w, 1, infinity).value.item(), norm(w, Max).item());
  // A diagonal matrix from p to q >= p takes its largest entry, to q < p the norm of its entries by 1/r = 1/q - 1/p.
  const auto entries = tensor({3, 1, 2});
  EXPECT_NEAR(induced_norm(diag(entries), 1.5, 3).value.item(), 3.0, 1e-12);
  EXPECT_NEAR(induced_norm(diag(entries), 3, 1.5).value.item(), vector_norm(entries, 3).item(), 1e-12);
  // Rank one: all bounds meet.
  const auto x = random({8, 1}), y = random({1, 9});
  const auto [value, upper, exact] = induced_norm(matmul(x, y), 4.0, 1.5);
  EXPECT_NEAR(value.item(), (vector_norm(x.t(), 1.5) * vector_norm(y, 4.0 / 3)).item(), 1e-12 * value.item());
  EXPECT_NEAR(value.item(), upper.item(), 1e-12 * value.item());
  EXPECT_FALSE(exact);
}

TEST(InducedNorm, WhichAreExact) {
  const auto is_exact = [](const Shape& shape, double p, double q) { return induced_norm(ones(shape), p, q).exact; };
  EXPECT_TRUE(is_exact({20, 20}, 1, 3) && is_exact({20, 20}, 3, infinity) && is_exact({20, 20}, 2, 2));
  EXPECT_TRUE(is_exact({16, 30}, 3, 1) && is_exact({30, 16}, infinity, 1.5) && is_exact({30, 16}, infinity, 1));
  EXPECT_TRUE(is_exact({16, 30}, infinity, 1));
  EXPECT_FALSE(is_exact({17, 17}, 3, 1) || is_exact({17, 17}, infinity, 1) || is_exact({3, 3}, 2, 3));
}

TEST(InducedNorm, GradientsBatchesZerosAndErrors) {
  for (const auto& [p, q] : {std::pair{3.0, 1.5}, {infinity, 3.0}, {1.5, 1.0}, {1.0, 3.0}, {2.0, 4.0}}) {
    const auto w = random({4, 3}).requires_grad_();
    const auto [g] = grad(induced_norm(w, p, q).value, {w});
    const double h = 1e-6;
    const auto direction = random({4, 3}, 5);
    const auto at = [&](double t) { return induced_norm(w.detach() + t * direction, p, q).value.item(); };
    EXPECT_NEAR(sum(g * direction).item(), (at(h) - at(-h)) / (2 * h), 1e-7) << p << " -> " << q;
    const auto both = stack({w.detach(), 2.0 * w.detach()});
    EXPECT_TRUE(close(induced_norm(both, p, q).value, induced_norm(w, p, q).value.detach() * tensor({1, 2}), 1e-12));
    EXPECT_EQ(induced_norm(zeros({3, 2}), p, q).value.item(), 0.0);
    EXPECT_EQ(induced_norm(zeros({3, 2}), p, q).upper.item(), 0.0);
    EXPECT_EQ(induced_norm(zeros({2, 0, 2}), p, q).value.shape(), Shape({2}));
  }
  EXPECT_EQ(error_of([] { induced_norm(ones({3}), 2, 2); }), "induced_norm: needs a matrix, got [3]");
  EXPECT_EQ(error_of([] { induced_norm(eye(3), 0.5, 2); }), "induced_norm: p and q must be >= 1 (got 0.5 and 2)");
}

}  // namespace
}  // namespace sigmagrad::linalg
