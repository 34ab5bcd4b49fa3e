// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/kernel_matrix.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <functional>
#include <numbers>
#include <numeric>
#include <vector>

#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>

namespace sigmagrad::linalg {
namespace {

void check_kernel(const char* operation, const Tensor& kernel) {
  if (kernel.dim() < 2 || kernel.numel() == 0)
    engine::fail("{}: needs a kernel [out, in, k...] with entries, got {}", operation, kernel.shape().str());
}

// A kernel of a few bytes may have more frequencies than anybody waits for, and more values than the memory holds.
void check_cost(const Tensor& kernel, std::int64_t side) {
  struct Bound {
    const char* what;
    double needed, most;
  };
  const auto out = static_cast<double>(kernel.size(0)), in = static_cast<double>(kernel.size(1));
  const double places = std::pow(static_cast<double>(side), kernel.dim() - 2), entries = places * out * in;
  const double sizes = std::accumulate(kernel.shape().begin() + 2, kernel.shape().end(), 0.0);
  for (const auto& [what, needed, most] : std::array{Bound{"singular values", places * std::min(out, in), 0x1p26},
                                                     Bound{"entries of their matrices", entries, 0x1p34},
                                                     Bound{"steps of the transform", entries * sizes, 0x1p37}})
    if (needed > most)
      engine::fail("convolution_spectrum: a kernel {} and inputs of side {} need {:.3g} {}, expected at most {:.3g}",
                   kernel.shape().str(), side, needed, what, most);
}

// The Fourier transform of real kernels [count, k...] on a grid whose axes have the length `side`.
class KernelTransform {
 public:
  using Complex = std::complex<double>;

  KernelTransform(const Shape& shape, std::int64_t side)
      : sizes_(shape.begin() + 2, shape.end()), waves_(sizes_.empty() ? 0 : static_cast<std::size_t>(side)) {
    for (std::size_t i = 0; i < waves_.size(); ++i) {
      const double angle = -2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(side);
      waves_[i] = {std::cos(angle), std::sin(angle)};
    }
  }

  // Calls f(transform, times) with the `count` numbers at a frequency. The transform at minus that frequency is the
  // conjugate: of such a pair, one is made, with times = 2.
  template <class F>
  void for_each_frequency(std::vector<Complex> kernels, const F& f) const {
    visit(kernels, sizes_.size(), true, f);
  }

 private:
  // Transforms the last of `axes` axes, one frequency of it after the other. `mirrored`: minus the frequency so far is
  // that frequency itself, so that the pairs are to be told apart by this axis and those before it.
  template <class F>
  void visit(std::vector<Complex>& kernels, std::size_t axes, bool mirrored, const F& f) const {
    if (axes == 0) return f(kernels, mirrored ? 1 : 2);
    const auto side = waves_.size(), size = static_cast<std::size_t>(sizes_[axes - 1]);
    std::vector<Complex> rest(kernels.size() / size);
    for (std::size_t frequency = 0; frequency < (mirrored ? side / 2 + 1 : side); ++frequency) {
      for (std::size_t i = 0; i < rest.size(); ++i) {
        rest[i] = 0.0;
        for (std::size_t tap = 0, phase = 0; tap < size; ++tap) {
          rest[i] += kernels[i * size + tap] * waves_[phase];
          phase += frequency;
          if (phase >= side) phase -= side;
        }
      }
      visit(rest, axes - 1, mirrored && (frequency == 0 || 2 * frequency == side), f);
    }
  }

  std::vector<std::int64_t> sizes_;
  std::vector<Complex> waves_;
};

}  // namespace

Tensor kernel_matrix(const Tensor& kernel, KernelView view) {
  check_kernel("kernel_matrix", kernel);
  if (view == KernelView::Exact) engine::fail("kernel_matrix: the exact convolution has a spectrum alone, no matrix");
  const Tensor first = view == KernelView::Channels ? kernel.transpose(0, 1) : kernel;
  return first.reshape({first.size(0), first.numel() / first.size(0)});
}

Tensor convolution_spectrum(const Tensor& kernel, std::int64_t side) {
  check_kernel("convolution_spectrum", kernel);
  const auto entries = kernel.to_vector();
  const auto bad = std::count_if(entries.begin(), entries.end(), [](double x) { return !std::isfinite(x); });
  if (bad > 0) engine::fail("convolution_spectrum: {} of {} entries are not finite", bad, entries.size());
  std::int64_t least = 1;
  for (int axis = 2; axis < kernel.dim(); ++axis) least = std::max(least, kernel.size(axis));
  if (side < least)
    engine::fail("convolution_spectrum: side must be >= {} for a kernel {} (got {})", least, kernel.shape().str(),
                 side);
  check_cost(kernel, side);
  const auto out = kernel.size(0), in = kernel.size(1);
  std::vector<double> values, s(static_cast<std::size_t>(std::min(out, in)));
  const KernelTransform transform(kernel.shape(), side);
  transform.for_each_frequency({entries.begin(), entries.end()}, [&](auto& matrix, int times) {
    detail::complex_singular_values(matrix.data(), out, in, s.data(), "convolution_spectrum");
    for (int copy = 0; copy < times; ++copy) values.insert(values.end(), s.begin(), s.end());
  });
  std::sort(values.begin(), values.end(), std::greater<>());
  return tensor(values, {std::ssize(values)}, kernel.dtype());
}

}  // namespace sigmagrad::linalg
