// SPDX-License-Identifier: BSD-3-Clause
// Long sums, in whatever form they come: their accuracy, and one order of addition wherever an entry stands.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

constexpr Dtype dtypes[] = {f64, f32};
constexpr double rounding(Dtype dtype) { return dtype == f64 ? 0x1p-53 : 0x1p-24; }

// The second derivative of f's sum in the direction of ones.
template <class F>
Tensor second_gradient(const F& f, const Tensor& at) {
  const Tensor x = at.detach().requires_grad_();
  const Tensor first = grad(f(x).sum(), {x}, {.create_graph = true})[0];
  return grad(first.sum(), {x})[0];
}

TEST(Sums, OfTwentyMillionOnesAreExactOnEveryAxis) {
  constexpr std::int64_t n = 20'000'000;
  EXPECT_TRUE(same(sum(ones({n, 2}, f32), 0), full({2}, n, f32)));
  EXPECT_TRUE(same(sum(ones({2, n}, f32), 1), full({2}, n, f32)));
  EXPECT_TRUE(same(sum(ones({n, 1}, f32), 0), full({1}, n, f32)));
  EXPECT_EQ(sum(ones({n}, f32)).item(), n);
}

TEST(Sums, OnEveryAxisAreAsAccurateAsTheLastAxis) {
  for (const Dtype dtype : dtypes)
    for (const std::int64_t n : {3, 64, 65, 512, 513, 1000, 100'000}) {
      const Tensor x = rand({n, 3}, dtype);
      const Tensor exact = dtype == f32 ? sum(x.to(f64), 0) : sum(x.t(), 1);
      EXPECT_TRUE(close(sum(x, 0).to(f64), exact, 16 * rounding(dtype))) << n << ' ' << dtype;
      EXPECT_TRUE(close(sum(x.t(), 1).to(f64), exact, 16 * rounding(dtype))) << n << ' ' << dtype;
      EXPECT_TRUE(close(mean(x, 0).to(f64), exact / static_cast<double>(n), 16 * rounding(dtype))) << n << ' ' << dtype;
    }
}

TEST(Sums, HaveOneOrderWhereverAColumnStands) {
  for (const Dtype dtype : dtypes)
    for (const std::int64_t n : {2, 9, 70, 513, 600, 3000, 4096, 5000}) {
      const Tensor x = randn({2, n, 1025}, dtype), all = sum(x, 1);  // more columns than a strip
      for (const std::int64_t column : {0, 7, 1023, 1024}) {
        const Tensor alone = x.select(0, 1).narrow(1, column, 1);
        EXPECT_TRUE(same(sum(alone, 0), all.select(0, 1).narrow(0, column, 1))) << n << ' ' << column;
      }
      EXPECT_TRUE(same(sum(x.select(0, 0), 0), all.select(0, 0))) << n;
      const Tensor row = x.select(0, 0).t();
      EXPECT_TRUE(same(sum(row, 1).select(0, 3), sum(row.select(0, 3)))) << n;
    }
}

TEST(Sums, OfFewRowsAreOneByOne) {
  for (const Dtype dtype : dtypes) {
    const std::int64_t n = dtype == f64 ? 512 : 64;
    const Tensor x = randn({n, 5}, dtype);
    Tensor total = zeros({5}, dtype);
    for (std::int64_t k = 0; k < n; ++k) total += x.select(0, k);
    EXPECT_TRUE(same(sum(x, 0), total)) << dtype;
  }
}

TEST(Sums, KeepInfinitiesAndNaN) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto last = [](const Tensor& x) { return x.select(0, x.size(0) - 1); };
  for (const std::int64_t n : {4, 2000}) {
    const Tensor one = tensor({{infinity, 1}}), other = tensor({{-infinity, 1}}), rest = ones({n - 2, 2});
    const Tensor x = cat({one, rest, one}, 0), y = cat({one, rest, other}, 0);
    EXPECT_TRUE(sum(x, 0).select(0, 0).item() == infinity && sum(x, 0).select(0, 1).item() == n);
    EXPECT_EQ(last(cumsum(x, 0)).select(0, 0).item(), infinity);
    EXPECT_TRUE(std::isnan(sum(y, 0).select(0, 0).item()));
    EXPECT_TRUE(std::isnan(last(cumsum(y, 0)).select(0, 0).item()));
  }
}

TEST(Sums, GradientsOfRepeatedOperandsAreAccurate) {
  constexpr std::int64_t n = 1'000'000;
  const double total = n * static_cast<double>(0.1f);
  const Tensor bias = zeros({2}, f32).requires_grad_(), scalar = zeros({}, f32).requires_grad_();
  const auto [of_bias, of_scalar] = grad((0.1 * (zeros({n, 2}, f32) + bias + scalar)).sum(), {bias, scalar});
  EXPECT_TRUE(close(of_bias, full({2}, total, f32), 1e-6));
  EXPECT_TRUE(close(of_scalar, full({}, 2 * total, f32), 1e-6));
}

TEST(Sums, GradientsOfRepeatedIndicesAreAccurate) {
  constexpr std::int64_t n = 1'000'000;
  const double total = n * static_cast<double>(0.1f);
  const Tensor x = zeros({2}, f32).requires_grad_();
  const auto selected = (0.1 * index_select(x, 0, zeros({n}, f32))).sum(),
             picked = (0.1 * gather(x, 0, ones({n}, f32))).sum();
  EXPECT_TRUE(close(grad(selected, {x})[0], tensor({total, 0}, {2}, f32), rounding(f32)));
  EXPECT_TRUE(close(grad(picked, {x})[0], tensor({0, total}, {2}, f32), rounding(f32)));
  for (const Dtype dtype : dtypes) {  // few are added one by one, many compensated: as a sum
    const Tensor y = zeros({1, 3}, dtype).requires_grad_(), weights = rand({1000, 3}, dtype);
    const Tensor got = grad((index_select(y, 0, zeros({1000}, dtype)) * weights).sum(), {y})[0];
    EXPECT_TRUE(close(got, sum(weights, 0, true), 32 * rounding(dtype))) << dtype;
  }
  const Tensor big = full({2000, 1}, std::numeric_limits<double>::max());
  const Tensor z = zeros({1, 1}).requires_grad_();
  EXPECT_EQ(grad((index_select(z, 0, zeros({2000})) * big).sum(), {z})[0].item(),
            std::numeric_limits<double>::infinity());
}

TEST(Sums, CountTies) {
  constexpr std::int64_t n = 20'000'000;
  const Tensor x = ones({n, 1}, f32).requires_grad_();
  EXPECT_EQ(grad(max(x, 0).sum(), {x})[0].narrow(0, 0, 1).item(), 1.0f / n);
}

TEST(Cumsum, IsAccurateOnEveryAxis) {
  constexpr std::int64_t n = 10'000'000;
  const double tenth = static_cast<double>(0.1f);
  const Tensor x = full({n}, 0.1, f32);
  EXPECT_EQ(cumsum(x, 0).select(0, n - 1).item(), static_cast<float>(tenth * n));
  EXPECT_EQ(cumsum(x.reshape({n / 2, 2}), 0).select(0, n / 2 - 1).select(0, 1).item(),
            static_cast<float>(tenth * n / 2));
  // f64: every place against k * 0.1, and the gradient, which runs backwards.
  const Tensor y = full({100'000, 1}, 0.1).requires_grad_();
  const Tensor places = arange(1, 100'001).unsqueeze(1), out = cumsum(y, 0);
  EXPECT_LE(max(abs(out.detach() / (0.1 * places) - 1.0)).item(), 1e-14);
  EXPECT_TRUE(same(grad(out.sum(), {y})[0], 100'001.0 - places));
  EXPECT_EQ(cumsum(zeros({0, 3}), 0).numel(), 0);
}

TEST(Matmul, IsAccurateWithALongInnerAxis) {
  constexpr std::int64_t n = 10'000'000;
  const Tensor x = full({1, n}, 0.1, f32), one = ones({n, 1}, f32);
  const double exact = static_cast<double>(0.1f) * n;
  EXPECT_NEAR(matmul(x, one).item(), exact, 1e-5 * exact);
  EXPECT_NEAR(matmul(x.reshape({n}), one.reshape({n})).item(), exact, 1e-5 * exact);
}

// The halves of a long product lie in operands of every layout.
TEST(Matmul, OfLongInnerAxesEqualsASumOfProducts) {
  for (const Dtype dtype : dtypes)
    for (const std::int64_t m : {1, 3, 40})
      for (const std::int64_t n : {1, 5, 33}) {
        const std::int64_t k = dtype == f64 ? 70'001 : 9'001;
        const Tensor a = randn({m, k}, dtype) / std::sqrt(k), b = randn({k, n}, dtype) / std::sqrt(k);
        const Tensor expected = matmul(a.to(f64).narrow(1, 0, 4000), b.to(f64).narrow(0, 0, 4000)) +
                                matmul(a.to(f64).narrow(1, 4000, k - 4000), b.to(f64).narrow(0, 4000, k - 4000));
        const Tensor at = a.t() + 0.0, bt = b.t() + 0.0;  // stored the other way round
        const Tensor a2 = stack({a, a}, 0), b2 = stack({b, b}, 0);
        for (const Tensor& got : {matmul(a, b), matmul(at.t(), b), matmul(a, bt.t()), matmul(at.t(), bt.t()),
                                  matmul(a2, b).select(0, 1), matmul(a, b2).select(0, 1), matmul(a2, b2).select(0, 1)})
          EXPECT_LE(max(abs(got.to(f64) - expected)).item(), 64 * rounding(dtype)) << m << ' ' << n << ' ' << dtype;
        EXPECT_TRUE(same(matmul(a2, b).select(0, 1), matmul(a, b)));
      }
}

TEST(Mean, DividesBySizes) {
  EXPECT_EQ(mean(ones({49}), {0}).item(), 1.0);
  EXPECT_TRUE(same(mean(ones({7, 7, 2}), {0, 1}), ones({2})));
  EXPECT_TRUE(same(mean(ones({7, 0, 7}), {0, 2}), ones({0})));
  EXPECT_EQ(error_of([] { mean(ones({2}), {1}); }), "mean: axis 1 is out of range for 1 axes");
}

TEST(Variance, NeedsMoreEntriesThanTheCorrection) {
  const Tensor x = tensor({1, 3}, {2});
  EXPECT_EQ(error_of([&] { var(x, 0, false, 3); }),
            "var: the 2 entries along axis 0 of [2] are not more than the correction, 3");
  EXPECT_EQ(error_of([&] { std(x, 0, false, 2); }),
            "std: the 2 entries along axis 0 of [2] are not more than the correction, 2");
  EXPECT_EQ(error_of([] { var(ones({1})); }),
            "var: the 1 entries along axis 0 of [1] are not more than the correction, 1");
  EXPECT_EQ(error_of([] {
              std(ones({0, 3}), 0, false, -1);
            }),
            "std: the 0 entries along axis 0 of [0, 3] are not more than the correction, -1");
  EXPECT_EQ(var(x, 0, false, 1).item(), 2.0);
  EXPECT_EQ(var(x, 0, false, -2).item(), 0.5);
}

TEST(Variance, DoesNotDependOnAnOffset) {
  for (const Dtype dtype : dtypes) {
    const double offset = dtype == f64 ? 0x1p40 : 0x1p13;
    const Tensor small = (randn({1001, 2}, dtype) + offset) - offset;  // so that adding the offset rounds nothing
    EXPECT_TRUE(close(var(small + offset, 0), var(small, 0), 8 * rounding(dtype))) << dtype;
    const Tensor x = (small + offset).requires_grad_(), y = small.detach().requires_grad_();
    EXPECT_TRUE(close(grad(std(x, 0).sum(), {x})[0], grad(std(y, 0).sum(), {y})[0], 8 * rounding(dtype))) << dtype;
  }
}

TEST(Deviation, HasGradientZeroWhereTheEntriesAreEqual) {
  for (const Dtype dtype : dtypes)
    for (const double value : {2.0, 0.1, 1e-30})
      for (const std::int64_t n : {2, 3, 7, 1000}) {
        const Tensor x = full({n}, value, dtype).requires_grad_();
        EXPECT_EQ(std(x).item(), 0.0);
        EXPECT_TRUE(same(grad(std(x), {x})[0], zeros({n}, dtype))) << value << ' ' << n;
        EXPECT_TRUE(same(second_gradient([](const Tensor& at) { return std(at); }, x), zeros({n}, dtype)));
      }
}

TEST(Deviation, HoldsForEntriesOfAnySize) {
  for (const Dtype dtype : dtypes)
    for (const int axis : {0, 1})
      for (const double scale : {dtype == f64 ? 0x1p700 : 0x1p90, dtype == f64 ? 0x1p-700 : 0x1p-90}) {
        const Tensor x = randn({31, 31}, dtype).requires_grad_(), y = (x * scale).detach().requires_grad_();
        EXPECT_TRUE(close(std(y, axis) / scale, std(x, axis), 8 * rounding(dtype))) << dtype << ' ' << scale;
        EXPECT_TRUE(close(grad(std(y, axis).sum(), {y})[0], grad(std(x, axis).sum(), {x})[0], 8 * rounding(dtype)));
      }
}

TEST(Deviation, StopsAnInfiniteGradientWhereTheEntriesAreEqual) {
  const Tensor x = full({3}, 2.0).requires_grad_();
  EXPECT_TRUE(same(grad(sqrt(std(x)), {x})[0], zeros({3})));
}

TEST(Sums, AreTheSameBitsInACapturedStep) {
  for (const Dtype dtype : dtypes) {
    const Tensor x = randn({1300, 3}, dtype).requires_grad_(), indices = zeros({1300}, dtype);
    const auto value = [&] {
      const Tensor long_product = matmul(x.t(), x);
      return sum(x, 0).sum() + cumsum(x, 0).mean() + std(x, 0).sum() + long_product.sum() +
             square(index_select(x, 0, indices)).sum();
    };
    auto step = capture([&] { return value(); });
    for (int i = 0; i < 3; ++i) {
      x.detach().copy_(randn({1300, 3}, dtype));
      EXPECT_TRUE(same(step(), value())) << dtype;
    }
  }
}

}  // namespace
}  // namespace sigmagrad
