// SPDX-License-Identifier: BSD-3-Clause
// Norms and what is made of them, where the squares of entries leave the range of the numbers: a function of degree d
// has f(s w) = s^d f(w) there too, and so do its derivatives, of degrees d - 1 and d - 2.
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/derivatives.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/euclidean.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/components.hpp>
#include <sigmagrad/linalg/curvature.hpp>
#include <sigmagrad/linalg/iterations.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/spectrum.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::close;
using testing::same;

Tensor random(const Shape& shape, Dtype dtype = f64) {
  Generator generator(17);
  return randn(shape, generator, dtype);
}

struct Scaled {
  const char* name;
  Tensor (*f)(const Tensor& w);
  int degree;
};
void PrintTo(const Scaled& row, std::ostream* out) { *out << row.name; }

const Scaled functions[] = {
    {"Frobenius", [](const Tensor& w) { return norm(w); }, 1},
    {"RowNorms", [](const Tensor& w) { return row_norms(w); }, 1},
    {"ColumnNorms", [](const Tensor& w) { return col_norms(w); }, 1},
    {"VectorNorm", [](const Tensor& w) { return vector_norm(w); }, 1},
    {"VectorNormOfHalf", [](const Tensor& w) { return vector_norm(w, 0.5); }, 1},
    {"VectorNormOfThree", [](const Tensor& w) { return vector_norm(w, 3.0); }, 1},
    {"SumOfColumnNorms", norm_2_1, 1},
    {"LargestColumnNorm", norm_1_to_2, 1},
    {"TwoToOne", norm_2_to_1, 1},
    {"Schatten2", [](const Tensor& w) { return schatten_norm(w, 2.0); }, 1},
    {"PowerIteration", [](const Tensor& w) { return power_iteration(w, 3).sigma; }, 1},
    {"StableRank", stable_rank, 0},
    {"EffectiveRank", [](const Tensor& w) { return effective_rank(w, EntropyOf::Squares); }, 0},
    {"FrobeniusCondition", [](const Tensor& w) { return cond(w, Fro); }, 0},
};

class Scales : public ::testing::TestWithParam<Scaled> {};

// Value, gradient and a product of the Hessian, multiplied back to the scale 1.
std::array<Tensor, 3> derivatives(const Scaled& row, const Tensor& w, int exponent) {
  const auto back = [&](const Tensor& x, int degree) {  // by halves: the power itself may be out of range
    const double half = std::ldexp(1.0, -degree * exponent / 2);
    return x.detach().to(f64) * half * half;
  };
  const Tensor x = (w * std::ldexp(1.0, exponent)).requires_grad_();
  const Tensor y = row.f(x);
  const auto [g] = grad(y.sum(), {x}, {.create_graph = true});
  const Tensor direction = random(w.shape(), w.dtype());
  const Tensor slope = (g * direction).sum();
  const Tensor h = slope.requires_grad() ? grad(slope, {x})[0] : zeros_like(x);
  return {back(y, row.degree), back(g, row.degree - 1), back(h, row.degree - 2)};
}

TEST_P(Scales, DoNotMatter) {
  for (const Dtype dtype : {f64, f32}) {
    const Tensor w = random({3, 3}, dtype);
    const auto expected = derivatives(GetParam(), w, 0);
    const double tolerance = dtype == f64 ? 1e-11 : 1e-4;
    // f32 1e20 and 1e-23, f64 1e200 and 1e-200; the Hessian of a ratio is of degree -2, and in range half as far.
    for (const int exponent : dtype == f64 ? std::array{664, -664} : std::array{66, -76}) {
      const auto actual = derivatives(GetParam(), w, exponent);
      EXPECT_TRUE(close(actual[0], expected[0], tolerance)) << dtype << " value " << exponent;
      EXPECT_TRUE(close(actual[1], expected[1], tolerance)) << dtype << " gradient " << exponent;
      const auto curved = derivatives(GetParam(), w, GetParam().degree == 1 ? exponent : exponent / 4);
      EXPECT_TRUE(close(curved[2], expected[2], 10 * tolerance)) << dtype << " Hessian " << exponent;
    }
  }
}

TEST_P(Scales, MixInABatchAndReplay) {
  const Tensor w = random({3, 3});
  const Tensor batch = stack({w, 0x1p664 * w, 0x1p-664 * w, zeros({3, 3})});
  Tensor x = batch.clone();
  auto step = capture([&] { return GetParam().f(x); });
  step();
  for (const double factor : {0x1p-300, 1.0}) {
    x.copy_(factor * batch);
    const Tensor eager = GetParam().f(factor * batch), replayed = step();
    for (std::int64_t i = 0; i < 3; ++i) {
      EXPECT_TRUE(same(replayed.select(0, i), eager.select(0, i))) << i;
      EXPECT_TRUE(same(eager.select(0, i), GetParam().f((factor * batch).select(0, i)))) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Norms, Scales, ::testing::ValuesIn(functions),
                         [](const ::testing::TestParamInfo<Scaled>& test) { return test.param.name; });

TEST(EuclideanNorm, OfThreeAndFour) {
  for (const auto& [scale, dtype] : {std::pair{1e200, f64}, {1e-200, f64}, {1e20, f32}, {1e-23, f32}}) {
    const double eps = dtype == f64 ? 1e-15 : 1e-6;
    const auto x = (scale * tensor({3, 4}, {1, 2})).to(dtype).requires_grad_();
    for (const auto& y : {norm(x), vector_norm(x), row_norms(x), schatten_norm(x, 2.0)}) {
      EXPECT_NEAR(y.item() / (5 * scale), 1.0, eps) << scale;
      EXPECT_TRUE(close(grad(y.sum(), {x})[0], tensor({0.6, 0.8}, {1, 2}), eps)) << scale;
    }
  }
}

TEST(EuclideanNorm, IsTheRootOfThePlainSumOfOrdinarySquares) {
  for (const Dtype dtype : {f64, f32})
    for (const int axis : {0, 1, 2}) {
      const auto x = random({5, 600, 7}, dtype);
      const auto plain = sqrt(sum(square(x), axis)), norm = engine::euclidean_norm(x, axis);
      EXPECT_TRUE(same(norm, plain)) << dtype << " axis " << axis;
      // A power of two changes no digit, on either side of where the scaling begins.
      const int far = dtype == f64 ? 600 : 75;
      for (const int exponent : {far, -far}) {
        const auto scaled = engine::euclidean_norm(std::ldexp(1.0, exponent) * x.select(1, 0), -1);
        const auto expected = engine::euclidean_norm(x.select(1, 0), -1);
        EXPECT_TRUE(same(std::ldexp(1.0, -exponent) * scaled, expected)) << dtype << ' ' << exponent;
      }
    }
}

TEST(EuclideanNorm, AtTheEndsOfTheRange) {
  using Limits = std::numeric_limits<double>;
  const double least = Limits::denorm_min(), most = Limits::max(), inf = Limits::infinity();
  const auto length = [](double a, double b) { return vector_norm(tensor({a, b}, {2})).item(); };
  EXPECT_EQ(length(3 * least, 4 * least), 5 * least);
  EXPECT_EQ(length(most, 0), most);
  EXPECT_EQ(length(most, most), inf);
  EXPECT_EQ(length(inf, 1), inf);
  EXPECT_EQ(length(-inf, inf), inf);
  EXPECT_EQ(length(0, -0.0), 0.0);
  EXPECT_TRUE(std::isnan(length(std::nan(""), 1e200)));
  const auto x = tensor({3 * least, 4 * least}, {2}).requires_grad_();
  EXPECT_TRUE(close(grad(vector_norm(x), {x})[0], tensor({0.6, 0.8}, {2}), 1e-15));
  const auto y = tensor({inf, 1}, {2}).requires_grad_();
  const auto g = grad(vector_norm(y), {y})[0].clone();
  EXPECT_TRUE(std::isnan(g.data<double>()[0]));
  EXPECT_EQ(g.data<double>()[1], 0.0);
}

TEST(EuclideanNorm, AtZeroAllDerivativesAreZero) {
  const auto x = zeros({2, 3}).requires_grad_();
  const auto [g] = grad(norm(x), {x}, {.create_graph = true});
  EXPECT_TRUE(same(g.detach(), zeros({2, 3})));
  EXPECT_TRUE(same(grad(sum(g * ones({2, 3})), {x})[0], zeros({2, 3})));
  // Through the norm the Hessian of its square is lost there; the sum of squares keeps it.
  const auto hessian_at_zero = [](auto f) { return hessian(f, tensor({0.0}, {1})).item(); };
  EXPECT_EQ(hessian_at_zero([](const Tensor& v) { return square(vector_norm(v)); }), 0.0);
  EXPECT_EQ(hessian_at_zero([](const Tensor& v) { return sum(square(v)); }), 2.0);
}

TEST(Spectra, OfATinyMatrixInSinglePrecision) {
  const auto w = 1e-23 * diag(tensor({3, 4, 0}, {3})).to(f32);
  EXPECT_FLOAT_EQ(static_cast<float>(norm(w).item()), 5e-23f);
  EXPECT_NEAR(stable_rank(w).item(), 1.5625, 1e-6);
}

TEST(PowerNorms, BelowOneWithZeros) {
  const auto x = tensor({0, 4}, {2}).requires_grad_();
  const auto [g] = grad(vector_norm(x, 0.5), {x}, {.create_graph = true});
  EXPECT_TRUE(same(g.detach(), tensor({0, 1}, {2})));
  EXPECT_TRUE(close(grad(g.sum(), {x})[0] + 1.0, ones({2}), 1e-15));  // |x| alone has no curvature
  const auto w = diag(tensor({0, 4}, {2})).requires_grad_();
  EXPECT_TRUE(close(grad(schatten_norm(w, 0.5), {w})[0], diag(tensor({0, 1}, {2})), 1e-15));
  for (const double p : {0.5, 1.5, 3.0}) {
    const auto zero = zeros({3}).requires_grad_();
    const auto [first] = grad(vector_norm(zero, p), {zero}, {.create_graph = true});
    EXPECT_TRUE(same(grad(sum(first * ones({3})), {zero})[0], zeros({3}))) << p;
  }
}

TEST(PowerNorms, OfExtremePowersAndScales) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const double scale : {1e-200, 1.0, 1e200}) {
    const auto x = scale * tensor({3, -4, 0}, {3});
    EXPECT_NEAR(vector_norm(x, 1000.0).item() / scale, 4.0, 1e-14);
    EXPECT_NEAR(vector_norm(x, 3.0).item() / scale, std::cbrt(91.0), 1e-14);
    EXPECT_NEAR(vector_norm(x, 0.5).item() / scale, std::pow(std::sqrt(3.0) + 2.0, 2), 1e-13);
  }
  // Three equal entries: 3^(1/p), times 1e-200.
  const double power = 0.477121254719662437295 * 1000 - 200;
  EXPECT_NEAR(std::log10(vector_norm(full({3}, 1e-200), 1e-3).item()), power, 1e-10);
  EXPECT_EQ(vector_norm(tensor({1, inf}, {2}), 3.0).item(), inf);
  EXPECT_EQ(vector_norm(tensor({1, inf}, {2}), 0.5).item(), inf);
}

TEST(Components, OfHugeAndTinyMatrices) {
  const auto w = random({4, 3}), target = random({4, 3}) + 0.1 * ones({4, 3});
  const auto expected = relative_errors(w, target), huge = relative_errors(0x1p664 * w, 0x1p664 * target);
  EXPECT_NEAR(huge.row_norm, expected.row_norm, 1e-8);
  EXPECT_NEAR(huge.singular_value, expected.singular_value, 1e-8);
  EXPECT_NEAR(huge.fro, expected.fro, 1e-8);
  EXPECT_NEAR(huge.overall, expected.overall, 1e-14);
  EXPECT_NEAR(relative_errors(0x1p-664 * w, 0x1p-664 * target).overall, expected.overall, 1e-14);
  EXPECT_EQ(components(0x1p664 * w).frobenius_norm, std::ldexp(components(w).frobenius_norm, 664));
}

TEST(RobustPCA, DoesNotDependOnTheScale) {
  const auto w = random({12, 8}), low = matmul(w.narrow(1, 0, 1), w.narrow(0, 0, 1));
  const auto given = low + 3.0 * (w > 1.2), plain = robust_pca(given).sparse;
  for (const double scale : {0x1p664, 0x1p-664})
    EXPECT_TRUE(close(robust_pca(scale * given).sparse / scale, plain, 1e-12)) << scale;
  const auto single = given.to(f32);
  for (const double scale : {0x1p60, 0x1p-70})
    EXPECT_TRUE(close(robust_pca(scale * single).sparse / scale, robust_pca(single).sparse, 1e-6)) << scale;
}

TEST(HugeAndTinyCurvatures, HaveHessianExtremes) {
  for (const double scale : {1e200, 1e-200}) {
    const auto d = scale * tensor({-2, 1, 5, 3}, {4});
    const auto f = [&](const Tensor& x) { return 0.5 * sum(d * x * x); };
    const auto [smallest, largest, iterations, error] = hessian_extremes(f, ones({4}));
    EXPECT_NEAR(smallest / scale, -2.0, 1e-12);
    EXPECT_NEAR(largest / scale, 5.0, 1e-12);
  }
}

}  // namespace
}  // namespace sigmagrad::linalg
