// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/runs.hpp>
#include <sigmagrad/theory/regression.hpp>

namespace sigmagrad::testing {
namespace {

constexpr const char* few_trials = "spectral/optimizers --set d=16 --set sample=paper --trials 4 ";

TEST(SpectralOptimizers, EveryOptimiserLearnsAtARateOfItsOwn) {
  const auto result =
      run_json(std::string(few_trials) + "--sweep optimizer=sgd,adam,rmsprop,muon,shampoo --sweep lr=0.01,0.1,0.3");
  ASSERT_EQ(result.at("groups").size(), 15u);
  for (const char* optimizer : {"sgd", "adam", "rmsprop", "muon", "shampoo"}) {
    double best = 1.0;
    for (const double lr : {0.01, 0.1, 0.3})
      best = std::min(best, value_of(result, {{"optimizer", optimizer}, {"lr", lr}}, "overall_error"));
    EXPECT_LT(best, 0.25) << optimizer;
  }
}

TEST(SpectralOptimizers, SgdFollowsItsClosedForm) {
  const auto result = run_json(std::string(few_trials) + "--set optimizer=sgd --sweep lr=0.003,0.01,0.03");
  for (const double lr : {0.003, 0.01, 0.03}) {
    const theory::Regression form{.dimension = 16, .lr = lr};
    EXPECT_NEAR(value_of(result, {{"lr", lr}}, "overall_error", "mean"), form.overall_error(200),
                0.05 * form.overall_error(200));
  }
}

TEST(SpectralOptimizers, ChecksAreOfWhatIsClaimedAlone) {
  const auto result = run_json("spectral/optimizers --set d=8 --set steps=2 --trials 1");
  EXPECT_EQ(result.at("groups").size(), 12u + 3u);
  EXPECT_EQ(group_of(result, {{"optimizer", "adam"}, {"lr", 0.01}, {"sample", "other"}}).at("trials"), 4);
  for (const auto& claim : result.at("claims")) EXPECT_EQ(claim.at("verdict"), "not tested");
}

}  // namespace
}  // namespace sigmagrad::testing
