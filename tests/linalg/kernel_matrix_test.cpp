// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <cstdint>
#include <vector>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/kernel_matrix.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

Tensor random_kernel(const Shape& shape) {
  Generator generator(8);
  return randn(shape, generator);
}

// The convolution of inputs [in, side, side] that wrap around, as a matrix: y[p] = sum over taps of kernel x[p + tap].
Tensor dense_convolution(const Tensor& kernel, std::int64_t side) {
  const auto out = kernel.size(0), in = kernel.size(1), high = kernel.size(2), wide = kernel.size(3);
  const auto places = side * side;
  std::vector<double> matrix(static_cast<std::size_t>(out * places * in * places));
  const auto entries = kernel.to_vector();
  std::size_t next = 0;
  for (std::int64_t o = 0; o < out; ++o)
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t a = 0; a < high; ++a)
        for (std::int64_t b = 0; b < wide; ++b, ++next)
          for (std::int64_t y = 0; y < side; ++y)
            for (std::int64_t x = 0; x < side; ++x) {
              const auto row = o * places + y * side + x;
              const auto column = i * places + (y + a) % side * side + (x + b) % side;
              matrix[static_cast<std::size_t>(row * in * places + column)] += entries[next];
            }
  return tensor(matrix, {out * places, in * places});
}

TEST(KernelMatrix, RowsAndChannels) {
  const auto kernel = arange(0, 12).reshape({2, 3, 2, 1});  // out 2, in 3
  EXPECT_TRUE(same(kernel_matrix(kernel), tensor({{0, 1, 2, 3, 4, 5}, {6, 7, 8, 9, 10, 11}})));
  EXPECT_TRUE(same(kernel_matrix(kernel, KernelView::Channels), tensor({{0, 1, 6, 7}, {2, 3, 8, 9}, {4, 5, 10, 11}})));
  const auto matrix = tensor({{1, 2, 3}, {4, 5, 6}});
  EXPECT_TRUE(same(kernel_matrix(matrix), matrix));
  EXPECT_TRUE(same(kernel_matrix(matrix, KernelView::Channels), matrix.t()));
}

TEST(KernelMatrix, GradientsFlow) {
  const auto kernel = random_kernel({2, 3, 2, 2}).requires_grad_();
  for (const auto view : {KernelView::Rows, KernelView::Channels})
    EXPECT_TRUE(close(grad(sum(square(kernel_matrix(kernel, view))), {kernel})[0], 2.0 * kernel.detach(), 1e-15));
}

TEST(ConvolutionSpectrum, IsThatOfTheWholeMap) {
  for (const auto& shape : {Shape{3, 2, 3, 3}, Shape{2, 3, 2, 3}, Shape{1, 1, 1, 1}, Shape{2, 2, 5, 4}})
    for (const std::int64_t side : {5, 6}) {
      const auto kernel = random_kernel(shape);
      EXPECT_TRUE(close(convolution_spectrum(kernel, side), svdvals(dense_convolution(kernel, side)), 1e-13))
          << shape << " " << side;
    }
}

TEST(ConvolutionSpectrum, HasOtherNumbersOfAxes) {
  const auto kernel = random_kernel({2, 3, 3});
  const auto as_two = convolution_spectrum(kernel.reshape({2, 3, 3, 1}), 7).to_vector();
  const auto as_one = convolution_spectrum(kernel, 7).to_vector();
  ASSERT_EQ(as_one.size(), 14u);
  ASSERT_EQ(as_two.size(), 98u);
  for (std::size_t i = 0; i < as_one.size(); ++i) EXPECT_NEAR(as_two[7 * i], as_one[i], 1e-13);  // each seven times
  const auto matrix = random_kernel({4, 3});
  EXPECT_TRUE(close(convolution_spectrum(matrix, 9), svdvals(matrix), 1e-14));
  const auto volume = convolution_spectrum(random_kernel({1, 2, 2, 2, 2}), 3);
  EXPECT_EQ(volume.shape(), Shape{27});
  EXPECT_NEAR(sum(square(volume)).item(), 27.0 * sum(square(random_kernel({1, 2, 2, 2, 2}))).item(), 1e-10);
}

TEST(ConvolutionSpectrum, TheNormExceedsThatOfTheRowsByAtMostTheRootOfTheTaps) {
  const auto kernel = random_kernel({4, 4, 3, 3});
  const double exact = convolution_spectrum(kernel, 16).at({0}), rows = norm(kernel_matrix(kernel), 2).item();
  EXPECT_LE(exact, 3.0 * rows);
  EXPECT_GE(exact, rows * (1 - 1e-12) / 3.0);
}

TEST(ConvolutionSpectrum, RefusesWhatTakesTooLong) {
  const auto refusal = [](const Shape& shape, std::int64_t side) {
    return error_of([&] { convolution_spectrum(ones(shape), side); });
  };
  EXPECT_EQ(refusal({1, 1, 1, 1, 1, 1, 1, 100}, 100),
            "convolution_spectrum: a kernel [1, 1, 1, 1, 1, 1, 1, 100] and inputs of side 100 need 1e+12 singular "
            "values, expected at most 6.71e+07");
  EXPECT_EQ(refusal({1, 1, 1, 1}, std::int64_t{1} << 40),
            "convolution_spectrum: a kernel [1, 1, 1, 1] and inputs of side 1099511627776 need 1.21e+24 singular "
            "values, expected at most 6.71e+07");
  EXPECT_EQ(refusal({1, 1000, 1, 1}, 5000),
            "convolution_spectrum: a kernel [1, 1000, 1, 1] and inputs of side 5000 need 2.5e+10 entries of their "
            "matrices, expected at most 1.72e+10");
  EXPECT_EQ(refusal({1, 1, 1'000'000}, 1'000'000),
            "convolution_spectrum: a kernel [1, 1, 1000000] and inputs of side 1000000 need 1e+12 steps of the "
            "transform, expected at most 1.37e+11");
  EXPECT_EQ(refusal({4, 3}, -1), "convolution_spectrum: side must be >= 1 for a kernel [4, 3] (got -1)");
}

TEST(ConvolutionSpectrum, IsTransformedAxisByAxis) {
  const auto spectrum = convolution_spectrum(random_kernel({1, 1, 256, 256}), 256);  // 2^32 steps tap by tap
  EXPECT_EQ(spectrum.numel(), 1 << 16);
  EXPECT_NEAR(sum(square(spectrum)).item() / (65536.0 * sum(square(random_kernel({1, 1, 256, 256}))).item()), 1, 1e-12);
}

TEST(ConvolutionSpectrum, RefusesWhatHasNone) {
  EXPECT_EQ(error_of([] {
              convolution_spectrum(ones({2, 2, 3, 5}), 4);
            }),
            "convolution_spectrum: side must be >= 5 for a kernel [2, 2, 3, 5] (got 4)");
  EXPECT_EQ(error_of([] {
              convolution_spectrum(full({1, 2, 2}, std::nan("")), 4);
            }),
            "convolution_spectrum: 4 of 4 entries are not finite");
  EXPECT_EQ(error_of([] { kernel_matrix(ones({3})); }),
            "kernel_matrix: needs a kernel [out, in, k...] with entries, got [3]");
  EXPECT_EQ(error_of([] {
              kernel_matrix(ones({3, 2, 2}), KernelView::Exact);
            }),
            "kernel_matrix: the exact convolution has a spectrum alone, no matrix");
}

}  // namespace
}  // namespace sigmagrad::linalg
