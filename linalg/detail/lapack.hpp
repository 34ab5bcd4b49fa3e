// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

// Factorisations of one row-major matrix, T = double or float. Work memory belongs to the thread and is kept: once the
// largest shape has been seen nothing is allocated. Non-finite input, sizes beyond LAPACK's 32-bit integers and
// iterations that do not converge throw Error naming `operation`. A matrix without entries is left alone.
namespace sigmagrad::linalg::detail {

/// a: rows x cols -> s: min(rows, cols), descending. As accurate as the bidiagonal form allows, in absolute terms
/// eps * s[0] for a matrix without structure; 2 x 2, one row and one column have closed forms, accurate in every value.
template <class T>
void singular_values(const T* a, std::int64_t rows, std::int64_t cols, T* s, const char* operation = "svdvals");

/// a = u diag(s) vt with u: rows x k, s: k, vt: k x cols, k = min(rows, cols). s is that of singular_values: divide and
/// conquer, which finds the vectors, loses values far below s[0].
template <class T>
void svd(const T* a, std::int64_t rows, std::int64_t cols, T* u, T* s, T* vt);

}  // namespace sigmagrad::linalg::detail
