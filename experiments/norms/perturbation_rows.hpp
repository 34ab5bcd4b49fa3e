// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/experiments/norms/inequality_tables.hpp>

namespace sigmagrad::experiments::norms {

/// How far singular values, eigenvalues and solutions move if a matrix is perturbed.
std::vector<Inequality> perturbation_rows();

/// The largest distance of an eigenvalue of A + E from the nearest one of A, for each of the matrices [cases, n, n]; of
/// 2 x 2 matrices in closed form, with a gradient.
Tensor eigenvalue_shift(const Tensor& A, const Tensor& E);

}  // namespace sigmagrad::experiments::norms
