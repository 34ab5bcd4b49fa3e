// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/linalg/detail/expm.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::linalg::detail {
namespace {

using Index = std::int64_t;
using Numbers = std::vector<double>;
using testing::error_of;

Numbers zeros(Index count) { return Numbers(static_cast<std::size_t>(count)); }

Numbers random(Index count, std::uint64_t seed = 1) {
  auto x = zeros(count);
  Generator(seed).normal(std::span<double>(x));
  return x;
}

// Entry i, j of the product of n x n matrices.
double entry(const Numbers& a, const Numbers& b, Index n, Index i, Index j) {
  double sum = 0.0;
  for (Index k = 0; k < n; ++k) sum += a[static_cast<std::size_t>(i * n + k)] * b[static_cast<std::size_t>(k * n + j)];
  return sum;
}

// Row i of the matrix is row (i + 1) mod n of the identity.
Numbers cycle(Index n) {
  auto a = zeros(n * n);
  for (Index i = 0; i < n; ++i) a[static_cast<std::size_t>(i * n + (i + 1) % n)] = 1.0;
  return a;
}

const std::vector<Numbers> special{{1, 0, 0, 1},  {0, 1, 1, 0},         {0, -3, 3, 0},        {2, 0, 0, -2},
                                   {0, 0, 0, 5},  {0, 7, 0, 0},         {1, 2, 2, 4},         {-1, 2, 3, -6},
                                   {1, 1, -1, 1}, {1e300, 0, 0, 1e300}, {1, 1e-300, 0, 1e-9}, {5e-324, 0, 0, 0}};

TEST(TwoByTwo, SingularVectors) {
  auto matrices = special;
  for (std::uint64_t seed = 0; seed < 200; ++seed) matrices.push_back(random(4, seed));
  for (const auto& a : matrices) {
    Numbers u = zeros(4), s = zeros(2), vt = zeros(4);
    svd(a.data(), 2, 2, u.data(), s.data(), vt.data());
    for (Index i = 0; i < 2; ++i)
      for (Index j = 0; j < 2; ++j) {
        const auto at = static_cast<std::size_t>(2 * i + j);
        const auto left = static_cast<std::size_t>(2 * i), right = static_cast<std::size_t>(j);
        EXPECT_NEAR((u[left] * vt[right] + u[left + 1] * (s[1] / s[0]) * vt[2 + right]) - a[at] / s[0], 0.0, 1e-15)
            << a[0] << ' ' << a[1] << ' ' << a[2] << ' ' << a[3];
        EXPECT_NEAR(u[right] * u[left / 2] + u[2 + right] * u[2 + left / 2], i == j, 1e-15);
        EXPECT_NEAR(vt[left] * vt[2 * right] + vt[left + 1] * vt[2 * right + 1], i == j, 1e-15);
      }
  }
}

TEST(TwoByTwo, Eigenvectors) {
  auto matrices = special;
  for (std::uint64_t seed = 0; seed < 200; ++seed) matrices.push_back(random(4, seed));
  for (auto a : matrices) {
    a[2] = a[1];
    Numbers l = zeros(2), v = zeros(4);
    eigh(a.data(), 2, l.data(), v.data());
    EXPECT_LE(l[0], l[1]);
    const double size = std::max({std::abs(l[0]), std::abs(l[1]), 5e-324});
    for (std::size_t i = 0; i < 2; ++i)
      for (std::size_t k = 0; k < 2; ++k)
        EXPECT_NEAR((a[2 * i] / size * v[k] + a[2 * i + 1] / size * v[2 + k]) - l[k] / size * v[2 * i + k], 0.0, 1e-15)
            << a[0] << ' ' << a[1] << ' ' << a[3];
    EXPECT_NEAR(v[0] * v[1] + v[2] * v[3], 0.0, 1e-15);
  }
}

// [[1 + e, 1], [1, 1 - e]], e = 2^-27: det = -2^-54 exactly.
TEST(TwoByTwo, TheSmallerEigenvalueIsRelativelyAccurate) {
  const double e = 0x1p-27;
  const Numbers a{1 + e, 1, 1, 1 - e};
  Numbers l = zeros(2), v = zeros(4);
  eigh(a.data(), 2, l.data(), v.data());
  EXPECT_DOUBLE_EQ(l[0], -0x1p-55);
  EXPECT_DOUBLE_EQ(l[1], 2.0);
}

// Both the loops for small matrices and LAPACK's routines, with pivots that must be exchanged at every step.
TEST(LU, ExchangesPivots) {
  for (const Index n : {2, 3, 8, 9, 12}) {
    const auto a = cycle(n), b = random(2 * n);
    auto x = zeros(2 * n);
    ASSERT_TRUE(solve(a.data(), n, b.data(), 2, x.data(), "solve"));
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < 2; ++j)
        EXPECT_EQ(x[static_cast<std::size_t>((i + 1) % n * 2 + j)], b[static_cast<std::size_t>(i * 2 + j)]) << n;
    double sign = 0.0, logabsdet = 1.0;
    slogdet(a.data(), n, &sign, &logabsdet);
    EXPECT_EQ(sign, n % 2 ? 1.0 : -1.0) << n;
    EXPECT_EQ(logabsdet, 0.0) << n;
  }
}

TEST(LU, SmallAndLargeMatricesAreSolvedAlike) {
  for (const Index n : {2, 5, 7, 8, 9, 10, 40}) {
    const auto a = random(n * n, 5), identity = [&] {
      auto x = zeros(n * n);
      for (Index i = 0; i < n; ++i) x[static_cast<std::size_t>(i * n + i)] = 1.0;
      return x;
    }();
    auto x = zeros(n * n), y = zeros(n * n), column = zeros(n);
    ASSERT_TRUE(inverse(a.data(), n, x.data(), "inv"));
    ASSERT_TRUE(solve(a.data(), n, identity.data(), n, y.data(), "solve"));
    EXPECT_EQ(x, y);
    ASSERT_TRUE(solve(a.data(), n, random(n).data(), 1, column.data(), "solve"));
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < n; ++j) EXPECT_NEAR(entry(a, x, n, i, j), i == j, 1e-11) << n;
      double sum = 0.0;
      for (Index k = 0; k < n; ++k) sum += a[static_cast<std::size_t>(i * n + k)] * column[static_cast<std::size_t>(k)];
      EXPECT_NEAR(sum, random(n)[static_cast<std::size_t>(i)], 1e-11) << n;
    }
  }
}

TEST(LU, ASingularMatrixLeavesTheResultAlone) {
  for (const Index n : {2, 12}) {
    Numbers a(static_cast<std::size_t>(n * n), 1.0);
    auto x = random(n);
    const auto before = x;
    EXPECT_FALSE(solve(a.data(), n, random(n, 2).data(), 1, x.data(), "solve"));
    EXPECT_EQ(x, before);
  }
}

// Every routine on one matrix, the results in one list.
Numbers all_results(Index n, std::uint64_t seed) {
  const auto a = random(n * n, seed);
  auto gram = zeros(n * n);
  for (Index i = 0; i < n * n; ++i) gram[static_cast<std::size_t>(i)] = a[static_cast<std::size_t>(i)] * 0.1;
  for (Index i = 0; i < n; ++i) gram[static_cast<std::size_t>(i * n + i)] = static_cast<double>(n);
  auto out = zeros(9 * n * n + 4);
  double* to = out.data();
  eigh(a.data(), n, to, to + n);
  eigenvalues(a.data(), n, to + n * n + n);
  to += 3 * n * n + 1;  // n^2 + 3 n <= 3 n^2 + 1
  cholesky(gram.data(), n, to);
  qr(a.data(), n, n, to + n * n, to + 2 * n * n, "qr");
  inverse(a.data(), n, to + 3 * n * n, "inv");
  expm(a.data(), n, to + 4 * n * n);
  slogdet(a.data(), n, to + 5 * n * n, to + 5 * n * n + 1);
  to[5 * n * n + 2] = cond_estimate(a.data(), n, 5);
  return out;
}

// Sizes alternate, so that a thread's work memory serves larger and smaller matrices in turn; threads share nothing.
TEST(Factors, ThreadsAndSizesDoNotDisturbEachOther) {
  std::vector<Numbers> expected;
  for (std::uint64_t i = 0; i < 3; ++i) expected.push_back(all_results(i == 1 ? 30 : 3 + 2 * static_cast<Index>(i), i));
  std::vector<int> failures(4);
  std::vector<std::thread> threads;
  for (int& failed : failures)
    threads.emplace_back([&] {
      for (std::uint64_t i = 0; i < 30; ++i)
        failed += all_results(i % 3 == 1 ? 30 : 3 + 2 * static_cast<Index>(i % 3), i % 3) != expected[i % 3];
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, std::vector<int>(4, 0));
}

TEST(Factors, RefuseNonFiniteInputAndSizesBeyondLapacksIntegers) {
  double x = 0.0;
  const Index huge = 30000;
  const std::vector<std::pair<std::string, std::function<void(const double*, Index)>>> calls{
      {"eigh", [&](const double* a, Index n) { eigh(a, n, &x, &x); }},
      {"eigvals", [&](const double* a, Index n) { eigenvalues(a, n, &x); }},
      {"cholesky", [&](const double* a, Index n) { cholesky(a, n, &x); }},
      {"qr", [&](const double* a, Index n) { qr(a, n, n, &x, &x, "qr"); }},
      {"inv", [&](const double* a, Index n) { inverse(a, n, &x, "inv"); }},
      {"slogdet", [&](const double* a, Index n) { slogdet(a, n, &x, &x); }},
      {"cond_estimate", [&](const double* a, Index n) { cond_estimate(a, n, 1); }},
      {"expm", [&](const double* a, Index n) { expm(a, n, &x); }}};
  for (const auto& [name, call] : calls) {
    EXPECT_EQ(error_of([&, f = call] { f(&x, huge); }), name + ": [30000, 30000] is beyond LAPACK's 32-bit integers");
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()}) {
      auto a = random(9);
      a.back() = bad;
      EXPECT_EQ(error_of([&, f = call] { f(a.data(), 3); }), name + ": input has non-finite entries");
    }
  }
}

}  // namespace
}  // namespace sigmagrad::linalg::detail
