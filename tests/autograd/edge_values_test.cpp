// SPDX-License-Identifier: BSD-3-Clause
// Values, gradients and second derivatives at kinks, ties, zeros and infinities, in both dtypes, eager and captured.
#include <cmath>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/jets.hpp>

namespace sigmagrad {
namespace {

using testing::entries_near;
using testing::expect_jet;
using testing::Values;

using X = const Tensor&;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// 0 in the dtype of x, which constants must have.
Tensor zero(X x) { return zeros({}, x.dtype()); }

TEST(EdgeValues, WhatMaximumLeavesOutHasGradientZero) {
  expect_jet([](X x) { return sqrt(maximum(x, 0.0)).sum(); }, {-1}, {0, {0}, {0}});
  expect_jet([](X x) { return sqrt(maximum(zero(x), x)).sum(); }, {-1}, {0, {0}, {0}});
  expect_jet([](X x) { return sqrt(-minimum(x, 0.0)).sum(); }, {1}, {-0.0, {0}, {0}});
  expect_jet([](X x) { return log(relu(x)).sum(); }, {-1}, {-infinity, {0}, {0}});
  expect_jet([](X x) { return sqrt(clamp(x, 0, 1)).sum(); }, {-1}, {0, {0}, {0}});
  expect_jet([](X x) { return log(leaky_relu(x, 0.0)).sum(); }, {-infinity}, {-infinity, {0}, {0}});
  expect_jet([](X x) { return sqrt(where(x > 0.0, x, 0.0)).sum(); }, {-1}, {0, {0}, {0}});
}

TEST(EdgeValues, TheSmallerOnesOfARowHaveGradientZero) {
  expect_jet([](X x) { return 1.0 / (max(x) - x.select(0, 1)); }, {2, 1}, {1, {-1, 1}, {2, -2}});
  expect_jet([](X x) { return sqrt(max(x)); }, {0, -1}, {0, {infinity, 0}, {-infinity, 0}});
  expect_jet([](X x) { return sqrt(min(x)); }, {0, 1}, {0, {infinity, 0}, {-infinity, 0}});
}

TEST(EdgeValues, MaximumOfNanGivesItTheGradient) {
  expect_jet([](X x) { return maximum(x, 3.0).sum(); }, {not_a_number, 5}, {not_a_number, {1, 1}, {0, 0}});
  expect_jet([](X x) { return minimum(x, not_a_number).sum(); }, {2, 5}, {not_a_number, {0, 0}, {0, 0}});
}

TEST(EdgeValues, AbsAtZeroStopsAnInfiniteGradient) {
  expect_jet([](X x) { return sqrt(abs(x)).sum(); }, {0, 4}, {2, {0, 0.25}, {0, 0}});
}

TEST(EdgeValues, SlopesOfSaturatedFunctionsKeepTheirDigits) {
  expect_jet([](X x) { return tanh(x).sum(); }, {20}, {1, {1.6993417021166355e-17}, {-3.398683404233271e-17}});
  expect_jet([](X x) { return sigmoid(x).sum(); }, {40}, {1, {4.248354255291589e-18}, {-4.248354255291589e-18}});
  expect_jet([](X x) { return sigmoid(x).sum(); }, {infinity}, {1, {0}, {0}});
  // On both sides of the point from which slopes are computed from x in place of the value.
  const double most = 48.0;  // roundings: five bits
  expect_jet([](X x) { return tanh(x).sum(); }, {2.25},
             {0.9780261147388136, {0.04346491888890094}, {-0.0850196514966989}}, most);
  expect_jet([](X x) { return tanh(x).sum(); }, {2.5},
             {0.9866142981514303, {0.02659222668316062}, {-0.0524725421305805}});
  expect_jet([](X x) { return sigmoid(x).sum(); }, {3.25},
             {0.9626731126558705, {0.03593359082532813}, {-0.033251012632113996}}, most);
  expect_jet([](X x) { return sigmoid(x).sum(); }, {3.5},
             {0.9706877692486436, {0.02845302387973556}, {-0.02678498067666224}});
}

TEST(EdgeValues, WhereChoosesTheInputFirst) {
  expect_jet([](X x) { return where(x > 0.0, sqrt(x), x).sum(); }, {-1}, {-1, {not_a_number}, {not_a_number}});
  expect_jet([](X x) { return where(x > 0.0, sqrt(where(x > 0.0, x, 1.0)), x).sum(); }, {-1}, {-1, {1}, {0}});
}

TEST(EdgeValues, PowersOfZero) {
  for (const double p : {0.0, 1.0, 2.0, 3.0}) {
    const double gradient = p == 1.0, second = p == 2.0 ? 2.0 : 0.0;
    expect_jet([=](X x) { return pow(x, p).sum(); }, {0}, {p == 0.0 ? 1.0 : 0.0, {gradient}, {second}});
    expect_jet([=](X x) { return pow(x, full({1}, p, x.dtype())).sum(); }, {0},
               {p == 0.0 ? 1.0 : 0.0, {gradient}, {second}});
  }
  expect_jet([](X x) { return pow(x, 0.5).sum(); }, {0}, {0, {infinity}, {-infinity}});
  expect_jet([](X x) { return pow(x, -1.0).sum(); }, {0}, {infinity, {-infinity}, {infinity}});
}

TEST(EdgeValues, PowersOfZeroInTheExponent) {
  const auto of_zero = [](X p) { return pow(zero(p), p).sum(); };
  expect_jet(of_zero, {2}, {0, {0}, {0}});
  expect_jet(of_zero, {0}, {1, {0}, {0}});
  expect_jet(of_zero, {-1}, {infinity, {0}, {0}});
}

TEST(EdgeValues, PowersOfNegativeNumbers) {
  expect_jet([](X x) { return pow(x, 3.0).sum(); }, {-2}, {-8, {12}, {-12}});
  expect_jet([](X x) { return pow(x, full({1}, 3.0, x.dtype())).sum(); }, {-2}, {-8, {12}, {-12}});
  expect_jet([](X x) { return pow(x, -1.0).sum(); }, {-2}, {-0.5, {-0.25}, {-0.25}});
  expect_jet([](X x) { return pow(x, 0.5).sum(); }, {-2}, {not_a_number, {not_a_number}, {not_a_number}});
  expect_jet([](X p) { return pow(full({}, -2.0, p.dtype()), p).sum(); }, {2}, {4, {not_a_number}, {not_a_number}});
}

TEST(EdgeValues, PowersAtInfinity) {
  expect_jet([](X x) { return pow(x, 2.0).sum(); }, {infinity}, {infinity, {infinity}, {2}});
  expect_jet([](X x) { return pow(x, 1.0).sum(); }, {infinity}, {infinity, {1}, {0}});
  expect_jet([](X x) { return pow(x, -1.0).sum(); }, {infinity}, {0, {0}, {0}});
  expect_jet([](X p) { return pow(full({}, infinity, p.dtype()), p).sum(); }, {-1}, {0, {0}, {0}});
  expect_jet([](X x) { return pow(x, infinity).sum(); }, {0.5}, {0, {0}, {0}});
  expect_jet([](X x) { return pow(x, full({1}, infinity, x.dtype())).sum(); }, {0.5}, {0, {0}, {0}});
}

TEST(EdgeValues, PowersInBothOperands) {
  const auto power = [](X x) { return pow(x.select(0, 0), x.select(0, 1)); };
  // d/dx x^p = p x^(p - 1), whose derivative in p is x^(p - 1) (1 + p log x)
  expect_jet(power, {2, 0}, {1, {0, std::log(2.0)}, {0, 0.5}});
  expect_jet(power, {2, 3}, {8, {12, 8 * std::log(2.0)}, {12, 4 * (1 + 3 * std::log(2.0))}});
  expect_jet(power, {0, 2}, {0, {0, 0}, {2, 0}});
}

TEST(Softmax, LargeLogitsDoNotCancel) {
  const double half = std::log(2.0);
  for (const double large : {1e8, 1e30, -1e30}) {
    expect_jet([](X x) { return log_softmax(x, 0).select(0, 0); }, {large, large}, {-half, {0.5, -0.5}, {-0.25, 0.25}});
    expect_jet([](X x) { return softmax(x, 0).select(0, 0); }, {large, large}, {0.5, {0.25, -0.25}, {0, 0}});
  }
  const double p = 0.7310585786300049, q = 0.2689414213699951;
  expect_jet([](X x) { return softmax(x, 0).select(0, 0); }, {10000, 10001},
             {q, {p * q, -p * q}, {p * q * (p - q), -p * q * (p - q)}});
  expect_jet([](X x) { return log_softmax(x, 0).select(0, 0); }, {10000, 10001},
             {-1.3132616875182228, {p, -p}, {-p * q, p * q}});
  EXPECT_EQ(softmax(tensor({10000, 10001}, {2}, f32), 0).sum().item(), 1.0);
}

TEST(Softmax, TheLeadingClassKeepsWhatTheOthersLeave) {
  const double q = 4.248354255291589e-18;
  expect_jet([](X x) { return log_softmax(x, 0).select(0, 0); }, {40, 0}, {-q, {q, -q}, {-q, q}});
  expect_jet([](X x) { return log_softmax(x, 0).select(0, 1); }, {0, 40}, {-q, {-q, q}, {-q, q}});
  expect_jet([](X x) { return log_softmax(x, 0).select(0, 1); }, {40, 0}, {-40, {-1, 1}, {-q, q}});
  expect_jet([](X x) { return softmax(x, 0).select(0, 0); }, {40, 0}, {1, {q, -q}, {-q, q}});
  expect_jet([](X x) { return logsumexp(x); }, {40, 0}, {40, {1, q}, {q, -q}});
  const auto leading_row = [](X x) { return log_softmax(x.reshape({2, 1}), 0).select(0, 0).sum(); };
  expect_jet(leading_row, {40, 0}, {-q, {q, -q}, {-q, q}});
}

TEST(Softmax, OfInfiniteEntries) {
  const auto first = [](X x) { return softmax(x, 0).select(0, 0); };
  const auto first_log = [](X x) { return log_softmax(x, 0).select(0, 0); };
  expect_jet([](X x) { return logsumexp(x); }, {-infinity, -infinity}, {-infinity, {0, 0}, {0, 0}});
  expect_jet([](X x) { return logsumexp(x); }, {1, infinity}, {infinity, {0, 1}, {0, 0}});
  expect_jet([](X x) { return logsumexp(x); }, {1, -infinity}, {1, {1, 0}, {0, 0}});
  expect_jet([](X x) { return logsumexp(x); }, {infinity, infinity}, {infinity, {0.5, 0.5}, {0.25, -0.25}});
  expect_jet([](X x) { return logsumexp(x); }, {1, not_a_number},
             {not_a_number, {not_a_number, not_a_number}, {not_a_number, not_a_number}});
  expect_jet(first, {-infinity, -infinity}, {0, {0, 0}, {0, 0}});
  expect_jet(first, {-infinity, 1}, {0, {0, 0}, {0, 0}});
  expect_jet(first, {infinity, 1}, {1, {0, 0}, {0, 0}});
  expect_jet(first_log, {-infinity, -infinity}, {-infinity, {1, 0}, {0, 0}});
  expect_jet(first_log, {-infinity, 1}, {-infinity, {1, -1}, {0, 0}});
  expect_jet(first_log, {1, -infinity}, {0, {0, 0}, {0, 0}});
  expect_jet(first_log, {infinity, 1}, {0, {0, 0}, {0, 0}});
}

TEST(Softmax, EqualLinesHaveEqualBitsAlongEveryAxis) {
  Generator generator(3);
  const Tensor x = 5.0 * randn({3, 700}, generator), columns = x.t().clone();
  EXPECT_TRUE(testing::same(softmax(columns, 0).t(), softmax(x, 1)));
  EXPECT_TRUE(testing::same(log_softmax(columns, 0).t(), log_softmax(x, 1)));
  EXPECT_TRUE(testing::same(logsumexp(columns, 0), logsumexp(x, 1)));
  EXPECT_TRUE(testing::same(logsumexp(x, 1).select(0, 2), logsumexp(x.select(0, 2))));
}

TEST(WholeNumbers, ArangeEndsBelowTheStop) {
  const auto count = [](double start, double stop, double step, Dtype dtype = f64) {
    return arange(start, stop, step, dtype).numel();
  };
  for (const Dtype dtype : {f64, f32}) {
    EXPECT_EQ(count(1, 1.6, 0.1, dtype), 6);
    EXPECT_EQ(count(1.6, 1, -0.1, dtype), 6);
    EXPECT_EQ(count(0, 0.3, 0.1, dtype), 3);
    EXPECT_EQ(count(-1, -0.1, 0.3, dtype), 3);
    EXPECT_EQ(count(0, 1, 1.0 / 3.0, dtype), 3);
    EXPECT_EQ(count(0, 1, 1.0 / 49.0, dtype), 49);
    EXPECT_EQ(count(0, 7, 2, dtype), 4);
    EXPECT_EQ(count(0, 6.5, 2, dtype), 4);
    EXPECT_EQ(count(5, -1, -2, dtype), 3);
    EXPECT_EQ(count(0, 0.31, 0.1, dtype), 4);
  }
  for (int steps = 1; steps <= 300; ++steps)
    for (const double step : {0.1, 0.01, 0.3, 1.0 / 7.0, 1e-9}) {
      EXPECT_EQ(count(0, steps * step, step), steps) << step;
      EXPECT_EQ(count(1, 1 + steps * step, step), steps) << step;
    }
  EXPECT_EQ(count(0, 1, 1 - 1e-9, f32), 1);  // the next entry is 1 in f32
  EXPECT_EQ(count(1e15, 1e15 + 1.25, 1), 2);
}

TEST(WholeNumbers, BeyondTheDtypeAreErrors) {
  const std::string f32_range = "f32 holds every whole number up to 2^24 only, f64 up to 2^53";
  const std::string f64_range = "f64 holds every whole number up to 2^53 only";
  using testing::error_of;
  EXPECT_EQ(error_of([] { randint(33554431, 33554432, {1}, f32); }),
            "randint: numbers from 33554431 to 33554431 would be rounded: " + f32_range);
  EXPECT_NE(error_of([] { randint(-16777217, 0, {1}, f32); }), "no error");
  EXPECT_EQ(randint(16777216, 16777217, {1}, f32).item(), 16777216.0);
  EXPECT_EQ(randint(33554431, 33554432, {1}).item(), 33554431.0);
  constexpr std::int64_t large = std::int64_t{1} << 53;
  EXPECT_EQ(error_of([] { randint(large + 1, large + 2, {1}); }),
            "randint: numbers from 9007199254740993 to 9007199254740993 would be rounded: " + f64_range);
  EXPECT_EQ(error_of([] { randperm(16777218, f32); }),
            "randperm: numbers from 0 to 16777217 would be rounded: " + f32_range);
  EXPECT_EQ(error_of([] { arange(16777215, 16777219, 1, f32); }), "arange: 16777217 would be rounded: " + f32_range);
  EXPECT_EQ(error_of([] { arange(0x1p53, 0x1p53 + 4, 1); }), "arange: 9007199254740992 would be rounded: " + f64_range);
  EXPECT_EQ(arange(16777215, 16777217, 1, f32).numel(), 2);
  EXPECT_EQ(arange(0, 0x1p60, 0x1p58).numel(), 4);
  EXPECT_EQ(arange(0, 1e8, 1e6, f32).select(0, 99).item(), 9.9e7);
}

TEST(WholeNumbers, ARefusalDrawsNothing) {
  Generator generator(3), other(3);
  testing::error_of([&] { randint(0, 1 << 25, {2}, generator, f32); });
  testing::error_of([&] { randperm(1 << 25, generator, f32); });
  EXPECT_EQ(generator.state(), other.state());
}

}  // namespace
}  // namespace sigmagrad
