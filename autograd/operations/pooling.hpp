// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/options.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

// Images are [..., H, W]. Padding is at most half of the window, and a window that would hold no entry is an Error.

/// The largest entry under each place of a window, [..., H', W']; NaN if one is there. What is outside of the image
/// does not count. The first of equal entries, row by row, has the gradient.
Tensor max_pool2d(const Tensor& x, Pair window, MaxPool2dOptions options = {});
/// The mean under each place of a window. What is outside of the image counts as zeros, or not at all.
Tensor avg_pool2d(const Tensor& x, Pair window, AvgPool2dOptions options = {});
/// Means under windows that cover the image, `size` of them: window i has the rows from floor(i H / h) to
/// ceil((i + 1) H / h). A size of 1 is the mean of the whole image.
Tensor adaptive_avg_pool2d(const Tensor& x, Pair size);

}  // namespace sigmagrad
