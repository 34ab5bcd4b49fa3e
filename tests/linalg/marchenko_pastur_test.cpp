// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/marchenko_pastur.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::error_of;

// The integral of s^power times the density, up to `end`, with s = middle - half cos(t), which has no kink at the
// ends.
double moment(double sigma, std::int64_t m, std::int64_t n, int power,
              double end = std::numeric_limits<double>::infinity()) {
  const double high = marchenko_pastur_edge(sigma, m, n);
  const double low = sigma * std::abs(std::sqrt(static_cast<double>(m)) - std::sqrt(static_cast<double>(n)));
  constexpr int steps = 20000;
  double total = 0.0;
  for (int i = 0; i < steps; ++i) {
    const double t = std::numbers::pi * (i + 0.5) / steps;
    const double s = 0.5 * (low + high) - 0.5 * (high - low) * std::cos(t);
    if (s > end) break;
    total += std::pow(s, power) * marchenko_pastur_density(s, sigma, m, n) * 0.5 * (high - low) * std::sin(t) *
             std::numbers::pi / steps;
  }
  return total;
}

TEST(MarchenkoPastur, TheDensityIntegratesToOneAndToTheMeanSquare) {
  for (const auto& [m, n] : {std::pair{384, 384}, {1536, 384}, {384, 1536}, {1, 7}, {30522, 384}})
    for (const double sigma : {1.0, 0.03}) {
      EXPECT_NEAR(moment(sigma, m, n, 0), 1.0, 1e-7) << m << " " << n;
      EXPECT_NEAR(moment(sigma, m, n, 2), sigma * sigma * std::max(m, n), 1e-7 * sigma * sigma * std::max(m, n));
    }
}

TEST(MarchenkoPastur, IsZeroOutsideItsEdges) {
  EXPECT_EQ(marchenko_pastur_density(3.9, 1.0, 25, 1), 0.0);
  EXPECT_EQ(marchenko_pastur_density(6.1, 1.0, 25, 1), 0.0);
  EXPECT_GT(marchenko_pastur_density(5.0, 1.0, 25, 1), 0.0);
  EXPECT_EQ(marchenko_pastur_density(-1.0, 1.0, 9, 9), 0.0);
  EXPECT_EQ(marchenko_pastur_density(std::nan(""), 1.0, 9, 9), 0.0);
  // A square matrix has a quarter circle: sqrt(4 n - s^2) / (pi n).
  EXPECT_NEAR(marchenko_pastur_density(0.0, 1.0, 9, 9), 6.0 / (9.0 * std::numbers::pi), 1e-15);
  EXPECT_EQ(marchenko_pastur_edge(2.0, 9, 16), 14.0);
  EXPECT_EQ(marchenko_pastur_edge(0.0, 9, 16), 0.0);
}

TEST(MarchenkoPastur, IsTheSpectrumOfARandomMatrix) {
  Generator generator(2);
  const auto s = svdvals(0.5 * randn({300, 120}, generator)).to_vector();
  for (const double end : {4.0, 6.0, 8.0, 10.0, 12.0}) {
    const auto below = std::count_if(s.begin(), s.end(), [&](double x) { return x <= end; });
    EXPECT_NEAR(static_cast<double>(below) / 120.0, moment(0.5, 300, 120, 0, end), 0.02) << end;
  }
  EXPECT_NEAR(s[0] / marchenko_pastur_edge(0.5, 300, 120), 1.0, 0.03);
}

TEST(MarchenkoPastur, RefusesWhatIsNoScale) {
  EXPECT_EQ(error_of([] { marchenko_pastur_edge(-1.0, 2, 2); }),
            "marchenko_pastur_edge: sigma is out of range (got -1)");
  EXPECT_EQ(error_of([] { marchenko_pastur_density(1.0, 0.0, 2, 2); }),
            "marchenko_pastur_density: sigma is out of range (got 0)");
  EXPECT_EQ(error_of([] { marchenko_pastur_edge(1.0, 0, 2); }),
            "marchenko_pastur_edge: needs a matrix with entries, got [0, 2]");
}

}  // namespace
}  // namespace sigmagrad::linalg
