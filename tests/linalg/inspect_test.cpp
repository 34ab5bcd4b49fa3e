// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/inspect.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/spectrum.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::testing {
namespace {

using linalg::KernelView;

Tensor random_matrix(const Shape& shape, Dtype dtype = f64, std::uint64_t seed = 6) {
  Generator generator(seed);
  return randn(shape, generator, dtype);
}

// U diag(s) V' with random orthonormal U and V.
Tensor with_spectrum(std::int64_t m, std::int64_t n, const Tensor& s) {
  const auto U = linalg::qr(random_matrix({m, s.size(0)}, f64, 1)).Q;
  const auto V = linalg::qr(random_matrix({n, s.size(0)}, f64, 2)).Q;
  return matmul(U * s, V.t());
}

TEST(Inspect, AgreesWithTheFunctions) {
  const auto w = random_matrix({20, 14});
  const auto row = inspect(w);
  EXPECT_EQ(row.rows, 20);
  EXPECT_EQ(row.columns, 14);
  EXPECT_TRUE(row.whole_spectrum);
  EXPECT_TRUE(close(tensor(row.singular_values), linalg::svdvals(w), 1e-14));
  EXPECT_NEAR(row.cond, linalg::cond(w).item(), 1e-10);
  EXPECT_NEAR(row.frobenius, linalg::norm(w).item(), 1e-12);
  EXPECT_NEAR(row.nuclear, linalg::norm(w, linalg::Nuclear).item(), 1e-11);
  EXPECT_NEAR(row.stable_rank, linalg::stable_rank(w).item(), 1e-12);
  EXPECT_NEAR(row.effective_rank, linalg::effective_rank(w).item(), 1e-12);
  EXPECT_NEAR(row.effective_rank_squares, linalg::effective_rank(w, linalg::EntropyOf::Squares).item(), 1e-12);
  EXPECT_NEAR(row.gap, linalg::spectral_gap(w).item(), 1e-13);
  EXPECT_NEAR(row.energy_top_1, linalg::energy_share(w, 1).item(), 1e-13);
  EXPECT_NEAR(row.energy_top_10, linalg::energy_share(w, 10).item(), 1e-13);
  EXPECT_NEAR(row.energy_top_tenth, linalg::energy_share(w, 2).item(), 1e-13);
  EXPECT_FALSE(row.power_law);
}

TEST(Inspect, ZerosHaveNoRatios) {
  const auto row = inspect(zeros({30, 20}), {.fit = true});
  for (const double number : {row.s1, row.sn, row.frobenius, row.nuclear, row.mp_edge, row.mp_sigma})
    EXPECT_EQ(number, 0.0);
  EXPECT_EQ(row.cond, std::numeric_limits<double>::infinity());
  for (const double number : {row.stable_rank, row.effective_rank, row.effective_rank_squares, row.gap,
                              row.energy_top_1, row.energy_top_10, row.energy_top_tenth})
    EXPECT_TRUE(std::isnan(number));
  EXPECT_EQ(row.numerical_rank, 0);
  EXPECT_EQ(row.spikes, 0);
  EXPECT_FALSE(row.power_law);
  const auto large = inspect(zeros({30, 20}), {.full_up_to = 5, .leading = 3});
  EXPECT_EQ(large.singular_values, std::vector<double>(3));
  EXPECT_EQ(large.numerical_rank, 0);
}

TEST(Inspect, OneRowAndOneEntry) {
  for (const auto& w : {tensor({{3, 4}}), tensor({{3}, {4}}), tensor({{-5}})}) {
    const auto row = inspect(w, {.fit = true});
    EXPECT_EQ(row.s1, 5.0);
    EXPECT_EQ(row.sn, 5.0);
    EXPECT_EQ(row.cond, 1.0);
    EXPECT_EQ(row.nuclear, 5.0);
    EXPECT_NEAR(row.stable_rank, 1.0, 1e-15);
    EXPECT_EQ(row.effective_rank, 1.0);
    EXPECT_TRUE(std::isnan(row.gap));
    EXPECT_EQ(row.energy_top_10, 1.0);
    EXPECT_EQ(row.numerical_rank, 1);
    EXPECT_FALSE(row.power_law);
  }
}

TEST(Inspect, AConstantMatrixHasRankOne) {
  for (const auto dtype : {f64, f32}) {
    const auto row = inspect(full({40, 30}, 0.1, dtype), {.fit = true});
    EXPECT_NEAR(row.s1, 0.1 * std::sqrt(1200.0), 1e-6);
    EXPECT_EQ(row.numerical_rank, 1);
    EXPECT_NEAR(row.stable_rank, 1.0, 1e-12);
    EXPECT_NEAR(row.energy_top_1, 1.0, 1e-12);
    EXPECT_EQ(row.spikes, 1);
    EXPECT_GT(row.cond, 1e12);
  }
  EXPECT_EQ(inspect(diag(tensor({2.0, 1.0, 0.0}))).cond, std::numeric_limits<double>::infinity());
}

TEST(Inspect, TheTolerancesOfRanks) {
  const auto w = diag(tensor({1.0, 1e-3, 1e-9}));
  EXPECT_EQ(inspect(w).numerical_rank, 3);
  EXPECT_DOUBLE_EQ(inspect(w).rank_tolerance, 3 * std::numeric_limits<double>::epsilon());
  EXPECT_EQ(inspect(w.to(f32)).numerical_rank, 2);
  EXPECT_EQ(inspect(w.to(f32)).rank_tolerance, 3 * static_cast<double>(std::numeric_limits<float>::epsilon()));
  EXPECT_EQ(inspect(w, {.rank_tolerance = 1e-2}).numerical_rank, 1);
  EXPECT_EQ(inspect(w, {.rank_tolerance = 0.0}).numerical_rank, 3);
  EXPECT_EQ(inspect(w * 1e100, {.rank_tolerance = 1e-2}).numerical_rank, 1);
}

TEST(Inspect, EntriesOfAnySize) {
  const auto w = random_matrix({16, 12});
  const auto row = inspect(w, {.fit = true});
  for (const double scale : {1e-250, 1e250}) {
    for (const std::int64_t full : {100, 5}) {
      const auto scaled = inspect(w * scale, {.fit = true, .full_up_to = full, .leading = 6});
      EXPECT_NEAR(scaled.s1 / scale, row.s1, 1e-8);
      EXPECT_NEAR(scaled.frobenius / scale, row.frobenius, 1e-12);
      EXPECT_NEAR(scaled.stable_rank, row.stable_rank, 1e-8);
      EXPECT_NEAR(scaled.energy_top_1, row.energy_top_1, 1e-8);
      EXPECT_EQ(scaled.spikes, row.spikes);
    }
    const auto law = inspect(w * scale, {.fit = true}).power_law.value();
    EXPECT_NEAR(law.alpha, row.power_law->alpha, 1e-9);
    EXPECT_EQ(law.tail, row.power_law->tail);
  }
}

TEST(Inspect, SpikesStandAboveNoise) {
  const auto noise = random_matrix({300, 200}, f32);
  EXPECT_LE(inspect(noise).spikes, 1);
  const auto u = random_matrix({300, 3}, f32, 1), v = random_matrix({3, 200}, f32, 2);
  EXPECT_EQ(inspect(noise + 0.5 * matmul(u, v)).spikes, 3);
}

TEST(Inspect, NonFiniteEntriesAreCounted) {
  auto w = ones({3, 4}, f32).to_vector();
  w[1] = std::nan("");
  w[5] = std::numeric_limits<double>::infinity();
  w[7] = -w[5];
  EXPECT_EQ(error_of([&] { inspect(tensor(w, {3, 4}, f32)); }), "inspect: 1 NaN and 2 infinite of 12 entries");
  EXPECT_EQ(error_of([&] {
              inspect(tensor(w, {3, 2, 2}), {.kernel = KernelView::Exact});
            }),
            "inspect: 1 NaN and 2 infinite of 12 entries");
}

TEST(Inspect, RefusesWhatIsNoMatrix) {
  EXPECT_EQ(error_of([] { inspect(ones({3})); }), "inspect: needs two or more axes and entries, got [3]");
  EXPECT_EQ(error_of([] { inspect(ones({0, 3})); }), "inspect: needs two or more axes and entries, got [0, 3]");
  EXPECT_EQ(error_of([] {
              inspect(ones({2, 3}), {.rank_tolerance = -1.0});
            }),
            "inspect: rank_tolerance must be >= 0 (got -1)");
  EXPECT_EQ(error_of([] {
              inspect(ones({2, 3}), {.leading = 0});
            }),
            "inspect: leading and input_side must be >= 1, full_up_to >= 0 (got 0, 16 and 8192)");
}

TEST(Inspect, KernelsAsMatrices) {
  const auto kernel = random_matrix({4, 3, 3, 3});
  const auto rows = inspect(kernel), channels = inspect(kernel, {.kernel = KernelView::Channels});
  EXPECT_EQ(rows.columns, 27);
  EXPECT_EQ(channels.rows, 3);
  EXPECT_EQ(channels.columns, 36);
  EXPECT_NEAR(channels.s1, linalg::norm(linalg::kernel_matrix(kernel, KernelView::Channels), 2).item(), 1e-12);
  const auto exact = inspect(kernel, {.kernel = KernelView::Exact, .input_side = 5});
  EXPECT_EQ(exact.rows, 100);
  EXPECT_EQ(exact.columns, 75);
  EXPECT_EQ(exact.singular_values, linalg::convolution_spectrum(kernel, 5).to_vector());
  double squares = 0.0;
  for (const double s : exact.singular_values) squares += s * s;
  EXPECT_NEAR(exact.frobenius, std::sqrt(squares), 1e-11);
  EXPECT_TRUE(std::isnan(exact.mp_edge));
  EXPECT_EQ(exact.spikes, -1);
  EXPECT_EQ(inspect(kernel, {.kernel = KernelView::Exact, .input_side = 1}).rows, 36);  // the kernel's own side
}

TEST(Inspect, TheExactSpectrumIsInF64) {
  const auto kernel = full({2, 2, 3, 3}, 3e38, f32);
  const auto row = inspect(kernel, {.kernel = KernelView::Exact, .input_side = 4});
  EXPECT_NEAR(row.s1 / (18 * kernel.at({0, 0, 0, 0})), 1, 1e-14);  // beyond f32
  const auto noise = random_matrix({2, 3, 3, 3}, f32);
  EXPECT_EQ(inspect(noise, {.kernel = KernelView::Exact}).singular_values,
            linalg::convolution_spectrum(noise.to(f64), 16).to_vector());
}

TEST(InspectLeading, AreThoseOfTheWholeSpectrum) {
  for (const auto& shape : {Shape{120, 90}, Shape{60, 130}})
    for (const auto dtype : {f32, f64}) {
      const auto w = random_matrix(shape, dtype);
      const auto all = inspect(w), some = inspect(w, {.fit = true, .full_up_to = 50, .leading = 5});
      ASSERT_EQ(some.singular_values.size(), 5u);
      for (int i = 0; i < 5; ++i) EXPECT_NEAR(some.singular_values[i], all.singular_values[i], 1e-8 * all.s1);
      EXPECT_FALSE(some.whole_spectrum);
      EXPECT_FALSE(some.power_law);
      EXPECT_EQ(some.frobenius, all.frobenius);
      EXPECT_EQ(some.mp_edge, all.mp_edge);
      EXPECT_NEAR(some.gap, all.gap, 1e-7);
      EXPECT_NEAR(some.stable_rank, all.stable_rank, 1e-6);
      EXPECT_NEAR(some.energy_top_1, all.energy_top_1, 1e-7);
      for (const double number : {some.sn, some.cond, some.nuclear, some.effective_rank, some.effective_rank_squares,
                                  some.energy_top_10, some.energy_top_tenth})
        EXPECT_TRUE(std::isnan(number));
      EXPECT_EQ(some.numerical_rank, -1);
      EXPECT_EQ(inspect(w, {.rank_tolerance = 0.98, .full_up_to = 50, .leading = 5}).numerical_rank,
                inspect(w, {.rank_tolerance = 0.98}).numerical_rank);
    }
}

TEST(InspectLeading, NearlyAllOfThem) {
  for (const auto& shape : {Shape{20, 60}, Shape{60, 20}, Shape{20, 20}}) {
    const auto w = random_matrix(shape);
    const auto all = inspect(w), some = inspect(w, {.full_up_to = 0, .leading = 19});
    ASSERT_EQ(some.singular_values.size(), 19u);
    for (int i = 0; i < 19; ++i) EXPECT_NEAR(some.singular_values[i], all.singular_values[i], 1e-13 * all.s1);
    EXPECT_TRUE(inspect(w, {.full_up_to = 0, .leading = 20}).whole_spectrum);
  }
}

TEST(InspectLeading, FindsRepeatedValues) {
  const auto leading = [](const Tensor& w, std::int64_t count) {
    return tensor(inspect(w, {.full_up_to = 5, .leading = count}).singular_values);
  };
  EXPECT_TRUE(close(leading(eye(80), 9), ones({9}), 1e-12));
  const auto ties = cat({tensor({5.0, 5.0, 5.0, 4.0, 4.0, 3.0}), linspace(2.5, 0.1, 90)}, 0);
  EXPECT_TRUE(close(leading(with_spectrum(150, 110, ties), 6), ties.narrow(0, 0, 6), 2e-8));
  // Close to each other, beside one that is far above.
  const auto near = cat({tensor({1e6}), 2.0 + linspace(1e-9, 0.0, 12), linspace(1.5, 0.0, 60)}, 0);
  EXPECT_TRUE(close(leading(with_spectrum(100, 120, near), 13), near.narrow(0, 0, 13), 2e-8));
}

TEST(InspectLeading, OfMatricesOfLowRank) {
  const auto s = tensor({3.0, 2.0, 1.0});
  const auto found = inspect(with_spectrum(90, 70, s), {.full_up_to = 5, .leading = 6});
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(found.singular_values[i], s.at({i}), 1e-8);
  for (int i = 3; i < 6; ++i) EXPECT_NEAR(found.singular_values[i], 0.0, 1e-8);
  EXPECT_NEAR(found.energy_top_1, 9.0 / 14.0, 1e-8);
  EXPECT_EQ(inspect(with_spectrum(90, 70, s), {.rank_tolerance = 1e-6, .full_up_to = 5, .leading = 6}).numerical_rank,
            3);
}

}  // namespace
}  // namespace sigmagrad::testing
