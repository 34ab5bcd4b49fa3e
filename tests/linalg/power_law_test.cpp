// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/power_law.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::error_of;

// Numbers x >= 1 with the density (alpha - 1) x^-alpha.
Tensor pareto(std::int64_t count, double alpha, std::uint64_t seed = 1) {
  Generator generator(seed);
  return pow(1.0 - rand({count}, generator), -1.0 / (alpha - 1.0));
}

// The best tail by the definition, looking at every value of every tail.
PowerLaw by_definition(const Tensor& values) {
  auto x = values.to_vector();
  std::sort(x.begin(), x.end());
  PowerLaw best;
  best.distance = std::numeric_limits<double>::infinity();
  for (std::size_t first = 0; first < x.size() && x[first] < x.back(); ++first) {
    if (first > 0 && x[first] == x[first - 1]) continue;
    const auto size = static_cast<double>(x.size() - first);
    double logs = 0.0, distance = 0.0;
    for (std::size_t i = first; i < x.size(); ++i) logs += std::log(x[i] / x[first]);
    const double alpha = 1.0 + size / logs;
    for (std::size_t i = first; i < x.size(); ++i)
      distance = std::max(
          distance, std::abs(1.0 - std::pow(x[i] / x[first], 1.0 - alpha) - static_cast<double>(i - first) / size));
    if (distance >= best.distance) continue;
    best.alpha = alpha;
    best.xmin = x[first];
    best.distance = distance;
    best.tail = static_cast<std::int64_t>(x.size() - first);
  }
  return best;
}

TEST(PowerLaw, RulingTailsOutFindsTheBestOfAll) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Generator generator(seed);
    const auto count = static_cast<std::int64_t>(10 + 5 * seed);
    const Tensor normal = randn({count}, generator);
    const Tensor values = seed % 3 == 0 ? exp(normal) : seed % 3 == 1 ? square(normal) : pareto(count, 2.2, seed);
    const auto expected = by_definition(values), found = fit_power_law(values, {.resamples = 0});
    EXPECT_NEAR(found.distance, expected.distance, 1e-12) << seed;
    EXPECT_NEAR(found.alpha, expected.alpha, 1e-9 * expected.alpha) << seed;
    EXPECT_EQ(found.xmin, expected.xmin) << seed;
    EXPECT_EQ(found.tail, expected.tail) << seed;
  }
}

TEST(PowerLaw, OfOneIsPlausibleAndItsExponentInTheInterval) {
  const auto law = fit_power_law(pareto(2000, 2.5));
  EXPECT_TRUE(law.plausible);
  EXPECT_GT(law.p_value, 0.1);
  EXPECT_LT(law.alpha_low, law.alpha);
  EXPECT_GT(law.alpha_high, law.alpha);
  EXPECT_LE(law.alpha_low, 2.5);
  EXPECT_GE(law.alpha_high, 2.5);
  EXPECT_LT(law.alpha_high - law.alpha_low, 0.5);
}

TEST(PowerLaw, WhatIsNoneIsNotPlausible) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    Generator generator(seed);
    EXPECT_FALSE(fit_power_law(1.0 + rand({800}, generator)).plausible) << seed;
    EXPECT_FALSE(fit_power_law(square(svdvals(randn({150, 120}, generator)))).plausible) << seed;
  }
  // The distance of a law with a kink in the middle tells at any size.
  const auto kinked = cat({pareto(1000, 1.5), 1e3 * pareto(20, 1.5)}, 0);
  const auto cut = fit_power_law(minimum(kinked, full({1020}, 50.0)));
  EXPECT_LT(cut.p_value, 0.1);
}

TEST(PowerLaw, AShortTailIsNotPlausible) {
  const auto law = fit_power_law(pareto(40, 2.5));
  EXPECT_GE(law.p_value, 0.1);
  EXPECT_FALSE(law.plausible);
}

TEST(PowerLaw, DigitsDependOnTheSeedAlone) {
  const auto values = pareto(300, 3.0);
  const auto first = fit_power_law(values, {.seed = 5}), again = fit_power_law(values.flip(0), {.seed = 5});
  const auto other = fit_power_law(values, {.seed = 6});
  EXPECT_EQ(first.alpha_low, again.alpha_low);
  EXPECT_EQ(first.alpha_high, again.alpha_high);
  EXPECT_EQ(first.p_value, again.p_value);
  EXPECT_EQ(first.alpha, other.alpha);
  EXPECT_NE(first.alpha_low, other.alpha_low);
}

TEST(PowerLaw, AScaleMovesXminAlone) {
  const auto values = pareto(200, 2.0);
  const auto law = fit_power_law(values), scaled = fit_power_law(values * 1e-250);
  EXPECT_NEAR(scaled.alpha, law.alpha, 1e-11);
  EXPECT_NEAR(scaled.distance, law.distance, 1e-11);
  EXPECT_NEAR(scaled.xmin, law.xmin * 1e-250, 1e-262);
  EXPECT_EQ(scaled.tail, law.tail);
}

TEST(PowerLaw, ZerosAndNegativeValuesHaveNoPart) {
  const auto values = pareto(50, 2.0);
  const auto law = fit_power_law(values, {.resamples = 0});
  const auto more = fit_power_law(cat({values, tensor({0.0, -3.0, 0.0})}, 0), {.resamples = 0});
  EXPECT_EQ(more.alpha, law.alpha);
  EXPECT_EQ(more.tail, law.tail);
}

TEST(PowerLaw, WithoutAFitIsNaN) {
  for (const auto& values : {pareto(9, 2.0), ones({100}), zeros({20}), Tensor(zeros({0})), full({30}, 0.1)}) {
    const auto law = fit_power_law(values);
    EXPECT_TRUE(std::isnan(law.alpha) && std::isnan(law.xmin) && std::isnan(law.distance)) << values.shape();
    EXPECT_TRUE(std::isnan(law.alpha_low) && std::isnan(law.p_value));
    EXPECT_EQ(law.tail, 0);
    EXPECT_FALSE(law.plausible);
  }
}

TEST(PowerLaw, WithoutResamplesHasNoVerdict) {
  const auto law = fit_power_law(pareto(100, 2.0), {.resamples = 0});
  EXPECT_FALSE(std::isnan(law.alpha));
  EXPECT_TRUE(std::isnan(law.p_value) && std::isnan(law.alpha_low));
  EXPECT_FALSE(law.plausible);
}

TEST(PowerLaw, RefusesWhatIsNotFinite) {
  const auto bad = tensor({1.0, std::nan(""), 2.0, std::numeric_limits<double>::infinity()});
  EXPECT_EQ(error_of([&] { fit_power_law(bad); }), "fit_power_law: 2 of 4 values are not finite");
  EXPECT_EQ(error_of([] { fit_power_law(ones({12}), {.resamples = -1}); }),
            "fit_power_law: resamples must be >= 0 (got -1)");
}

}  // namespace
}  // namespace sigmagrad::linalg
