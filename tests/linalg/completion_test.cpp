// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/completion.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/spectral_functions.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

struct Problem {
  Tensor target, mask;
};
Problem problem(std::int64_t m, std::int64_t n, std::int64_t rank, double share) {
  Generator generator(31, static_cast<std::uint64_t>(m), static_cast<std::uint64_t>(rank));
  const Tensor target = matmul(randn({m, rank}, generator), randn({rank, n}, generator));
  return {target, rand({m, n}, generator) < share};
}

TEST(Complete, FindsALowRankMatrixFromMostOfItsEntries) {
  for (const auto& [m, n] : {std::pair{30, 20}, {20, 30}, {24, 24}}) {
    const auto [target, mask] = problem(m, n, 1, 0.7);
    const auto result = complete(target, mask);
    EXPECT_TRUE(close(result.matrix, target, 1e-5)) << m << " x " << n;
    EXPECT_NEAR(result.value.item(), norm(target, Nuclear).item(), 2e-6 * result.value.item());
  }
}

TEST(Complete, TheCertificateHoldsWhereFewEntriesAreKnown) {
  const auto [target, mask] = problem(12, 12, 3, 0.4);
  const auto result = complete(target, mask, {.tolerance = 1e-7});
  EXPECT_LE(norm(mask * (result.matrix - target)).item(), 1.1e-7 * norm(mask * target).item());
  EXPECT_NEAR(result.value.item(), norm(result.matrix, Nuclear).item(), 1e-12 * result.value.item());
  EXPECT_NEAR(result.lower_bound.item(), result.value.item(), 1.1e-7 * result.value.item());
  EXPECT_LT(result.value.item(), norm(target, Nuclear).item());  // the matrix it was drawn from is not least
}

// The last entry of [[a, 0.7], [-1.1, ?]] is unknown: the least nuclear norm is that of a search along it.
TEST(Complete, OneUnknownEntryIsThatOfASearch) {
  for (const double a : {0.3, 1.0, 2.5}) {
    const Tensor mask = tensor({{1, 1}, {1, 0}});
    const auto with = [&](double entry) { return tensor({{a, 0.7}, {-1.1, entry}}); };
    double best = std::numeric_limits<double>::infinity();
    for (double entry = -3.0; entry <= 3.0; entry += 1e-3) best = std::min(best, norm(with(entry), Nuclear).item());
    const auto result = complete(with(std::nan("")), mask, {.tolerance = 1e-8});
    EXPECT_NEAR(result.value.item(), best, 1e-5) << a;
    EXPECT_LE(result.lower_bound.item(), best + 1e-7) << a;
  }
}

TEST(Complete, AWeightShrinksAsTheProximalMapDoes) {
  // Everything is known: the minimiser is the proximal map.
  const auto [target, mask] = problem(7, 5, 5, 2.0);
  const auto result = complete(target, mask, {.mu = 0.1, .tolerance = 1e-12});
  EXPECT_TRUE(close(result.matrix, prox_nuclear(target, 0.1 * norm(target, 2).item()), 1e-6));
  const auto some = problem(10, 14, 2, 0.6);
  const auto noisy = complete(some.target, some.mask, {.mu = 0.05, .tolerance = 1e-9});
  const double weight = 0.05 * norm(some.mask * some.target, 2).item();
  const auto value = [&](const Tensor& x) {
    return 0.5 * square(some.mask * (x - some.target)).sum().item() + weight * norm(x, Nuclear).item();
  };
  EXPECT_NEAR(noisy.value.item(), value(noisy.matrix), 1e-12 * noisy.value.item());
  Generator generator(5);
  for (const double size : {1e-3, 1e-2, 0.1})
    EXPECT_GT(value(noisy.matrix + size * randn({10, 14}, generator)), noisy.lower_bound.item());
}

// Matrices of rank one whose known entries leave the least nuclear norm nearly free: stages that are all as coarse as
// the first went round in circles on each of them.
TEST(Complete, EndsWhereManyMatricesAreNearlyAsGood) {
  constexpr std::int64_t d = 5;
  for (const std::uint64_t seed : {45, 59, 78, 183, 324}) {
    Generator generator(seed);
    const auto target = matmul(randn({d, 1}, generator), randn({1, d}, generator));
    const auto one_in_each = randperm(d, generator).unsqueeze(-1) == arange(static_cast<double>(d));
    const auto mask = maximum(one_in_each, bernoulli(full({d, d}, 0.3), generator));
    const auto result = complete(target, mask);
    EXPECT_LE(result.iterations, 40000) << seed;
    EXPECT_NEAR(result.value.item(), result.lower_bound.item(), 2e-6 * result.value.item()) << seed;
    EXPECT_LT(norm(mask * (result.matrix - target)).item(), 2e-6 * norm(mask * target).item()) << seed;
  }
}

TEST(Complete, RowsWithoutEntriesAreZerosAndWhatIsKnownWhollyIsItself) {
  const auto [target, mask] = problem(8, 8, 1, 0.8);
  const Tensor none = mask * cat({ones({7, 1}), zeros({1, 1})}, 0);
  const auto result = complete(target, none);
  EXPECT_LT(norm(result.matrix.narrow(-2, 7, 1)).item(), 1e-9);
  EXPECT_TRUE(close(complete(target, ones({8, 8})).matrix, target, 1e-12));
}

TEST(Complete, BatchesScalesAndZeros) {
  const auto a = problem(8, 6, 1, 0.7), b = problem(8, 6, 2, 0.7);
  const auto both = complete(stack({a.target, b.target}), stack({a.mask, b.mask}));
  EXPECT_TRUE(same(both.matrix.select(0, 0), complete(a.target, a.mask).matrix));
  EXPECT_EQ(both.value.shape(), Shape({2}));
  const double large = 0x1p300;
  EXPECT_TRUE(same(complete(large * a.target, a.mask).matrix, large * complete(a.target, a.mask).matrix));
  EXPECT_TRUE(close(complete(a.target.to(f32), a.mask.to(f32), {.tolerance = 1e-4}).value,
                    complete(a.target, a.mask).value, 3e-4));
  EXPECT_TRUE(same(complete(zeros({3, 2}), ones({3, 2})).matrix, zeros({3, 2})));
  EXPECT_TRUE(same(complete(full({3, 2}, std::nan("")), zeros({3, 2})).matrix, zeros({3, 2})));
  EXPECT_EQ(complete(zeros({2, 0, 3}), zeros({2, 0, 3})).matrix.shape(), Shape({2, 0, 3}));
  EXPECT_FALSE(complete(eye(2).requires_grad_(), eye(2)).matrix.requires_grad());
}

TEST(Complete, Errors) {
  const auto one = ones({2, 2});
  EXPECT_EQ(error_of([&] { complete(ones({3}), ones({3})); }), "complete: needs a matrix, got [3]");
  EXPECT_EQ(error_of([&] { complete(one, ones({2, 3})); }), "complete: shapes differ: [2, 2] and [2, 3]");
  EXPECT_EQ(error_of([&] { complete(one, 0.5 * one); }), "complete: the mask must be 0 or 1 everywhere");
  EXPECT_EQ(error_of([&] { complete(std::nan("") * one, one); }), "complete: input has non-finite entries");
  EXPECT_EQ(error_of([&] { complete(one, one, {.mu = -1.0}); }), "complete: mu must be >= 0 and finite (got -1)");
  EXPECT_EQ(error_of([&] { complete(one, one, {.tolerance = 0.0}); }), "complete: tolerance must be > 0 (got 0)");
  EXPECT_EQ(error_of([&] { complete(one, one, {.max_iterations = 0}); }),
            "complete: max_iterations must be >= 1 (got 0)");
  const auto given = problem(9, 9, 2, 0.5);
  EXPECT_EQ(error_of([&] { complete(given.target, given.mask, {.max_iterations = 2}); }).substr(0, 47),
            "complete: no convergence in 2 iterations (misfi");
}

}  // namespace
}  // namespace sigmagrad::linalg
