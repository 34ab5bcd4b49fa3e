// SPDX-License-Identifier: BSD-3-Clause
#include <limits>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/components.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;

const Tensor w = tensor({2, -1, 0.5, 0, 3, 1, 1, 1, -2, 0.5, 0, 4}, {4, 3});
const Tensor target = tensor({1.5, -1, 0, 0.25, 2.5, 1, 1, 0.5, -2, 0, 0, 3}, {4, 3});

void expect_near(const std::vector<double>& actual, const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 1e-13) << i;
}

// The numbers below are NumPy's, from the definitions.
TEST(Components, OfATallMatrix) {
  const auto c = components(w);
  expect_near(c.row_norms, {2.29128784747792, 3.1622776601683795, 2.449489742783178, 4.031128874149275});
  expect_near(c.col_norms, {2.29128784747792, 3.3166247903554, 4.6097722286464435});
  expect_near(c.singular_values, {4.618533574583631, 3.3404465803322694, 2.2384289723800026});
  EXPECT_NEAR(c.cond, 2.0632924391908043, 1e-13);
  EXPECT_EQ(c.rank, 3.0);
  EXPECT_NEAR(c.spectral_gap, 0.276730042898716, 1e-13);
  EXPECT_NEAR(c.frobenius_norm, 6.123724356957945, 1e-13);
}

TEST(Components, RelativeErrors) {
  const auto e = relative_errors(w, target);
  EXPECT_NEAR(e.row_norm, 0.24886785643577208, 1e-13);
  EXPECT_NEAR(e.col_norm, 0.22975686154087757, 1e-13);
  EXPECT_NEAR(e.singular_value, 0.23069381083705914, 1e-13);
  EXPECT_NEAR(e.cond, 0.06061257116681791, 1e-13);
  EXPECT_EQ(e.rank, 0.0);
  EXPECT_NEAR(e.gap, 0.07602502452839124, 1e-13);
  EXPECT_NEAR(e.fro, 0.22936366164904065, 1e-13);
  EXPECT_NEAR(e.overall, 0.30528510026420375, 1e-13);
}

TEST(Components, TheGuardsBoundTheErrorsOfASingularTarget) {
  const auto e = relative_errors(tensor({1, 2, 2, 4.001}, {2, 2}), tensor({1, 2, 2, 4}, {2, 2}));
  EXPECT_NEAR(e.row_norm, 0.00017888990943821503, 1e-13);
  EXPECT_NEAR(e.singular_value, 0.0001649288813292293, 1e-13);
  EXPECT_NEAR(e.cond, 0.9999994998397104, 1e-11);
  EXPECT_EQ(e.rank, 0.0);
  EXPECT_NEAR(e.gap, 3.998720255251455e-05, 1e-13);
  EXPECT_NEAR(e.overall, 0.0002000000000000668, 1e-13);
}

TEST(Components, OfAMatrixInSinglePrecisionAndOfOneRow) {
  EXPECT_NEAR(components(w.to(f32)).cond, components(w).cond, 1e-6);
  const auto row = components(tensor({3, 4}, {1, 2}));
  EXPECT_EQ(row.spectral_gap, 0.0);
  EXPECT_EQ(row.rank, 1.0);
  EXPECT_DOUBLE_EQ(row.frobenius_norm, 5.0);
}

TEST(Components, Errors) {
  const auto nan = full({4, 3}, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(error_of([] { components(ones({2, 3, 3})); }), "components: needs one matrix, got [2, 3, 3]");
  EXPECT_EQ(error_of([] { components(ones({0, 3})); }), "components: needs one matrix, got [0, 3]");
  EXPECT_EQ(error_of([&] { components(nan); }), "components: input has non-finite entries");
  EXPECT_EQ(error_of([&] { relative_errors(w, nan); }), "relative_errors: input has non-finite entries");
  EXPECT_EQ(error_of([] { relative_errors(w, ones({3, 4})); }), "relative_errors: shapes differ: [4, 3] and [3, 4]");
}

}  // namespace
}  // namespace sigmagrad
