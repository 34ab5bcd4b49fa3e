// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/kernel_matrix.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <functional>
#include <numbers>
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

// The Fourier transform of kernels on a grid of `axes` axes of length `side`.
class KernelTransform {
 public:
  KernelTransform(const Shape& shape, std::int64_t side)
      : side_(side), sizes_(shape.begin() + 2, shape.end()), waves_(side) {
    for (std::int64_t i = 0; i < side; ++i) {
      const double angle = -2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(side);
      waves_[i] = {std::cos(angle), std::sin(angle)};
    }
    for (const auto size : sizes_) {
      places_ *= side;
      taps_ *= size;
    }
  }

  std::int64_t places() const { return places_; }

  // The number of the frequency that is minus this one; its transform is the conjugate.
  std::int64_t mirrored(std::int64_t frequency) const {
    std::int64_t result = 0;
    for (std::int64_t power = 1; power < places_; power *= side_)
      result += (side_ - frequency / power % side_) % side_ * power;
    return result;
  }

  // out[i] is the transform at a frequency of the i-th of `count` kernels, one after the other.
  void operator()(const double* kernels, std::int64_t count, std::int64_t frequency, std::complex<double>* out) const {
    std::vector<std::complex<double>> waves(static_cast<std::size_t>(taps_));
    for (std::int64_t tap = 0; tap < taps_; ++tap) waves[tap] = waves_[phase(tap, frequency)];
    for (std::int64_t i = 0; i < count; ++i) {
      out[i] = 0.0;
      for (std::int64_t tap = 0; tap < taps_; ++tap) out[i] += kernels[i * taps_ + tap] * waves[tap];
    }
  }

 private:
  // In steps of 2 pi / side: the inner product of the tap's place and the frequency.
  std::int64_t phase(std::int64_t tap, std::int64_t frequency) const {
    std::int64_t result = 0;
    for (std::size_t axis = sizes_.size(); axis-- > 0;) {
      result += tap % sizes_[axis] * (frequency % side_);
      tap /= sizes_[axis];
      frequency /= side_;
    }
    return result % side_;
  }

  std::int64_t side_, places_ = 1, taps_ = 1;
  std::vector<std::int64_t> sizes_;
  std::vector<std::complex<double>> waves_;
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
  for (int axis = 2; axis < kernel.dim(); ++axis)
    if (side < kernel.size(axis))
      engine::fail("convolution_spectrum: side must be >= {} for a kernel {} (got {})", kernel.size(axis),
                   kernel.shape().str(), side);
  const KernelTransform transform(kernel.shape(), side);
  const auto out = kernel.size(0), in = kernel.size(1), k = std::min(out, in);
  std::vector<std::complex<double>> matrix(static_cast<std::size_t>(out * in));
  std::vector<double> values, s(static_cast<std::size_t>(k));
  for (std::int64_t frequency = 0; frequency < transform.places(); ++frequency) {
    const auto mirror = transform.mirrored(frequency);
    if (mirror < frequency) continue;
    transform(entries.data(), out * in, frequency, matrix.data());
    detail::complex_singular_values(matrix.data(), out, in, s.data(), "convolution_spectrum");
    for (int copy = 0; copy < (mirror == frequency ? 1 : 2); ++copy) values.insert(values.end(), s.begin(), s.end());
  }
  std::sort(values.begin(), values.end(), std::greater<>());
  return tensor(values, {std::ssize(values)}, kernel.dtype());
}

}  // namespace sigmagrad::linalg
