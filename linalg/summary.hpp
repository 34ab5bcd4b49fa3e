// SPDX-License-Identifier: BSD-3-Clause
// The parts of `inspect` for those who have decomposed a matrix themselves.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <sigmagrad/autograd/tensor/tensor.hpp>
#include <sigmagrad/linalg/inspect.hpp>

namespace sigmagrad::linalg::detail {

/// "3 NaN and 1 infinite of 120 entries"; nothing where all are finite.
std::string non_finite_text(const Tensor& values);

/// The side of the inputs for KernelView::Exact of a kernel [out, in, k...]: the one asked for, or the largest k.
std::int64_t input_side(std::span<const std::int64_t> kernel, const InspectOptions& options);

/// The part of s1 above which a value counts, of a matrix whose entries had this dtype.
double rank_tolerance(std::int64_t rows, std::int64_t columns, Dtype dtype, const InspectOptions& options);

/// Fills in what follows from shape, singular values, Frobenius norm and rank_tolerance.
void describe(MatrixSummary& row);

}  // namespace sigmagrad::linalg::detail
