// SPDX-License-Identifier: BSD-3-Clause
// What norms say of approximation, training and networks: one trial each, and what must hold in every one.
#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

TEST(NormsLowrank, NoCompetitorIsCloserThanTheTruncation) {
  const auto result = run_json("norms/lowrank --sweep part=near,sketch,error-spectral,descent --trials 2");
  for (const char* part : {"near", "sketch"}) {
    EXPECT_EQ(value_of(result, {{"part", part}}, "violations", "max"), 0.0);
    EXPECT_GT(value_of(result, {{"part", part}}, "found"), 0.99);  // by ascent: the bound is the best one
  }
  EXPECT_LT(value_of(result, {{"part", "error-spectral"}}, "deviation", "max"), 1e-13);
  for (const char* norm : {"nuclear", "Frob.", "Schatten 4", "Ky Fan 2", "spectral"})
    EXPECT_LE(value_of(result, {{"part", "descent"}}, std::string("gradient descent, ") + norm, "max"), 1.0 + 1e-9)
        << norm;
}

TEST(NormsLowrank, AnAdapterEndsAtTheTruncationForWhiteInputsAlone) {
  const auto result = run_json("norms/lowrank --set part=adapter --trials 4");
  EXPECT_LT(value_of(result, {}, "excess_white@30000"), 1e-3);
  EXPECT_GT(value_of(result, {}, "excess_correlated@30000", "min"), 1e-2);
  EXPECT_EQ(value_of(result, {}, "adapter_numbers", "min"), 1.0);
}

TEST(NormsLipschitz, NoNetworkExceedsTheProductOfItsNorms) {
  const auto result = run_json("norms/lipschitz --set part=stretch --trials 1");
  EXPECT_EQ(value_of(result, {}, "violations", "max"), 0.0);
  EXPECT_GT(value_of(result, {}, "typical_linear@1"), 0.999);
  EXPECT_GT(value_of(result, {}, "extremal_network"), 0.99);
  EXPECT_LT(value_of(result, {}, "typical_ReLU@8"), value_of(result, {}, "typical_ReLU@2"));
}

TEST(NormsClipping, TruncatingAloneChangesTheShapeOfASpectrum) {
  const auto result = run_json("norms/clipping --set part=gradients --trials 1");
  for (const char* rule : {"global", "frobenius", "spectral"})
    EXPECT_LT(value_of(result, {}, std::string("shape_") + rule, "max"), 1e-12) << rule;
  EXPECT_GT(value_of(result, {}, "shape_truncated"), 0.1);
  for (const char* rule : {"global", "frobenius", "spectral", "truncated"})
    EXPECT_LE(value_of(result, {}, std::string("cap_") + rule, "max"), 1.0 + 1e-12) << rule;
}

TEST(NormsImplicit, FlowsEndAtTheLeastTraceWhereMeasurementsCommute) {
  const auto result = run_json("norms/implicit --sweep part=sensing,decay,adamw --trials 3");
  EXPECT_LT(value_of(result, {{"part", "sensing"}}, "commuting@1e-05"), 1e-2);
  EXPECT_GT(value_of(result, {{"part", "sensing"}}, "commuting@1"), 1e-2);
  EXPECT_LT(value_of(result, {{"part", "decay"}}, "decayed", "max"), 1e-4);
  EXPECT_LE(value_of(result, {{"part", "adamw"}}, "noisy", "max"), 1.0);
  EXPECT_GT(value_of(result, {{"part", "adamw"}}, "growing@1.11"), 7.0);
}

TEST(NormsAttention, AttentionAloneCollapsesAndSkipConnectionsPreventIt) {
  const auto result = run_json("norms/attention --sweep part=collapse,coordinates --trials 3");
  EXPECT_LT(value_of(result, {{"part", "collapse"}}, "rest_bare@32"), 1e-6);
  EXPECT_GT(value_of(result, {{"part", "collapse"}}, "rest_scaled@32"), 0.1);
  EXPECT_NEAR(value_of(result, {{"part", "collapse"}}, "power"), 3.0, 0.1);
  EXPECT_LT(value_of(result, {{"part", "coordinates"}}, "logits_rotated", "max"), 1e-13);
}

}  // namespace
}  // namespace sigmagrad::testing
