// SPDX-License-Identifier: BSD-3-Clause
#include <set>

#include <gtest/gtest.h>

#include <sigmagrad/impute/soft_impute.hpp>
#include <sigmagrad/impute/sparse_completion.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::impute {
namespace {

// A noisy matrix [12, 9] of rank 2, of which about two thirds are observed.
struct Sample {
  Generator generator{7};
  Tensor values = matmul(randn({12, 2}, generator), randn({2, 9}, generator)) + 0.1 * randn({12, 9}, generator);
  Tensor mask = bernoulli(full({12, 9}, 0.65), generator);
  Observations entries{.row_count = 12, .column_count = 9};

  Sample() {
    for (std::int64_t i = 0; i < 12; ++i)
      for (std::int64_t j = 0; j < 9; ++j)
        if (mask.data<double>()[static_cast<std::size_t>(9 * i + j)] > 0.0)
          entries.add(i, j, values.data<double>()[static_cast<std::size_t>(9 * i + j)]);
  }
};

// Z <- prox(P(X) + Z - P(Z)) is the published iteration: its fixed point is what the factors must be.
TEST(SoftImpute, TheFactorsAreAFixedPointOfSingularValueThresholding) {
  Sample s;
  constexpr double lambda = 0.8;
  Factors factors{.A = {}, .B = randn({9, 9}, s.generator)};
  soft_impute(factors, s.entries, lambda, 400);
  const auto Z = matmul(factors.A, factors.B.t());
  const auto next = linalg::prox_nuclear(s.mask * s.values + (1.0 - s.mask) * Z, lambda);
  EXPECT_LT(max(abs(next - Z)).item(), 1e-6);
  EXPECT_GT(max(abs(Z)).item(), 0.5);
}

// A sweep over millions of entries takes seconds: an interrupt waits for one, not for the path.
TEST(SoftImpute, StopsAfterTheSweepInWhichItIsTold) {
  Sample s;
  Factors factors{.A = {}, .B = randn({9, 2}, s.generator)}, same{.A = {}, .B = factors.B.clone()};
  int heard = 0;
  soft_impute(factors, s.entries, 0.8, 400, 0.0, [&] { return ++heard < 3; });
  EXPECT_EQ(heard, 3);
  soft_impute(same, s.entries, 0.8, 3);
  EXPECT_EQ(max(abs(factors.B - same.B)).item(), 0.0);
}

TEST(SoftImpute, FromTheLargestLambdaOnNothingIsLeft) {
  Sample s;
  const double lambda = largest_lambda(s.entries, s.generator);
  EXPECT_NEAR(lambda, linalg::norm(s.mask * s.values, 2).item(), 1e-6 * lambda);
  Factors factors{.A = {}, .B = randn({9, 9}, s.generator)};
  soft_impute(factors, s.entries, 1.2 * lambda, 60);
  EXPECT_LT(max(abs(matmul(factors.A, factors.B.t()))).item(), 1e-6);
}

TEST(Observations, TheSplitSharesOutEveryEntryOnce) {
  Sample s;
  const auto parts = split(s.entries, 0.2, s.generator);
  std::set<std::pair<std::int64_t, std::int64_t>> seen;
  for (const auto* part : {&parts.training, &parts.validation, &parts.heldout})
    for (std::size_t i = 0; i < part->size(); ++i) seen.emplace(part->rows[i], part->columns[i]);
  EXPECT_EQ(seen.size(), s.entries.size());
  EXPECT_EQ(parts.training.size() + parts.validation.size() + parts.heldout.size(), s.entries.size());
  EXPECT_EQ(parts.validation.size(), parts.heldout.size());
}

TEST(Observations, PartsOfTheGraph) {
  Observations entries{.row_count = 4, .column_count = 3};
  EXPECT_EQ(connected_parts(entries), 7);
  entries.add(0, 0, 1.0);
  entries.add(1, 0, 1.0);
  entries.add(2, 1, 1.0);
  EXPECT_EQ(connected_parts(entries), 4);  // {r0 r1 c0} {r2 c1} {r3} {c2}
  entries.add(2, 2, 1.0);
  entries.add(3, 2, 1.0);
  EXPECT_EQ(connected_parts(entries), 2);
  entries.add(0, 1, 1.0);
  EXPECT_EQ(connected_parts(entries), 1);
}

TEST(Prediction, RanksAreThoseOfTheProduct) {
  Sample s;
  const auto A = randn({12, 3}, s.generator), B = randn({9, 3}, s.generator);
  Prediction prediction = zero_prediction(s.entries);
  EXPECT_EQ(product_ranks(prediction).effective_rank, 0.0);
  prediction.left = A;
  prediction.right = B;
  const auto product = matmul(A, B.t());
  const auto ranks = product_ranks(prediction);
  EXPECT_NEAR(ranks.effective_rank, linalg::effective_rank(product).item(), 1e-9);
  EXPECT_NEAR(ranks.stable_rank, linalg::stable_rank(product).item(), 1e-9);
  EXPECT_NEAR(prediction(4, 7), product.select(0, 4).select(0, 7).item(), 1e-12);
  EXPECT_LT(max(abs(prediction.rows(3, 5) - product.narrow(0, 3, 5))).item(), 1e-12);
}

TEST(SparseCompletion, TheTrainingIsLedByItsListener) {
  Sample s;
  const auto parts = split(s.entries, 0.3, s.generator);
  std::int64_t heard = 0;
  const auto found = factorize(parts.training, parts.validation, {.depth = 3, .rank = 4}, s.generator,
                               [&](const Epoch& epoch) { return (heard = epoch.number) < 7; });
  EXPECT_EQ(heard, 7);
  EXPECT_EQ(found.epochs, 7);
  EXPECT_NEAR(rmse(found.prediction, parts.validation), found.validation_rmse, 1e-9);
}

}  // namespace
}  // namespace sigmagrad::impute
