// SPDX-License-Identifier: BSD-3-Clause
// Experiments on what paper 002 cites or gives as examples.
#include <cmath>

#include <sigmagrad/tests/support/golden.hpp>
#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

TEST(CompletionGrowth, IsTheReferences) {
  const auto run = run_json("completion/growth --sweep d=2,5");
  const auto of = [&](int d, double strength, const char* metric) {
    return value_of(run, {{"d", d}, {"strength", strength}}, metric, "mean");
  };
  EXPECT_NEAR(of(2, 1.0, "bound"), 1.1058, 1e-4);
  EXPECT_NEAR(of(5, 1.0, "bound"), 3.6506, 1e-4);
  EXPECT_NEAR(of(2, 1.0, "warm_stable_rank"), 1.9592, 1e-3);
  EXPECT_NEAR(of(5, 1.0, "warm_stable_rank"), 4.9282, 1e-3);
  EXPECT_NEAR(of(5, 60.0, "warm_stable_rank"), 1.80, 0.01);
}

// det W > 0 keeps w11 w22 above w12 w21: at a loss w22^2 / 2 the norm is 1 / w22.
TEST(CompletionUnseen, NormGrowsAsTheLossFalls) {
  const auto run =
      run_json("completion/unseen --set sign=positive --set depth=2 --set scale=1e-3 --sweep goal=3e-2,3e-3");
  for (const double goal : {3e-2, 3e-3}) {
    const double norm = value_of(run, {{"goal", goal}}, "norm", "mean");
    EXPECT_GT(norm, 0.7 / std::sqrt(2.0 * goal));
    EXPECT_LT(norm, 2.0 / std::sqrt(2.0 * goal));
  }
}

TEST(CompletionIncremental, ModesFollowTheirEquation) {
  const auto run = run_json("completion/incremental --sweep scale=1e-3 --trials 1");
  for (const auto& group : run.at("groups")) {
    const double theory = group.at("metrics").at("overlap_in_theory").at("mean");
    EXPECT_NEAR(group.at("metrics").at("overlap").at("mean"), theory, 1e-4 * theory);
  }
}

TEST(CompletionRatioPenalty, LowersTheRankOfASingleMatrix) {
  const auto run = run_json("completion/ratio-penalty --set depth=1 --set d=20 --trials 1");
  EXPECT_LT(value_of(run, {{"penalty", 0.1}}, "effective_rank"),
            0.7 * value_of(run, {{"penalty", 0.0}}, "effective_rank"));
}

TEST(CompletionEmbeddings, LoseRankWithEveryLayer) {
  const auto run = run_json("completion/embeddings --set weight_decay=0 --set steps=1 --trials 2");
  for (const char* activation : {"linear", "relu"}) {
    double before = 64.0;
    for (const int depth : {1, 2, 4}) {
      const double now = value_of(run, {{"activation", activation}, {"depth", depth}}, "start_rank", "mean");
      EXPECT_LT(now, before) << activation << ' ' << depth;
      before = now;
    }
  }
}

// A switch after no step at all is training on all entries.
TEST(CompletionPeriods, TheSwitchIsWhatDiffers) {
  const std::string run = "completion/periods --set depth=2 --set d=12 --trials 2 ";
  const auto at_once = run_json(run + "--set switch=0 --set shown=0.2"),
             same = run_json(run + "--set switch=0 --set shown=0.4");
  EXPECT_EQ(value_of(at_once, {}, "rmse", "mean"), value_of(same, {}, "rmse", "mean"));
  const auto late = run_json(run + "--set switch=800 --set shown=0.2");
  EXPECT_NE(value_of(at_once, {}, "rmse", "mean"), value_of(late, {}, "rmse", "mean"));
}

TEST(CompletionWarmClassifier, SeesThePartBefore) {
  const auto run =
      run_json("completion/warm-classifier --set label_noise=0 --set examples=100 --set steps=60 --trials 2");
  EXPECT_LT(value_of(run, {}, "pre_loss", "mean"), 1.0);
  EXPECT_GT(value_of(run, {}, "cold_test_accuracy", "mean"), 0.2);
}

}  // namespace
}  // namespace sigmagrad::testing
