// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/autograd/tensor.hpp>

// What functions of matrices share, with errors that name the function the user called.
namespace sigmagrad::linalg::detail {

inline void check_matrix(const char* operation, const Tensor& w) {
  if (w.dim() < 2) sigmagrad::detail::fail("{}: needs a matrix, got {}", operation, w.shape().str());
}

/// linalg::svdvals, of which there must be `least`.
Tensor svdvals(const char* operation, const Tensor& w, std::int64_t least = 0);

}  // namespace sigmagrad::linalg::detail
