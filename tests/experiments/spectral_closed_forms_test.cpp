// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/experiments/spectral/closed_forms.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

Params params(double noise) { return Params({{"d", std::int64_t{64}}, {"lr", 0.05}, {"noise", noise}}); }

TEST(SpectralClosedForms, NormsKeepWhatIsLeftOfTheStartAndTheirShareOfTheNoise) {
  EXPECT_NEAR(norm_error(params(0.0), 200), std::pow(0.95, 200), 1e-15);
  // Far behind the start only the floor is left: the overall error is sqrt(d) times that of the norms.
  const double norms = norm_error(params(0.01), 2000), overall = closed_form(params(0.01)).overall_error(2000);
  EXPECT_NEAR(overall / norms, 8.0, 1e-6);
}

TEST(SpectralClosedForms, TheFloorOfTheConditionNumberIsThatOfItsSmallestSingularValue) {
  Components target{};
  target.singular_values = {10.0, 0.5};
  target.frobenius_norm = 16.0;
  const double far = cond_floor(params(0.01), target);
  target.singular_values.back() = 0.05;
  EXPECT_NEAR(cond_floor(params(0.01), target) / far, 10.0, 1e-9);
  EXPECT_EQ(cond_floor(params(0.0), target), 0.0);
  // An entry of W - T is sqrt(floor) ||T||_F / d.
  EXPECT_NEAR(far, 0.6744897501960817 * std::sqrt(closed_form(params(0.01)).floor()) * 16.0 / 64.0 / 0.5, 1e-15);
}

TEST(SpectralClosedForms, MultipliersHelpLongRows) {
  EXPECT_NEAR(multiplier_norm_error(4.0, 0.01, 0.0, 200), std::pow(0.99, 200), 1e-12);
  EXPECT_NEAR(multiplier_norm_error(0.0, 0.01, 0.001, 200), std::pow(0.99, 200), 1e-12);
  EXPECT_LT(multiplier_norm_error(2.0, 0.01, 0.001, 200), multiplier_norm_error(1.0, 0.01, 0.001, 200));
  // Two steps by hand: x = 0.1, y = 1; then x = 0.19, y = 1 + 0.2 * 0.9 * 0.1 * 3.
  const double y = 1.0 + 0.2 * 0.9 * 0.1 * 3.0;
  EXPECT_NEAR(multiplier_norm_error(3.0, 0.1, 0.2, 2), 1.0 - 0.19 * y * y, 1e-15);
}

TEST(SpectralClosedForms, AllStepsLeaveTheSameShareOfTheStartAsTheRegressionSays) {
  const Params all({{"d", std::int64_t{64}}, {"lr", 0.05}, {"noise", 0.0}, {"steps", std::int64_t{40}}});
  EXPECT_NEAR(left_of_start(all), closed_form(all).norm_error(40), 1e-15);
}

}  // namespace
}  // namespace sigmagrad::experiments::spectral
