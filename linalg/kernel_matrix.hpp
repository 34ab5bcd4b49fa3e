// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::linalg {

/// How the kernel of a convolution [out, in, k...] is seen as a matrix.
enum class KernelView {
  Rows,      // out x (in k...): what multiplies a patch of the input
  Channels,  // in x (out k...): the form of paper 002
  Exact,     // the convolution itself, as a linear map of whole inputs
};

/// The matrix of a kernel of two or more axes, Rows or Channels; gradients flow. Their spectra differ.
Tensor kernel_matrix(const Tensor& kernel, KernelView view = KernelView::Rows);

/// Singular values, descending, of the convolution with `kernel` [out, in, k...] of inputs [in, side, side, ...] that
/// wrap around at their borders (stride 1, one group): side^d min(in, out) values for d axes k, with the kernel's
/// operator norm first. At each frequency the kernel's discrete Fourier transform is an out x in matrix, whose singular
/// values these are (Sedghi, Gupta and Long 2019). `side` is at least each k. With padding by zeros the operator norm
/// is at most that of any side large enough that nothing wraps. Error for non-finite entries, and for more than 2^26
/// values, 2^34 entries of the matrices at all frequencies (side^d out in), or that many times the sum of the sizes k
/// above 2^37, which bounds the steps of the transform. No gradient flows.
Tensor convolution_spectrum(const Tensor& kernel, std::int64_t side);

}  // namespace sigmagrad::linalg
