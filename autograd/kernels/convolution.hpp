// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/options.hpp>

namespace sigmagrad::engine {

/// The sizes of a convolution y = w * x: x [models, samples, groups, in, image], w [models, groups, out, in, kernel],
/// y [models, samples, groups, out, result]. It is linear in x and in w, and its two transposes are here, too.
///
/// The work is cut into pieces, some rows of a result or some whole results, by the sizes of one sample alone: hence a
/// sample's bits do not depend on those beside it. The weight's gradient adds pieces in an order that depends on the
/// sizes alone.
struct Convolution {
  std::int64_t models, samples, groups, in, out;
  Pair image, kernel, result, stride, padding, dilation;

  std::int64_t pixels() const { return image.h * image.w; }
  std::int64_t taps() const { return kernel.h * kernel.w; }
  std::int64_t terms() const { return in * taps(); }
  std::int64_t positions() const { return result.h * result.w; }

  /// y = w * x + bias, where bias [models, groups, out] may be null.
  void apply(const double* x, const double* w, const double* bias, double* y) const;
  void apply(const float* x, const float* w, const float* bias, float* y) const;
  /// The gradient of <w * x, y> in x.
  void input_gradient(const double* y, const double* w, double* x) const;
  void input_gradient(const float* y, const float* w, float* x) const;
  /// The gradient of <w * x, y> in w.
  void weight_gradient(const double* x, const double* y, double* w) const;
  void weight_gradient(const float* x, const float* y, float* w) const;
};

}  // namespace sigmagrad::engine
