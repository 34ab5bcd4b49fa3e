// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/theory/regression.hpp>

namespace sigmagrad::theory {
namespace {

TEST(Regression, OverallErrorAtThePaperSettings) {
  const double sizes[] = {32, 64, 128, 256, 512}, expected[] = {0.1351, 0.1358, 0.1372, 0.1400, 0.1458};
  for (int i = 0; i < 5; ++i) EXPECT_NEAR(Regression{.dimension = sizes[i]}.overall_error(200), expected[i], 6e-5);
}

TEST(Regression, NormErrorIsTheContractionOfTheMean) {
  EXPECT_NEAR(Regression{.dimension = 64}.norm_error(200), 0.13398, 1e-5);
}

TEST(Regression, StartsAtTheDistanceOfTheStartAndEndsAtTheFloor) {
  const Regression form{.dimension = 16, .lr = 0.05, .batch = 16, .noise = 0.2};
  EXPECT_NEAR(form.overall_error(0), std::sqrt(1.0 + 0.01 / std::exp(0.5)), 1e-12);
  EXPECT_NEAR(form.overall_error(1e6), std::sqrt(form.floor()), 1e-12);
}

// The mean over many small runs, against the second-moment formula.
TEST(Regression, AgreesWithSimulation) {
  const Regression form{.dimension = 8, .lr = 0.05, .batch = 8, .noise = 0.3};
  const std::int64_t runs = 400, d = 8, batch = 8;
  Generator generator(5);
  const NoGrad guard;
  const auto target = exp(0.5 * randn({runs, d, 1}, generator)) * randn({runs, d, d}, generator) * std::sqrt(2.0 / 8.0);
  auto w = 0.1 * std::sqrt(2.0 / 8.0) * randn({runs, d, d}, generator);
  for (int step = 0; step < 60; ++step) {
    const auto x = randn({runs, batch, d}, generator);
    const auto residual = matmul(x, (w - target).t()) - 0.3 * randn({runs, batch, d}, generator);
    w.sub_(0.05 / 8.0 * matmul(residual.t(), x));
  }
  const double measured = std::sqrt(square(w - target).sum().item() / square(target).sum().item());
  EXPECT_NEAR(measured, form.overall_error(60), 0.04 * form.overall_error(60));
}

}  // namespace
}  // namespace sigmagrad::theory
