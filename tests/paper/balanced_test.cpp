// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/runs.hpp>

// Bands about what independent runs of the thesis' settings gave.
namespace sigmagrad::testing {
namespace {

TEST(PaperSize, AlignedModesDeviateByTheStep) {
  const auto result = run_json("balanced/aligned --preset paper");
  for (const double lambda : {-0.5, 0.5})
    for (const auto& [lr, band] : {std::pair{0.01, 5e-3}, {0.001, 5e-4}}) {
      const auto group = group_of(result, {{"lambda", lambda}, {"lr", lr}, {"sizes", "5x5x5"}});
      EXPECT_LT(metric(group, "deviation"), band);
      EXPECT_GT(metric(group, "deviation"), band / 20);
      EXPECT_LT(metric(group, "off_diagonal"), 1e-12);
    }
  EXPECT_EQ(verdict_of(result, "completely captured"), "holds");
  EXPECT_EQ(verdict_of(result, "either sign"), "does not hold");
}

TEST(PaperSize, UnalignedDescentFollowsTheExactSolution) {
  const auto result = run_json("balanced/unaligned --preset paper");
  const auto minus = group_of(result, {{"study", "descent"}, {"lambda", -50.0}});
  const auto zero = group_of(result, {{"study", "descent"}, {"lambda", 0.01}});
  const auto plus = group_of(result, {{"study", "descent"}, {"lambda", 50.0}});
  for (const auto& group : {minus, zero, plus}) {
    for (const char* name : {"product", "input", "output", "loss"})
      EXPECT_LT(metric(group, std::string(name) + "_deviation"), 0.015) << name;
    EXPECT_LT(metric(group, "kernel_deviation"), 1e-3);
  }
  EXPECT_LT(metric(minus, "input_change"), 0.01);
  EXPECT_LT(metric(plus, "output_change"), 0.01);
  EXPECT_LT(metric(plus, "kernel_change"), 0.01);
  EXPECT_NEAR(metric(zero, "kernel_change"), 0.86, 0.06);
  const auto exact = group_of(result, {{"study", "exact"}, {"lambda", 0.0}, {"scale", 1.0}});
  EXPECT_NEAR(metric(exact, "saddle", "mean"), 0.5, 0.12);  // 200 trials: three standard deviations are .106
  EXPECT_EQ(verdict_of(result, "shallow network"), "holds");
}

TEST(PaperSize, AccuracyHasTheMeasuredMeans) {
  const auto result = run_json("balanced/accuracy --preset paper --sweep position=0,1");
  const auto deviation = [&](const char* study, int n, double position) {
    return metric(group_of(result, {{"study", study}, {"n", n}, {"position", position}}), "deviation", "mean");
  };
  for (const auto& [n, mean] : {std::pair{5, 0.0098}, {10, 0.020}, {15, 0.029}, {20, 0.041}, {25, 0.0497}})
    EXPECT_NEAR(deviation("lr", n, 1.0), mean, 0.25 * mean) << n;
  EXPECT_NEAR(deviation("lr", 5, 0.0), 3e-4, 1e-4);
  EXPECT_NEAR(deviation("lambda", 5, 1.0), 7.5e-3, 1e-3);
  EXPECT_NEAR(deviation("lambda", 20, 0.0), 2.3e-3, 5e-4);
  EXPECT_NEAR(deviation("lambda", 20, 1.0), 0.011, 1e-3);
  for (const auto& [n, first, last] : {std::tuple{5, 0.0076, 0.0077}, {10, 0.0099, 0.0093}, {20, 0.0128, 0.0101}}) {
    EXPECT_NEAR(deviation("ratio", n, 0.0), first, 0.1 * first) << n;
    EXPECT_NEAR(deviation("ratio", n, 1.0), last, 0.1 * last) << n;
  }
}

TEST(PaperSize, WidthDecidesWhoIsLazy) {
  const auto result = run_json("balanced/dimensions --preset paper");
  const auto group = [&](int n_h, double lambda) { return group_of(result, {{"n_h", n_h}, {"lambda", lambda}}); };
  for (const auto& [n_h, lambda] : {std::pair{5, 100.0}, {5, 1000.0}, {3, -100.0}, {3, -1000.0}}) {
    EXPECT_NEAR(metric(group(n_h, lambda), "time_per_lambda"), 4.7, 0.5);
    EXPECT_LT(metric(group(n_h, lambda), "kernel_change"), 0.01);
  }
  for (const double lambda : {10.0, 100.0, 1000.0}) {
    EXPECT_GT(metric(group(3, lambda), "kernel_change"), 0.6);
    EXPECT_GT(metric(group(4, lambda), "kernel_change"), 0.2);
    EXPECT_GT(metric(group(3, lambda), "time"), 10 * lambda);
  }
}

TEST(PaperSize, LayersBeyondTwo) {
  const auto result = run_json("balanced/deep --preset paper");
  EXPECT_EQ(verdict_of(result, "deeper network"), "holds in shape");
  EXPECT_EQ(verdict_of(result, "Aligned layers of any number"), "holds");
}

}  // namespace
}  // namespace sigmagrad::testing
