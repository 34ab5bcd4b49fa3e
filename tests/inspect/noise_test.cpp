// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/inspect/figures.hpp>
#include <sigmagrad/inspect/noise.hpp>
#include <sigmagrad/inspect/sums.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::inspection {
namespace {

TEST(Noise, ItsValuesAreThoseOfAGaussianMatrix) {
  Generator generator(1);
  for (const auto& shape : {Shape({300, 120}), Shape({150, 150}), Shape({90, 260})}) {
    const auto matrix = inspect(0.3 * randn(shape, generator));
    const Noise noise(matrix);
    ASSERT_TRUE(noise.exists());
    const auto expected = noise.values(matrix.singular_values.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(matrix.singular_values[i], expected[i], 0.03 * matrix.s1) << i;
    const auto [x, y] = noise.density_of_squares(0.0);
    double all = 0.0;
    for (std::size_t i = 1; i < x.size(); ++i) all += (x[i] - x[i - 1]) * (y[i] + y[i - 1]) / 2;
    EXPECT_NEAR(all, 1.0, 0.05);
  }
  EXPECT_FALSE(Noise(inspect(zeros({3, 4}))).exists());
}

TEST(SpectrumFigure, HasNoiseAndTheLawBesideTheValues) {
  Generator generator(2);
  TensorRow row{.name = "w", .shape = {60, 40}, .dtype = "F64"};
  row.summary = inspect(randn({60, 40}, generator), {.fit = true});
  const auto figure = spectrum_figure(row, "a");
  ASSERT_TRUE(figure);
  ASSERT_EQ(figure->panels.size(), 2U);
  EXPECT_EQ(figure->panels[0].series.size(), 2U);
  EXPECT_EQ(figure->panels[0].series[0].y, row.summary->singular_values);
  EXPECT_EQ(figure->panels[1].series.size(), 3U);
  double all = 0.0;  // of the histogram: 8 bins a decade about their marks
  const auto& density = figure->panels[1].series[0];
  for (std::size_t i = 0; i < density.x.size(); ++i)
    all += density.y[i] * density.x[i] * (std::pow(10, 1 / 16.0) - std::pow(10, -1 / 16.0));
  EXPECT_NEAR(all, 1.0, 1e-12);
  row.summary = inspect(ones({60, 2}));
  EXPECT_FALSE(spectrum_figure(row, "a"));
}

TEST(SpectrumFigure, LeavesOutSquaresThatNoNumberHolds) {
  Generator generator(3);
  const auto w = randn({60, 40}, generator);
  TensorRow row{.name = "w", .shape = {60, 40}, .dtype = "F64"};
  for (const double scale : {1e-300, 1e-170, 1e-155, 1e-60, 1e60, 1e100, 1e200, 1e300}) {
    row.summary = inspect(scale * w, {.fit = true});
    const auto figure = spectrum_figure(row, "a");
    ASSERT_TRUE(figure) << scale;
    ASSERT_EQ(figure->panels.size(), scale == 1e-60 || scale == 1e60 ? 2U : 1U) << scale;
    for (const auto& panel : figure->panels)
      for (const auto& series : panel.series)
        for (std::size_t i = 0; i < series.x.size(); ++i)
          EXPECT_TRUE(std::isfinite(series.x[i]) && series.x[i] > 0 && std::isfinite(series.y[i])) << scale;
  }
  row.summary = inspect(diag(tensor({3.0, 2.0, 1.0, 0.5, 1e-170})));  // one square of five
  const auto figure = spectrum_figure(row, "a");
  ASSERT_EQ(figure->panels.size(), 2U);
  EXPECT_EQ(figure->panels[1].series[0].x.size(), 4U);
}

TEST(Sums, LeaveOutTheStateOfAnOptimiser) {
  const auto row = [](const char* name, double value) {
    return TensorRow{.name = name, .shape = {2, 2}, .dtype = "F32", .summary = inspect(value * eye(2))};
  };
  const auto sums =
      sums_of({row("model.weight", 3.0), row("optimal.weight", 1.0), row("optimizer.state.0.exp_avg", 1e-3)});
  EXPECT_EQ(sums.optimizer_tensors, 1);
  EXPECT_EQ(sums.matrices, 2);
  EXPECT_EQ(sums.parameters, 8);
  EXPECT_NEAR(sums.log10_product, std::log10(3.0), 1e-12);
  EXPECT_EQ(sentences(sums)[1], "1 of an optimiser's state, in none of these sums");
}

TEST(Sums, AProductBeyondAllNumbersIsWritten) {
  EXPECT_EQ(power_of_ten(400.4), "2.51e+400");
  EXPECT_EQ(power_of_ten(-400.4), "3.98e-401");
  EXPECT_EQ(power_of_ten(2.0), "100");
  EXPECT_EQ(power_of_ten(26.99999999), "1.00e+27");
  EXPECT_EQ(power_of_ten(-std::numeric_limits<double>::infinity()), "0");
  std::vector<TensorRow> rows;
  for (int i = 0; i < 300; ++i) {
    rows.push_back({.name = std::to_string(i), .shape = {2, 2}, .dtype = "F64"});
    rows.back().summary = inspect(tensor({1e5, 0, 0, 1e5 / (1.0 + i)}, {2, 2}));
  }
  rows.push_back({.name = "ids", .shape = {7}, .dtype = "I64", .note = "integers"});
  const auto sums = sums_of(rows);
  EXPECT_NEAR(sums.log10_product, 1500.0, 1e-9);
  EXPECT_EQ(sums.parameters, 1200);
  EXPECT_EQ(sums.tensors, 301);
  ASSERT_EQ(sums.worst_conditioned.size(), 3U);
  EXPECT_EQ(sums.worst_conditioned[0].name, "299");
  EXPECT_EQ(sums.lowest_rank[0].name, "299");
}

}  // namespace
}  // namespace sigmagrad::inspection
