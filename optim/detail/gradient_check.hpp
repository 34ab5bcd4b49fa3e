// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Squares and sums of gradients that an optimiser keeps must stay finite: an infinite one would hold its parameter
// still, or be an error, ever after. Gradients that lead there are refused before anything is changed, and again at
// every replay.
namespace sigmagrad::optim::detail {

struct CheckedGradient {
  const char* optimizer;
  std::size_t number;  // of the parameter
  const Tensor& parameter;
  const Tensor& grad;
};

/// Refuses a gradient with an entry of grad + decay * parameter that is NaN, or beyond `limit` in size.
void refuse_beyond(double limit, const CheckedGradient& given, double decay = 0.0);
/// Refuses one with an entry that is NaN, or whose square is infinite in its dtype.
void refuse_infinite_squares(const CheckedGradient& given, double decay = 0.0);

/// Throws the Error about the gradient's entry that is NaN, or else its largest.
template <class T>
[[noreturn]] void refuse_gradient(const char* optimizer, std::size_t number, const Shape& shape, const T* grad);

}  // namespace sigmagrad::optim::detail
