// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>

namespace sigmagrad::linalg::detail {
namespace {

using Index = std::int64_t;

template <class T>
struct Matrix {
  Index rows, cols;
  std::vector<T> data = std::vector<T>(static_cast<std::size_t>(rows * cols));

  T& operator()(Index i, Index j) { return data[static_cast<std::size_t>(i * cols + j)]; }
  T operator()(Index i, Index j) const { return data[static_cast<std::size_t>(i * cols + j)]; }
};

template <class T>
Matrix<T> operator*(const Matrix<T>& a, const Matrix<T>& b) {
  Matrix<T> c{a.rows, b.cols};
  for (Index i = 0; i < a.rows; ++i)
    for (Index k = 0; k < a.cols; ++k)
      for (Index j = 0; j < b.cols; ++j) c(i, j) += a(i, k) * b(k, j);
  return c;
}

template <class T>
Matrix<T> transposed(const Matrix<T>& a) {
  Matrix<T> t{a.cols, a.rows};
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < a.cols; ++j) t(j, i) = a(i, j);
  return t;
}

template <class T>
T distance(const Matrix<T>& a, const Matrix<T>& b) {
  T largest = 0;
  for (std::size_t i = 0; i < a.data.size(); ++i) largest = std::max(largest, std::abs(a.data[i] - b.data[i]));
  return largest;
}

template <class T>
Matrix<T> diagonal(const std::vector<T>& s) {
  const auto n = static_cast<Index>(s.size());
  Matrix<T> d{n, n};
  for (Index i = 0; i < n; ++i) d(i, i) = s[static_cast<std::size_t>(i)];
  return d;
}

template <class T>
Matrix<T> random_matrix(Index rows, Index cols, std::uint64_t seed = 1) {
  Matrix<T> a{rows, cols};
  Generator(seed).normal(std::span<T>(a.data));
  return a;
}

template <class T>
std::vector<T> values(const Matrix<T>& a) {
  std::vector<T> s(static_cast<std::size_t>(std::min(a.rows, a.cols)));
  singular_values(a.data.data(), a.rows, a.cols, s.data());
  return s;
}

template <class T>
struct Factors {
  Matrix<T> u, vt;
  std::vector<T> s;
};

template <class T>
Factors<T> factors(const Matrix<T>& a) {
  const Index k = std::min(a.rows, a.cols);
  Factors<T> f{{a.rows, k}, {k, a.cols}, std::vector<T>(static_cast<std::size_t>(k))};
  svd(a.data.data(), a.rows, a.cols, f.u.data.data(), f.s.data(), f.vt.data.data());
  return f;
}

template <class T>
void check_factors(const Matrix<T>& a, double tolerance) {
  SCOPED_TRACE(std::to_string(a.rows) + " x " + std::to_string(a.cols));
  const auto f = factors(a);
  const auto identity = diagonal(std::vector<T>(f.s.size(), T{1}));
  const double scale = std::max(1.0, static_cast<double>(f.s[0]));
  EXPECT_LE(distance(f.u * diagonal(f.s) * f.vt, a), tolerance * scale);
  EXPECT_LE(distance(transposed(f.u) * f.u, identity), tolerance);
  EXPECT_LE(distance(f.vt * transposed(f.vt), identity), tolerance);
  EXPECT_TRUE(std::is_sorted(f.s.rbegin(), f.s.rend()));
  EXPECT_GE(f.s.back(), T{0});
  EXPECT_EQ(f.s, values(a));
}

// Q1 diag(s) Q2 with orthogonal Q1 and Q2: the given spectrum up to the rounding of the entries.
Matrix<double> with_spectrum(const std::vector<double>& s, std::uint64_t seed) {
  const auto n = static_cast<Index>(s.size());
  const auto q = factors(random_matrix<double>(n, n, seed));
  return q.u * diagonal(s) * q.vt;
}

std::vector<double> graded(Index n, double smallest) {
  std::vector<double> s;
  for (Index i = 0; i < n; ++i) s.push_back(std::pow(smallest, static_cast<double>(i) / static_cast<double>(n - 1)));
  return s;
}

TEST(Lapack, FactorsOfEveryShape) {
  const std::vector<std::pair<Index, Index>> shapes{{1, 1}, {1, 5}, {5, 1},   {2, 2},    {2, 3},   {3, 7},
                                                    {7, 3}, {5, 5}, {64, 64}, {100, 11}, {11, 100}};
  for (const auto& [rows, cols] : shapes) {
    check_factors(random_matrix<double>(rows, cols), 1e-13);
    check_factors(random_matrix<float>(rows, cols), 3e-5);
  }
}

TEST(Lapack, RankDeficientMatricesAndZeros) {
  check_factors(random_matrix<double>(9, 2) * random_matrix<double>(2, 6), 1e-13);
  const auto s = values(random_matrix<double>(9, 2) * random_matrix<double>(2, 6));
  EXPECT_LT(s[2], 1e-14 * s[0]);
  for (const Index n : {1, 2, 3, 40}) {
    check_factors(Matrix<double>{n, n}, 1e-15);
    EXPECT_EQ(values(Matrix<double>{n, n}), std::vector<double>(static_cast<std::size_t>(n), 0.0));
  }
}

TEST(Lapack, GradedSpectrumToTheRoundingOfTheMatrix) {
  for (const Index n : {5, 26, 64}) {
    const auto expected = graded(n, 1e-12);
    const auto s = values(with_spectrum(expected, 3));
    for (std::size_t i = 0; i < s.size(); ++i) EXPECT_NEAR(s[i], expected[i], 4e-15) << n << ' ' << i;
  }
}

// Down to 1e-24, where the determinant is known: divide and conquer with vectors is wrong by 10^37 at n = 26.
TEST(Lapack, TinyValuesAreRelativelyAccurate) {
  for (const Index n : {26, 40}) {
    const auto d = graded(n, 1e-12);
    Matrix<double> a{n, n};
    double log_determinant = 0.0;
    for (Index i = 0; i < n; ++i) {
      a(i, i) = d[static_cast<std::size_t>(i)] * d[static_cast<std::size_t>(i)];
      if (i > 0) a(i, i - 1) = 0.5 * a(i, i);
      log_determinant += std::log(a(i, i));
    }
    for (const auto& s : {values(a), factors(a).s}) {
      double log_product = 0.0;
      for (const double value : s) log_product += std::log(value);
      EXPECT_NEAR(log_product, log_determinant, 1e-11) << n;
    }
  }
}

TEST(Lapack, TwoByTwoAgreesWithTheGeneralRoutine) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto a = random_matrix<double>(2, 2, seed);
    const Matrix<double> padded{3, 2, {a(0, 0), a(0, 1), a(1, 0), a(1, 1), 0.0, 0.0}};  // the same values, by LAPACK
    const auto s = values(a), expected = values(padded);
    EXPECT_NEAR(s[0], expected[0], 1e-15 * expected[0]) << seed;
    EXPECT_NEAR(s[1], expected[1], 2e-15 * expected[0]) << seed;
    EXPECT_EQ(s, values(transposed(a))) << seed;
  }
}

// [[1 + e, 1], [1, 1 - e]], e = 2^-27: det = -2^-54 exactly, s1 = 1 + sqrt(1 + e^2), s2 = 2^-54 / s1.
TEST(Lapack, TwoByTwoKeepsTheSmallerValue) {
  const double e = 0x1p-27;
  const auto s = values(Matrix<double>{2, 2, {1 + e, 1, 1, 1 - e}});
  EXPECT_DOUBLE_EQ(s[0], 2.0);
  EXPECT_DOUBLE_EQ(s[1], 0x1p-55);
  const auto f = values(Matrix<float>{2, 2, {1 + 0x1p-12f, 1, 1, 1 - 0x1p-12f}});
  EXPECT_FLOAT_EQ(f[1], 0x1p-25f);
}

TEST(Lapack, ClosedFormsNeitherOverflowNorUnderflow) {
  for (const double size : {1e300, 1e-300, 5e-324}) {
    const auto s = values(Matrix<double>{2, 2, {4 * size, 0, 0, -3 * size}});
    EXPECT_DOUBLE_EQ(s[0], 4 * size);
    EXPECT_DOUBLE_EQ(s[1], 3 * size);
    EXPECT_DOUBLE_EQ(values(Matrix<double>{1, 2, {3 * size, -4 * size}})[0], 5 * size);
    EXPECT_DOUBLE_EQ(values(Matrix<double>{2, 1, {3 * size, -4 * size}})[0], 5 * size);
  }
  EXPECT_FLOAT_EQ(values(Matrix<float>{1, 2, {3e38f, 0}})[0], 3e38f);
}

TEST(Lapack, EmptyMatricesAreLeftAlone) {
  double untouched = 7.0;
  singular_values<double>(nullptr, 0, 3, &untouched);
  svd<double>(nullptr, 3, 0, &untouched, &untouched, &untouched);
  EXPECT_EQ(untouched, 7.0);
}

template <class Call>
std::string message(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Lapack, RefusesNonFiniteInput) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()})
    for (const Index n : {1, 2, 5}) {
      auto a = random_matrix<double>(n, n);
      a.data.back() = bad;
      EXPECT_EQ(message([&] { values(a); }), "svdvals: input has non-finite entries");
      EXPECT_EQ(message([&] { factors(a); }), "svd: input has non-finite entries");
    }
}

TEST(Lapack, RefusesSizesBeyondItsIntegers) {
  double a = 0.0;
  const Index huge = Index{1} << 31;
  EXPECT_EQ(message([&] { singular_values(&a, 2, huge, &a); }),
            "svdvals: [2, 2147483648] is beyond LAPACK's 32-bit integers");
  EXPECT_EQ(message([&] { svd(&a, 30000, 30000, &a, &a, &a); }),
            "svd: [30000, 30000] is beyond LAPACK's 32-bit integers");
}

// Shapes alternate, so that a thread's work memory serves larger and smaller matrices in turn; threads share nothing.
TEST(Lapack, ThreadsAndShapesDoNotDisturbEachOther) {
  const std::vector<Matrix<double>> matrices{random_matrix<double>(30, 30), random_matrix<double>(3, 50),
                                             random_matrix<double>(50, 3)};
  std::vector<Factors<double>> expected;
  for (const auto& a : matrices) expected.push_back(factors(a));
  std::vector<int> failures(4);
  std::vector<std::thread> threads;
  for (int& failed : failures)
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 60; ++i) {
        const auto f = factors(matrices[i % 3]);
        const auto& e = expected[i % 3];
        failed += f.s != e.s || f.u.data != e.u.data || f.vt.data != e.vt.data;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace sigmagrad::linalg::detail
