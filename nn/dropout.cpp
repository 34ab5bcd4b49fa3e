// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/dropout.hpp>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/pointwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::nn {

Dropout::Dropout(Options options) : p_(options.p) {
  if (!(p_ >= 0.0 && p_ <= 1.0)) engine::fail("Dropout: p must be in [0, 1] (got {})", p_);
}

Tensor Dropout::operator()(const Tensor& x) const {
  if (!is_training() || p_ == 0.0) return hooked(x, x);
  const double scale = p_ < 1.0 ? 1.0 / (1.0 - p_) : 0.0;
  return hooked(x, engine::masked(x, scale * bernoulli(full_like(x, 1.0 - p_))));
}

}  // namespace sigmagrad::nn
