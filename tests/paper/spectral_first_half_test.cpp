// SPDX-License-Identifier: BSD-3-Clause
// Every number of golden/spectral.json for dimension, optimisers, gradient, corrections and dynamics, and the bands
// that any stream must meet.
#include <sigmagrad/tests/support/spectral_golden.hpp>

namespace sigmagrad::testing {
namespace {

TEST(PaperSize, DimensionGivesThePrintedDigits) {
  const auto result =
      run_json("spectral/dimension --preset paper --sweep d=32,64,128,256,512 --set sample=paper --stream numpy");
  ASSERT_EQ(result.at("groups").size(), 5u);
  for (const auto& group : result.at("groups")) expect_spectral_golden(group, dimension_key(group), 1e-6, 1e-6);
}

TEST(PaperSize, OptimizersGiveThePrintedDigits) {
  const auto result =
      run_json("spectral/optimizers --preset paper --sweep optimizer=sgd,adam --sweep lr=0.001,0.01 --stream numpy");
  expect_spectral_golden(group_of(result, {{"optimizer", "sgd"}, {"lr", 0.01}, {"sample", "paper"}}), "optimizers/sgd",
                         1e-6, 1e-6);
  expect_spectral_golden(group_of(result, {{"optimizer", "adam"}, {"lr", 0.001}, {"sample", "paper"}}),
                         "optimizers/adam", 1e-6, 1e-6);
  EXPECT_EQ(verdict_of(result, "substantially worse"), "holds");
  EXPECT_EQ(verdict_of(result, "the worse optimiser"), "does not hold");
  EXPECT_EQ(verdict_of(result, "learn the condition number poorly"), "holds");
}

TEST(PaperSize, GradientGivesTheReferencesRatios) {
  const auto result = run_json("spectral/gradient --preset paper --set d=64 --stream numpy");
  const auto expected = golden("spectral.json").at("results").at("gradient/d=64").at("median_top_over_bottom");
  ASSERT_EQ(expected.size(), 5u);
  for (const auto& [step, ratio] : expected.items())
    EXPECT_NEAR(value_of(result, {{"gradient", "batch"}}, "top_over_bottom@" + step), ratio.get<double>(),
                1e-6 * ratio.get<double>());
}

TEST(PaperSize, DynamicsGivesTheReferencesCurves) {
  const auto result =
      run_json("spectral/dynamics --preset paper --set sample=paper --set gradient=batch --stream numpy");
  const auto expected = golden("spectral.json").at("results").at("dynamics/d=64").at("mean");
  ASSERT_EQ(expected.size(), 21u);
  for (const auto& [step, errors] : expected.items())
    for (const auto& [component, metric] :
         {std::pair{"row", "row_norm_error"}, {"cond", "cond_error"}, {"overall", "overall_error"}}) {
      const double mean = errors.at(component);
      EXPECT_NEAR(value_of(result, {}, std::string(metric) + '@' + step, "mean"), mean, 1e-6 * mean) << step;
    }
}

TEST(PaperSize, CorrectionsGiveThePrintedDigits) {
  const auto result = run_json(
      "spectral/corrections --preset paper --sweep correction=sgd,multipliers,spectral,svd --set multiplier_lr=0.001 "
      "--set sample=paper --stream numpy");
  const auto group = [&](const char* correction) { return group_of(result, {{"correction", correction}}); };
  for (const char* correction : {"sgd", "multipliers", "svd"})
    expect_spectral_golden(group(correction), std::string("corrections/") + correction, 1e-6, 1e-6);
  // The penalty's gradient turns as the smallest singular value passes 0: rounding decides when.
  const auto expected = golden("spectral.json").at("results").at("corrections/spectral").at("mean");
  const auto metrics = group("spectral").at("metrics");
  EXPECT_NEAR(metrics.at("row_norm_error").at("mean"), expected.at("row").get<double>(), 1e-5 * 0.134);
  EXPECT_NEAR(metrics.at("overall_error").at("mean"), expected.at("overall").get<double>(), 1e-5 * 0.136);
  EXPECT_NEAR(metrics.at("cond_error").at("mean"), 0.29, 0.06);
}

// What any stream of numbers must meet, with the paper's trials.

TEST(PaperSize, DimensionStaysWithinTheBandsOnAnotherStream) {
  const auto result = run_json("spectral/dimension --preset paper --sweep d=32,64,128,512 --set sample=paper");
  const auto expect_cond = [&](int d, double low, double high) {
    const double median = value_of(result, {{"d", d}}, "cond_error");
    EXPECT_TRUE(low < median && median < high) << d << ": " << median;
  };
  expect_cond(32, 0.03, 0.45);
  expect_cond(64, 0.04, 0.55);
  expect_cond(128, 0.07, 0.9);
  for (const auto& [d, rows, overall] :
       {std::tuple{32, 0.134, 0.1351}, {64, 0.134, 0.1358}, {128, 0.134, 0.1372}, {512, 0.132, 0.1458}}) {
    EXPECT_NEAR(value_of(result, {{"d", d}}, "row_norm_error", "mean"), rows, 0.003) << d;
    EXPECT_NEAR(value_of(result, {{"d", d}}, "overall_error", "mean"), overall, 0.02 * overall) << d;
  }
}

TEST(PaperSize, AdamAndCorrectionsStayWithinTheBandsOnAnotherStream) {
  const auto adam =
      run_json("spectral/optimizers --preset paper --set optimizer=adam --set lr=0.001 --set sample=paper");
  EXPECT_NEAR(value_of(adam, {}, "overall_error", "mean"), 0.594, 0.02);
  const auto corrections = run_json("spectral/corrections --preset paper --set multiplier_lr=0.001");
  for (const char* sample : {"paper", "other"}) {
    const auto rows = [&](const char* correction) {
      return value_of(corrections, {{"correction", correction}, {"sample", sample}}, "row_norm_error", "mean");
    };
    EXPECT_NEAR(rows("multipliers"), 0.044, 0.006) << sample;
    EXPECT_NEAR(rows("svd"), 0.0478, 0.001) << sample;
    EXPECT_NEAR(rows("sgd"), 0.134, 0.003) << sample;
  }
}

}  // namespace
}  // namespace sigmagrad::testing
