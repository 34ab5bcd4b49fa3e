// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/linalg/kernels/matrix.hpp>
#include <sigmagrad/linalg/svd.hpp>

// Functions of the library with errors that name the function the user called.
namespace sigmagrad::linalg::detail {

SVD svd(const char* operation, const Tensor& w);
/// linalg::svdvals, of which there must be `least`.
Tensor svdvals(const char* operation, const Tensor& w, std::int64_t least = 0);
/// Two of them, [..., 2], by rank (-1 is the last): the same values, whose gradient needs their vectors alone.
Tensor two_svdvals(const char* operation, const Tensor& w, std::int64_t first, std::int64_t second);

}  // namespace sigmagrad::linalg::detail
