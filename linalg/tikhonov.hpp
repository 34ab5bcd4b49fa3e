// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Least squares with a penalty on the solution (Tikhonov; ridge regression), for mu > 0. All is computed from the
// singular values of A, never from A'A, whose condition number is the square of A's. Non-finite entries are an Error.
namespace sigmagrad::linalg {

/// argmin ||A X - B||_F^2 + mu ||X||_F^2 = (A'A + mu I)^-1 A'B: A [..., m, n], B [..., m, k] or a vector a system, as
/// for `solve`; the result is [..., n, k] or [..., n]. Differentiable any number of times, whatever the singular
/// values.
Tensor tikhonov(const Tensor& A, const Tensor& B, Scalar mu);

/// The condition number of A'A + mu I, (s1^2 + mu) / (sn^2 + mu): [..., m, n] -> [...]. The least of the n singular
/// values of a matrix of fewer rows than columns is 0.
Tensor tikhonov_cond(const Tensor& A, double mu);

/// What the penalty makes of a solution X that fits exactly: tikhonov(A, A X, mu) - X = -mu (A'A + mu I)^-1 X, which is
/// the mean error of the solution under noise of mean 0. X [..., n, k] or a vector a system; the result has its shape.
/// It is computed from mu / (s^2 + mu), without the difference.
Tensor tikhonov_bias(const Tensor& A, const Tensor& X, Scalar mu);

}  // namespace sigmagrad::linalg
