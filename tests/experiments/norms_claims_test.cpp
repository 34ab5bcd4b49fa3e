// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

TEST(NormsInequalities, ErrataAreFound) {
  const auto run = run_json(
      "norms/inequalities --trials 4 --sweep "
      "statement=kinks,shares,induced-1-2,induced-2-1,triangle-0.5,product-max,signed-gauge");
  for (const char* claim :
       {"differentiable everywhere", "singular values are repeated", "exactly where s(A)", "norm are NP-hard"})
    EXPECT_EQ(verdict_of(run, claim), "holds in shape") << claim;
  EXPECT_EQ(verdict_of(run, "is an invariant norm"), "does not hold");
  for (const char* claim : {"triangle inequality fails", "not submultiplicative", "A / ||A||_F", "none where s1 = s2"})
    EXPECT_EQ(verdict_of(run, claim), "holds") << claim;
  EXPECT_EQ(value_of(run, {{"statement", "product-max"}}, "violations", "max"), 0.0);
  EXPECT_NEAR(value_of(run, {{"statement", "product-max"}}, "constant_found", "max"), 3.0, 0.01);
}

TEST(NormsPerturbation, SolutionsLoseTheDigitsOfTheCondition) {
  const auto run = run_json("norms/perturbation --trials 3 --sweep study=solve,growth,powers --sweep exponent=0,6,12");
  for (const int exponent : {6, 12}) {
    const double digits = value_of(run, {{"study", "solve"}, {"exponent", exponent}}, "digits");
    EXPECT_GT(digits, 16.0 - exponent);
    EXPECT_LT(digits, 18.5 - exponent);
  }
  EXPECT_EQ(verdict_of(run, "partial pivoting"), "holds in shape");
  EXPECT_EQ(verdict_of(run, "how long it remembers"), "holds in shape");
}

TEST(NormsTikhonov, AdamIsBlindToTheConditionAlongTheAxesAlone) {
  const auto run = run_json("norms/tikhonov --trials 2 --set study=descent --sweep cond=10,10000");
  const auto steps = [&](const char* method, const char* basis, double cond) {
    return value_of(run, {{"method", method}, {"basis", basis}, {"cond", cond}}, "steps");
  };
  EXPECT_EQ(steps("adam", "axes", 10.0), steps("adam", "axes", 1e4));
  EXPECT_GT(steps("adam", "rotated", 1e4), 5 * steps("adam", "rotated", 10.0));
  EXPECT_NEAR(steps("gradient-descent", "axes", 1e4), 40296, 50);
  EXPECT_EQ(steps("gradient-descent", "axes", 1e4), steps("gradient-descent", "rotated", 1e4));
}

TEST(NormsEstimation, IterationsFindTheConditionFromBelow) {
  const auto run = run_json("norms/estimation --set n=32 --sweep exponent=4,8 --trials 5");
  for (const auto& group : run.at("groups")) {
    EXPECT_LT(metric(group, "estimate_10", "max"), 1.0 + 1e-6);
    EXPECT_GT(metric(group, "estimate_10", "min"), 0.8);
    EXPECT_GE(metric(group, "steps_to_half", "min"), metric(group, "estimate_1", "max") < 0.5 ? 2.0 : 1.0);
    EXPECT_LE(metric(group, "steps_to_half", "max"), 10.0);
    EXPECT_LT(metric(group, "random_estimate", "max"), 1.0 + 1e-6);
    EXPECT_LT(metric(group, "products_estimate", "max"), 0.01);
  }
}

}  // namespace
}  // namespace sigmagrad::testing
