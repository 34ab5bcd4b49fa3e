// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/euclidean.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/pointwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

// What functions of matrices share: checks that name the function the user called, and small tensor formulas.
namespace sigmagrad::linalg::detail {

inline void check_matrix(const char* operation, const Tensor& w) {
  if (w.dim() < 2) engine::fail("{}: needs a matrix, got {}", operation, w.shape().str());
}

inline void check_square(const char* operation, const Tensor& w) {
  check_matrix(operation, w);
  if (w.size(-1) != w.size(-2)) engine::fail("{}: needs a square matrix, got {}", operation, w.shape().str());
}

/// [..., rows, cols].
struct Sizes {
  explicit Sizes(const Tensor& w)
      : batch(w.shape().head(w.dim() - 2)), rows(w.size(-2)), cols(w.size(-1)), k(std::min(rows, cols)) {}
  Sizes(const char* operation, const Tensor& w) : Sizes((check_matrix(operation, w), w)) {}

  Shape matrices(std::int64_t m, std::int64_t n) const { return batch.inserted(-1, m).inserted(-1, n); }
  Shape vectors(std::int64_t n) const { return batch.inserted(-1, n); }

  Shape batch;
  std::int64_t rows, cols, k;
};

/// Error where an entry is infinite or NaN, at a replay too.
void check_finite(const char* operation, const Tensor& x);

/// The part of the largest singular value up to which one may be rounding alone: max(m, n) times the machine epsilon.
double rank_tolerance(const char* operation, const Tensor& w);

/// matrix diag(factors) and diag(factors) matrix.
inline Tensor columns_times(const Tensor& matrix, const Tensor& factors) { return matrix * factors.unsqueeze(-2); }
inline Tensor rows_times(const Tensor& factors, const Tensor& matrix) { return factors.unsqueeze(-1) * matrix; }

/// matrix x for vectors x [..., n].
inline Tensor times(const Tensor& matrix, const Tensor& x) { return matmul(matrix, x.unsqueeze(-1)).squeeze(-1); }

/// a / b, and 0 where b is 0, whatever a is; the shapes broadcast.
inline Tensor divide_or_zero(const Tensor& a, const Tensor& b) {
  return engine::binary(
      "div", a, b, engine::saves_inputs, [](auto x, auto y) { return y == 0 ? decltype(y)(0) : x / y; },
      [](const engine::Saved& saved, const Tensor& grad) { return divide_or_zero(grad, saved.input(1)); },
      [](const engine::Saved& saved, const Tensor& grad) {
        const Tensor& y = saved.input(1);
        return divide_or_zero(-grad * divide_or_zero(saved.input(0), y), y);
      });
}

/// A constant power of two for each matrix, [..., 1, 1], that brings its largest entry near 1. What does not depend on
/// the scale has the same bits of w times that, and squares of entries stay in range.
inline Tensor scales_of(const Tensor& w) {
  const Tensor sizes = w.numel() == 0 ? sum(w.detach().flatten(-2), -1) : max(abs(w.detach()).flatten(-2), -1);
  return engine::scales_for(sizes).unsqueeze(-1).unsqueeze(-1);
}

/// x_j - x_i and x_j + x_i as matrices [..., i, j].
inline Tensor differences(const Tensor& x) { return x.unsqueeze(-2) - x.unsqueeze(-1); }
inline Tensor sums(const Tensor& x) { return x.unsqueeze(-2) + x.unsqueeze(-1); }

inline Tensor symmetric_part(const Tensor& x) { return 0.5 * (x + x.t()); }

/// Q of the QR of a tall matrix x, with the signs that make R's diagonal positive. If x has normal entries, Q is
/// uniform among the matrices with orthonormal columns (Haar; Mezzadri 2007).
Tensor orthonormal_columns(const Tensor& x);

/// The parts of x's columns and rows outside the spaces of U and V: (1 - UU') x, x (1 - VV').
inline Tensor outside_columns(const Tensor& U, const Tensor& x) { return x - matmul(U, matmul(U.t(), x)); }
inline Tensor outside_rows(const Tensor& x, const Tensor& Vt) { return x - matmul(matmul(x, Vt.t()), Vt); }

}  // namespace sigmagrad::linalg::detail
