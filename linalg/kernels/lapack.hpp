// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <complex>
#include <cstdint>

// Factorisations of one row-major matrix, T = double or float. Work memory comes from the thread's pool, so that in
// steady state nothing is allocated, and neither earlier shapes nor the place of a matrix in its batch reach a result:
// LAPACK sees lengths that depend on the shape alone, and memory on a cache line. Non-finite input, sizes beyond
// LAPACK's 32-bit integers and iterations that do not converge throw Error naming `operation`. A matrix without entries
// is left alone.
namespace sigmagrad::linalg::detail {

/// a: rows x cols -> s: min(rows, cols), descending. As accurate as the bidiagonal form allows, in absolute terms
/// eps * s[0] for a matrix without structure; 2 x 2, one row and one column have closed forms, accurate in every value.
template <class T>
void singular_values(const T* a, std::int64_t rows, std::int64_t cols, T* s, const char* operation = "svdvals");

/// These values where `a`, on a cache line, may be overwritten: a large matrix needs no second copy.
template <class T>
void singular_values_in_place(T* a, std::int64_t rows, std::int64_t cols, T* s, const char* operation);

/// Likewise of a complex matrix, which is overwritten.
void complex_singular_values(std::complex<double>* a, std::int64_t rows, std::int64_t cols, double* s,
                             const char* operation);

/// a = u diag(s) vt with u: rows x k, s: k, vt: k x cols, k = min(rows, cols). s is that of singular_values: divide and
/// conquer, which finds the vectors, loses values far below s[0].
template <class T>
void svd(const T* a, std::int64_t rows, std::int64_t cols, T* u, T* s, T* vt, const char* operation = "svd");

/// Two of the singular values, of the ranks `which`, with their vectors: ut: 2 x rows, s: 2, vt: 2 x cols. Of tied
/// values each gets vectors of their common space, the same for both.
template <class T>
void singular_pairs(const T* a, std::int64_t rows, std::int64_t cols, const std::array<std::int64_t, 2>& which, T* ut,
                    T* s, T* vt, const char* operation);

/// The symmetric part of a: n x n is vectors diag(values) vectors', values ascending, vectors in columns.
template <class T>
void eigh(const T* a, std::int64_t n, T* values, T* vectors);

/// n pairs (real, imaginary), ascending by real part, of a conjugate pair the positive imaginary part first.
template <class T>
void eigenvalues(const T* a, std::int64_t n, T* pairs);

/// Likewise, with the right eigenvectors as pairs (real, imaginary) of length 1 in the columns of vectors: n x n x 2,
/// the largest entry of each real. Those of a matrix that is symmetric are orthonormal.
template <class T>
void eigenpairs(const T* a, std::int64_t n, T* pairs, T* vectors);

/// The symmetric part of a: n x n is l l', l lower triangular with zeros above. A matrix that is not positive definite
/// is an Error.
template <class T>
void cholesky(const T* a, std::int64_t n, T* l);

/// a = q r with q: rows x k, r: k x cols upper triangular, k = min(rows, cols).
template <class T>
void qr(const T* a, std::int64_t rows, std::int64_t cols, T* q, T* r, const char* operation);

/// x: n x cols with a x = b. False where a pivot is exactly zero; x is not written then.
template <class T>
bool solve(const T* a, std::int64_t n, const T* b, std::int64_t cols, T* x, const char* operation);

/// The inverse; false as above.
template <class T>
bool inverse(const T* a, std::int64_t n, T* x, const char* operation);

/// The determinant as its sign and the logarithm of its size: 0 and -infinity for a singular matrix, 1 and 0 at n = 0.
template <class T>
void slogdet(const T* a, std::int64_t n, T* sign, T* logabsdet);

/// The determinant, which leaves the range only where its own value does; 1 at n = 0.
template <class T>
void determinant(const T* a, std::int64_t n, T* value);

/// a = p l u with a permutation p: rows x rows, l: rows x k with ones on the diagonal and zeros above, and u: k x cols
/// upper triangular, k = min(rows, cols).
template <class T>
void lu(const T* a, std::int64_t rows, std::int64_t cols, T* p, T* l, T* u);

/// A lower bound of s[0] / s[n - 1] by `steps` of power iteration and of inverse iteration through one LU
/// factorisation; infinite for a singular matrix, 0 at n = 0.
template <class T>
T cond_estimate(const T* a, std::int64_t n, int steps);

}  // namespace sigmagrad::linalg::detail
