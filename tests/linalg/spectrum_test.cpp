// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/spectrum.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

TEST(Spectrum, NeedsEnoughSingularValues) {
  EXPECT_EQ(error_of([] { norm(zeros({0, 3}), 2); }), "norm: needs at least 1 singular values, got [0, 3]");
  EXPECT_EQ(error_of([] { cond(zeros({0, 0})); }), "cond: needs at least 1 singular values, got [0, 0]");
  EXPECT_EQ(error_of([] { spectral_gap(ones({1, 5})); }), "spectral_gap: needs at least 2 singular values, got [1, 5]");
  EXPECT_EQ(norm(zeros({0, 3}), Nuclear).item(), 0.0);
}

TEST(Spectrum, OfADiagonalMatrix) {
  const auto w = diag(tensor({4, 2, 0.01}, {3}));
  EXPECT_DOUBLE_EQ(norm(w, 2).item(), 4.0);
  EXPECT_DOUBLE_EQ(norm(w, Nuclear).item(), 6.01);
  EXPECT_DOUBLE_EQ(cond(w).item(), 400.0);
  EXPECT_DOUBLE_EQ(log_cond(w).item(), std::log(400.0));
  EXPECT_DOUBLE_EQ(spectral_gap(w).item(), 0.5);
  EXPECT_DOUBLE_EQ(stable_rank(w).item(), 20.0001 / 16.0);
  EXPECT_EQ(rank_above(w, 0.01), 2);
  EXPECT_EQ(rank_above(w, 0.001), 3);
  EXPECT_EQ(rank_above(w, 0.5), 1);  // s > fraction s1, not >=
}

TEST(Spectrum, EffectiveRankCountsEqualValues) {
  EXPECT_NEAR(effective_rank(eye(5)).item(), 5.0, 1e-14);
  EXPECT_NEAR(effective_rank(eye(5), EntropyOf::Squares).item(), 5.0, 1e-14);
  const auto w = diag(tensor({1, 1, 0}, {3})).requires_grad_();
  const auto rank = effective_rank(w);
  EXPECT_NEAR(rank.item(), 2.0, 1e-14);
  EXPECT_EQ(min(isfinite(grad(rank, {w})[0])).item(), 1.0);
  // p = (0.8, 0.2) of the values 2, 0.5, and (16/17, 1/17) of their squares
  const auto two = diag(tensor({2, 0.5}, {2}));
  const auto entropy = [](double p) { return -p * std::log(p) - (1 - p) * std::log(1 - p); };
  EXPECT_NEAR(effective_rank(two).item(), std::exp(entropy(0.8)), 1e-14);
  EXPECT_NEAR(effective_rank(two, EntropyOf::Squares).item(), std::exp(entropy(1.0 / 17.0)), 1e-14);
}

TEST(Spectrum, SingularMatricesHaveAnInfiniteConditionNumber) {
  const auto w = diag(tensor({1, 0}, {2}));
  EXPECT_EQ(cond(w).item(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(log_cond(w).item(), std::numeric_limits<double>::infinity());
}

TEST(Spectrum, RanksOfABatch) {
  const auto batch = stack({eye(3), diag(tensor({1, 1, 0}, {3})), diag(tensor({1, 0, 0}, {3}))});
  EXPECT_TRUE(same(ranks_above(batch, 0.01), tensor({3, 2, 1}, {3})));
  EXPECT_FALSE(ranks_above(eye(3).requires_grad_(), 0.01).requires_grad());
  EXPECT_EQ(error_of([&] { rank_above(batch, 0.01); }), "rank_above: needs one matrix, got [3, 3, 3]");
  EXPECT_EQ(error_of([] { ranks_above(ones({3}), 0.01); }), "ranks_above: needs a matrix, got [3]");
}

TEST(Norms, OfASmallMatrix) {
  const auto w = tensor({1, -2, 3, -4, 5, -6}, {2, 3});
  EXPECT_EQ(norm(w, 1).item(), 9.0);
  EXPECT_EQ(norm(w, Inf).item(), 15.0);
  EXPECT_EQ(norm(w, Max).item(), 6.0);
  EXPECT_DOUBLE_EQ(norm(w).item(), std::sqrt(91.0));
  EXPECT_TRUE(close(row_norms(w), sqrt(tensor({14, 77}, {2})), 1e-15));
  EXPECT_TRUE(close(col_norms(w), sqrt(tensor({17, 29, 45}, {3})), 1e-15));
  EXPECT_EQ(error_of([&] { norm(w, 3); }), "norm: kind must be 1, 2, Inf, Fro, Nuclear or Max (got 3)");
}

TEST(Norms, GradientsAreZeroAtZero) {
  const auto w = tensor({3, 0, 4, 0, 0, 0}, {2, 3}).requires_grad_();
  EXPECT_TRUE(close(grad(sum(row_norms(w)), {w})[0], tensor({0.6, 0, 0.8, 0, 0, 0}, {2, 3}), 1e-15));
  EXPECT_TRUE(close(grad(sum(col_norms(w)), {w})[0], tensor({1, 0, 1, 0, 0, 0}, {2, 3}), 1e-15));
  const auto zero = zeros({2, 2}).requires_grad_();
  const auto [g] = grad(norm(zero), {zero}, {.create_graph = true});
  EXPECT_TRUE(same(g, zeros({2, 2})));
  EXPECT_TRUE(same(grad(sum(g), {zero})[0], zeros({2, 2})));
}

}  // namespace
}  // namespace sigmagrad::linalg
