// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/autograd/reductions.hpp>
#include <sigmagrad/nn/losses.hpp>

namespace sigmagrad {
namespace {

Tensor reduce(const Tensor& entries, Reduction reduction) {
  switch (reduction) {
    case Reduction::Mean: return mean(entries);
    case Reduction::Sum: return sum(entries);
    case Reduction::HalfSum: return 0.5 * sum(entries);
  }
  detail::fail("reduction: unknown value {}", static_cast<int>(reduction));
}

}  // namespace

Tensor mse_loss(const Tensor& prediction, const Tensor& target, Reduction reduction) {
  if (prediction.shape() != target.shape())
    detail::fail("mse_loss: shapes differ: {} and {}", prediction.shape().str(), target.shape().str());
  return reduce(square(prediction - target), reduction);
}

}  // namespace sigmagrad
