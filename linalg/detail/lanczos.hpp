// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

namespace sigmagrad::linalg::detail {

/// The `count` largest singular values of a row-major matrix of finite entries, descending, count <= min(rows, cols),
/// each within 1e-8 s1: Golub and Kahan's bidiagonalisation with full reorthogonalisation (Golub and Van Loan, section
/// 10.4), until the residuals are that small. Copies of a repeated value are found as well: the values are accepted if
/// a search orthogonal to all their vectors finds none above the least of them.
template <class T>
std::vector<double> leading_singular_values(const T* a, std::int64_t rows, std::int64_t cols, std::int64_t count,
                                            const char* operation);

}  // namespace sigmagrad::linalg::detail
