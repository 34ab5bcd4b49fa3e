// SPDX-License-Identifier: BSD-3-Clause
// The matrix products of every instruction set this CPU has, and the choice between them and OpenBLAS.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/kernels/gemm.hpp>
#include <sigmagrad/autograd/kernels/gemm_kernels.hpp>

namespace sigmagrad::engine {
namespace {

constexpr bool flags[] = {false, true};

template <class T>
std::vector<T> numbers(std::int64_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<T> uniform(-1, 1);
  std::vector<T> values(static_cast<std::size_t>(count));
  std::generate(values.begin(), values.end(), [&] { return uniform(engine); });
  return values;
}

template <class T>
T entry(const std::vector<T>& x, bool transposed, std::int64_t rows, std::int64_t cols, std::int64_t i,
        std::int64_t j) {
  return x[static_cast<std::size_t>(transposed ? j * rows + i : i * cols + j)];
}

// A way of multiplying: the library's choice, or the kernels of one instruction set.
template <class T>
struct Way {
  std::string name;
  const GemmKernels<T>* kernels;

  // `count` products of operands one after the other (step 0: the same again), with a guard behind the result.
  std::vector<T> operator()(const Gemm& g, std::int64_t count, const std::vector<T>& a, std::int64_t a_step,
                            const std::vector<T>& b, std::int64_t b_step) const {
    constexpr T guard = 12345;
    const std::int64_t size = count * g.m * g.n;
    std::vector<T> c(static_cast<std::size_t>(size + 1), guard);
    if (!kernels)
      g(count, a.data(), a_step, b.data(), b_step, c.data());
    else if (g.m == g.n && g.n == g.k && g.n > 0 && g.n <= kernels->largest_square)
      kernels->square[2 * g.transpose_a + g.transpose_b][g.n - 1](count, a.data(), a_step, b.data(), b_step, c.data());
    else
      kernels->general(g, count, a.data(), a_step, b.data(), b_step, c.data());
    EXPECT_EQ(c.back(), guard);
    c.pop_back();
    return c;
  }
  std::vector<T> operator()(const Gemm& g, const std::vector<T>& a, const std::vector<T>& b) const {
    return (*this)(g, 1, a, 0, b, 0);
  }
};

template <class T>
class Products : public ::testing::Test {
 public:
  // Those of the instruction sets, and the library's choice last.
  static std::vector<Way<T>> ways(bool own_only = false) {
    std::vector<Way<T>> all;
    const GemmLevels levels = gemm_levels();
    for (int i = 0; i < levels.count; ++i) {
      if constexpr (sizeof(T) == 8)
        all.push_back({levels.names[i], &levels.levels[i]->f64});
      else
        all.push_back({levels.names[i], &levels.levels[i]->f32});
    }
    if (!own_only) all.push_back({"chosen", nullptr});
    return all;
  }
};

using Types = ::testing::Types<double, float>;
TYPED_TEST_SUITE(Products, Types);

std::vector<Gemm> shapes(std::int64_t largest_square) {
  std::vector<std::array<std::int64_t, 3>> sizes = {{1, 5, 3},   {5, 1, 3},   {3, 5, 1},  {1, 1, 9},    {2, 33, 7},
                                                    {33, 2, 7},  {13, 50, 1}, {9, 49, 3}, {50, 13, 21}, {7, 23, 300},
                                                    {3, 1, 600}, {1, 70, 40}, {65, 1, 5}, {17, 25, 513}};
  for (std::int64_t n = 1; n <= largest_square; ++n) sizes.push_back({n, n, n});
  std::vector<Gemm> all;
  for (const auto& [m, n, k] : sizes)
    for (const bool ta : flags)
      for (const bool tb : flags) all.push_back({m, n, k, ta, tb});
  return all;
}

std::string name(const Gemm& g) {
  return std::to_string(g.m) + "x" + std::to_string(g.n) + "x" + std::to_string(g.k) + (g.transpose_a ? " T" : " N") +
         (g.transpose_b ? "T" : "N");
}

TYPED_TEST(Products, AreThoseOfTheDefinition) {
  using T = TypeParam;
  for (const Gemm& g : shapes(40)) {
    const auto a = numbers<T>(g.m * g.k, 1), b = numbers<T>(g.k * g.n, 2);
    std::vector<long double> exact;
    for (std::int64_t i = 0; i < g.m; ++i)
      for (std::int64_t j = 0; j < g.n; ++j) {
        long double sum = 0;
        for (std::int64_t p = 0; p < g.k; ++p)
          sum += static_cast<long double>(entry(a, g.transpose_a, g.m, g.k, i, p)) *
                 entry(b, g.transpose_b, g.k, g.n, p, j);
        exact.push_back(sum);
      }
    // |error| <= k eps sum |a b|, and entries are at most 1.
    const long double bound = std::numeric_limits<T>::epsilon() * static_cast<long double>(g.k * g.k);
    for (const auto& way : this->ways()) {
      const auto c = way(g, a, b);
      for (std::size_t i = 0; i < c.size(); ++i)
        ASSERT_LE(std::abs(c[i] - exact[i]), bound) << way.name << ' ' << name(g) << " entry " << i;
    }
  }
}

TYPED_TEST(Products, HaveTheSameBitsAloneAndAtEveryPlaceOfABatch) {
  using T = TypeParam;
  for (const Gemm& g : shapes(20)) {
    constexpr std::int64_t most = 17;
    const std::int64_t a_size = g.m * g.k, b_size = g.k * g.n, c_size = g.m * g.n;
    const auto a = numbers<T>(most * a_size, 3), b = numbers<T>(most * b_size, 4);
    const auto part = [](const std::vector<T>& x, std::int64_t i, std::int64_t size) {
      return std::vector<T>(x.begin() + i * size, x.begin() + (i + 1) * size);
    };
    for (const auto& way : this->ways())
      for (const std::int64_t count : {1, 2, 3, 4, 5, 8, 17})
        for (const auto& [a_step, b_step] : {std::pair(a_size, b_size), {a_size, 0}, {0, b_size}}) {
          const auto c = way(g, count, a, a_step, b, b_step);
          for (std::int64_t i = 0; i < count; ++i)
            ASSERT_EQ(part(c, i, c_size), way(g, part(a, a_step ? i : 0, a_size), part(b, b_step ? i : 0, b_size)))
                << way.name << ' ' << name(g) << ", number " << i << " of " << count;
        }
  }
}

// Rows of a and columns of b in another order, and a transposed operand stored as it is: the same bits.
TYPED_TEST(Products, HaveBitsThatDoNotDependOnTheirPlace) {
  using T = TypeParam;
  for (const Gemm& g : shapes(40)) {
    if (g.transpose_a || g.transpose_b) continue;
    const auto a = numbers<T>(g.m * g.k, 5), b = numbers<T>(g.k * g.n, 6);
    const auto turned = [](std::int64_t i, std::int64_t n) { return (i + n / 2 + 1) % n; };
    for (const auto& way : this->ways(true)) {
      const auto c = way(g, a, b);
      for (const bool ta : flags)
        for (const bool tb : flags) {
          std::vector<T> x(a.size()), y(b.size()), z(c.size());
          for (std::int64_t i = 0; i < g.m; ++i)
            for (std::int64_t p = 0; p < g.k; ++p)
              x[ta ? p * g.m + turned(i, g.m) : turned(i, g.m) * g.k + p] = a[i * g.k + p];
          for (std::int64_t p = 0; p < g.k; ++p)
            for (std::int64_t j = 0; j < g.n; ++j)
              y[tb ? turned(j, g.n) * g.k + p : p * g.n + turned(j, g.n)] = b[p * g.n + j];
          for (std::int64_t i = 0; i < g.m; ++i)
            for (std::int64_t j = 0; j < g.n; ++j) z[turned(i, g.m) * g.n + turned(j, g.n)] = c[i * g.n + j];
          ASSERT_EQ(way({g.m, g.n, g.k, ta, tb}, x, y), z) << way.name << ' ' << name({g.m, g.n, g.k, ta, tb});
        }
    }
  }
}

// Where the multiply-add is fused in both, AVX2 and AVX-512 agree; both are the chain of std::fma.
TYPED_TEST(Products, AreOneChainOfFusedMultiplyAdds) {
  using T = TypeParam;
  for (const Gemm& g : shapes(20)) {
    const auto a = numbers<T>(g.m * g.k, 7), b = numbers<T>(g.k * g.n, 8);
    std::vector<T> chain;
    for (std::int64_t i = 0; i < g.m; ++i)
      for (std::int64_t j = 0; j < g.n; ++j) {
        T sum = 0;
        for (std::int64_t p = 0; p < g.k; ++p)
          sum = std::fma(entry(a, g.transpose_a, g.m, g.k, i, p), entry(b, g.transpose_b, g.k, g.n, p, j), sum);
        chain.push_back(sum);
      }
    for (const auto& way : this->ways(true)) {
      if (way.name != "baseline") {
        ASSERT_EQ(way(g, a, b), chain) << way.name << ' ' << name(g);
      }
    }
  }
}

TYPED_TEST(Products, OfNothingAreZeros) {
  using T = TypeParam;
  for (const auto& way : this->ways())
    for (const bool ta : flags)
      for (const bool tb : flags) {
        EXPECT_EQ(way({3, 20, 0, ta, tb}, 2, {}, 0, {}, 0), std::vector<T>(120, 0)) << way.name;
        EXPECT_TRUE(way({0, 3, 2, ta, tb}, {}, numbers<T>(6, 1)).empty());
        EXPECT_TRUE(way({3, 0, 2, ta, tb}, numbers<T>(6, 1), {}).empty());
        EXPECT_TRUE(way({0, 0, 0, ta, tb}, {}, {}).empty());
      }
}

TYPED_TEST(Products, PassOnWhatIsNotFinite) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  for (const Gemm& g : shapes(20)) {
    auto a = numbers<T>(g.m * g.k, 9), b = std::vector<T>(static_cast<std::size_t>(g.k * g.n), T(1));
    for (const T value : {nan, infinity}) {
      a.back() = value;  // in the last row: every entry of it and no other is not finite
      for (const auto& way : this->ways()) {
        const auto c = way(g, a, b);
        for (std::size_t i = 0; i < c.size(); ++i) {
          const bool last = i >= c.size() - static_cast<std::size_t>(g.n);
          ASSERT_EQ(std::isfinite(c[i]), !last) << way.name << ' ' << name(g) << " entry " << i;
          ASSERT_EQ(std::isnan(c[i]), last && std::isnan(value)) << way.name << ' ' << name(g) << " entry " << i;
        }
      }
    }
    b.back() = 0;  // zero times infinity is not a number
    a.back() = infinity;
    for (const auto& way : this->ways()) EXPECT_TRUE(std::isnan(way(g, a, b).back())) << way.name << ' ' << name(g);
  }
}

}  // namespace
}  // namespace sigmagrad::engine
