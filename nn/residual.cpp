// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/residual.hpp>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::nn {

Tensor Residual::operator()(const Tensor& x) const {
  const Tensor y = branch_(x), beside = shortcut_.size() == 0 ? x : shortcut_(x);
  if (y.shape() != beside.shape())
    engine::fail("Residual: branch and shortcut must make one shape, got {} and {}", y.shape().str(),
                 beside.shape().str());
  return hooked(x, y + beside);
}

}  // namespace sigmagrad::nn
