// SPDX-License-Identifier: BSD-3-Clause
// Experiments beyond those that the papers ran.
#include <cmath>

#include <sigmagrad/tests/support/golden.hpp>
#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

// A correction meets every structure as it meets heterogeneous targets in spectral/corrections.
TEST(SpectralRemedies, AreThoseOfTheCorrections) {
  const std::string run = " --set d=16 --set correction=multipliers --set multiplier_lr=0.001 --trials 3";
  const auto here = run_json("spectral/remedies --set structure=heterogeneous" + run);
  const auto there = run_json("spectral/corrections --set sample=paper" + run);
  EXPECT_EQ(value_of(here, {}, "overall_error"), value_of(there, {}, "overall_error"));
  const auto low_rank = run_json("spectral/remedies --set structure=low-rank --set d=16 --trials 1");
  EXPECT_EQ(low_rank.at("groups").size(), 6u);  // without the two with a penalty on a condition number
}

// (1 - 0.01)^200 of a norm is left, less what the scatter of batches of 64 makes of rows.
TEST(SpectralWidth, NormsFollowTheClosedForm) {
  const auto run = run_json("spectral/width --set d=256 --trials 1");
  const double left = std::pow(0.99, 200), rho = 1.0 - 0.02 + 1e-4 * (1.0 + 257.0 / 64.0);
  const double error = std::sqrt(std::pow(rho, 200) * (1.0 + 0.01 / std::exp(0.5)));
  EXPECT_NEAR(value_of(run, {}, "overall_error"), error, 0.01 * error);
  const double rows = 1.0 - std::sqrt((1.0 - left) * (1.0 - left) + error * error - left * left);
  EXPECT_NEAR(value_of(run, {}, "row_norm_error"), rows, 0.02 * rows);
}

// For 2 x 2 matrices the difference of the two exponents is (psi(1) - psi(1/2)) / 2 = log 2.
TEST(SpectralLayers, GrowAsLyapunovExponentsSay) {
  const auto run = run_json("spectral/layers --set d=2 --sweep depth=8,32 --set time=1 --trials 400");
  const double growth = value_of(run, {{"depth", 32}}, "log_start_cond", "mean") -
                        value_of(run, {{"depth", 8}}, "log_start_cond", "mean");
  EXPECT_NEAR(growth / 24.0, std::log(2.0), 0.05);
}

TEST(SpectralWarmup, AllowsForLargerRatesFromCurvedStarts) {
  const auto run = run_json("spectral/warmup --set kappa=1 --trials 4");
  EXPECT_GT(value_of(run, {}, "gain_of_warmup", "median"), 1.0);
  const auto flat = run_json("spectral/warmup --set kappa=1 --set gain=0.3 --trials 4");
  EXPECT_LT(value_of(flat, {}, "gain_of_warmup", "median"), value_of(run, {}, "gain_of_warmup", "median"));
}

TEST(SpectralInputs, NormalisationMendsWhatLiesAlongTheAxes) {
  const auto run = run_json("spectral/inputs --set kappa=100 --set d=16 --trials 4");
  const auto left = [&](const char* basis, const char* normalization) {
    return value_of(run, {{"basis", basis}, {"normalization", normalization}}, "overall_error", "mean");
  };
  EXPECT_LT(left("axes", "batch"), 0.2);
  for (const auto& [basis, normalization] : {std::pair{"axes", "none"}, {"rotated", "none"}, {"rotated", "batch"}})
    EXPECT_GT(left(basis, normalization), 0.4) << basis << ' ' << normalization;
}

}  // namespace
}  // namespace sigmagrad::testing
