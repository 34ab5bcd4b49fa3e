// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

TEST(PaperSize, NoMatrixViolatesAnInequality) {
  const auto run = run_json("norms/inequalities --preset paper");
  for (const auto& group : run.at("groups")) {
    EXPECT_EQ(group.at("failed"), 0) << group.at("params");
    if (group.at("metrics").contains("violations")) {
      EXPECT_EQ(metric(group, "violations", "max"), 0.0) << group.at("params");
    }
  }
  expect_claims_hold(run, {"The Frobenius norm is differentiable", "The nuclear norm is not smooth",
                           "All invariant norms are ordered", "The 1 -> 2 and the 2 -> 1", "A symmetric norm"});
}

TEST(PaperSize, PerturbationsStayWithinTheirBounds) {
  expect_claims_hold(run_json("norms/perturbation --preset paper"), {"Gaussian elimination", "Eigenvalues of the"});
}

TEST(PaperSize, PenaltiesAndDescentFollowTheirFormulas) {
  expect_claims_hold(run_json("norms/tikhonov --preset paper"), {"Adam reduces"});
}

TEST(PaperSize, EstimatesOfTheConditionNumber) {
  expect_claims_hold(run_json("norms/estimation --preset paper"),
                     {"A random vector", "Two products", "Power iteration"});
}

// What the other experiments of the family claim is judged at both sizes alike; here every trial must end.
TEST(PaperSize, EveryTrialOfTheOtherNormsEnds) {
  for (const char* name : {"attention", "clipping", "implicit", "lipschitz", "lowrank"}) {
    const auto run = run_json(std::string("norms/") + name + " --preset paper");
    for (const auto& group : run.at("groups")) EXPECT_EQ(group.at("failed"), 0) << name << group.at("params");
  }
}

}  // namespace
}  // namespace sigmagrad::testing
