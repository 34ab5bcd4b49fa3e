// SPDX-License-Identifier: BSD-3-Clause
// LAPACK factors what it sees, A' = P L U. Here the same memory reads A = U' L' P': a lower factor, a unit upper factor
// and an exchange of unknowns, so that right-hand sides are solved for where they lie.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <xflens/cxxblas/auxiliary/debugmacro.h>  // cxxlapack uses its ASSERT and forgets to include it
#include <xflens/cxxlapack/cxxlapack.cxx>

#include <sigmagrad/linalg/detail/closed_forms.hpp>
#include <sigmagrad/linalg/detail/start_vector.hpp>
#include <sigmagrad/linalg/detail/workspace.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>

namespace sigmagrad::linalg::detail {
namespace {

constexpr auto trsm(double) { return cblas_dtrsm; }
constexpr auto trsm(float) { return cblas_strsm; }
constexpr auto trsv(double) { return cblas_dtrsv; }
constexpr auto trsv(float) { return cblas_strsv; }
constexpr auto gemv(double) { return cblas_dgemv; }
constexpr auto gemv(float) { return cblas_sgemv; }

// Up to this size the calls cost more than the work.
constexpr int small = 8;

// getrf's factors of a small matrix, in getrf's layout; false where a pivot is zero.
template <class T>
bool factor_small(T* a, int n, int* pivots) {
  for (int k = 0; k < n; ++k) {
    T* const row = a + k * n;
    const auto* largest = std::max_element(row + k, row + n, [](T x, T y) { return std::abs(x) < std::abs(y); });
    const auto p = static_cast<int>(largest - row);
    pivots[k] = p + 1;
    if (row[p] == 0) return false;
    for (int i = 0; i < n && p != k; ++i) std::swap(a[i * n + k], a[i * n + p]);
    for (int j = k + 1; j < n; ++j) row[j] /= row[k];
    for (int i = k + 1; i < n; ++i)
      for (int j = k + 1; j < n; ++j) a[i * n + j] -= a[i * n + k] * row[j];
  }
  return true;
}

// trsm of a small matrix.
template <class T>
void solve_small(bool lower, bool transpose, bool unit, const T* a, int n, T* x, std::int64_t cols) {
  const bool forward = lower != transpose;
  for (int step = 0; step < n; ++step) {
    const int i = forward ? step : n - 1 - step;
    for (int p = forward ? 0 : i + 1; p < (forward ? i : n); ++p) {
      const T factor = transpose ? a[p * n + i] : a[i * n + p];
      for (std::int64_t j = 0; j < cols; ++j) x[i * cols + j] -= factor * x[p * cols + j];
    }
    for (std::int64_t j = 0; j < cols && !unit; ++j) x[i * cols + j] /= a[i * n + i];
  }
}

template <class T>
class LU {
 public:
  LU(const T* a, std::int64_t n, const char* operation)
      : n_((check_input(operation, a, n, n), static_cast<int>(n))), copy_(a, n * n), factors_(copy_.data()) {
    int* const pivots = pivots_.data();
    singular =
        n_ <= small ? !factor_small(factors_, n_, pivots) : cxxlapack::getrf<int>(n_, n_, factors_, n_, pivots) != 0;
  }

  // x: n x cols becomes A^-1 x.
  void solve(T* x, std::int64_t cols) const {
    on_right_side(x, cols, [&](T* y) {
      triangle(CblasLower, CblasNoTrans, CblasNonUnit, y, cols);
      triangle(CblasUpper, CblasNoTrans, CblasUnit, y, cols);
      for (int i = n_ - 1; i >= 0; --i) exchange(y, cols, i);
    });
  }

  // x: n x cols becomes A^-T x.
  void solve_transposed(T* x, std::int64_t cols) const {
    on_right_side(x, cols, [&](T* y) {
      for (int i = 0; i < n_; ++i) exchange(y, cols, i);
      triangle(CblasUpper, CblasTrans, CblasUnit, y, cols);
      triangle(CblasLower, CblasTrans, CblasNonUnit, y, cols);
    });
  }

  void determinant(T* sign, T* logabsdet) const {
    double log = 0.0;
    bool negative = false;
    for (int i = 0; i < n_; ++i) {
      const double pivot = factors_[static_cast<std::ptrdiff_t>(i) * n_ + i];
      log += std::log(std::abs(pivot));
      negative ^= (pivot < 0) != (pivots_[i] != i + 1);
    }
    *sign = negative ? T{-1} : T{1};
    *logabsdet = static_cast<T>(log);
  }

  // The product of the pivots, whose parts may leave the range.
  T determinant() const {
    double product = 1.0;
    std::int64_t exponent = 0;
    for (int i = 0; i < n_; ++i) {
      int power = 0;
      product = std::frexp(product * factors_[static_cast<std::ptrdiff_t>(i) * n_ + i], &power);
      if (pivots_[i] != i + 1) product = -product;
      exponent += power;
    }
    return static_cast<T>(std::ldexp(product, static_cast<int>(std::clamp<std::int64_t>(exponent, -10000, 10000))));
  }

  bool singular;

 private:
  template <class Call>
  void on_right_side(T* x, std::int64_t cols, const Call& call) const {
    if (n_ <= small) return call(x);  // no BLAS
    on_cache_line(x, n_ * cols, call);
  }

  void triangle(CBLAS_UPLO part, CBLAS_TRANSPOSE transpose, CBLAS_DIAG diagonal, T* x, std::int64_t cols) const {
    if (n_ <= small)
      solve_small(part == CblasLower, transpose == CblasTrans, diagonal == CblasUnit, factors_, n_, x, cols);
    else if (cols == 1)
      trsv(T{})(CblasRowMajor, part, transpose, diagonal, n_, factors_, n_, x, 1);
    else
      trsm(T{})(CblasRowMajor, CblasLeft, part, transpose, diagonal, n_, static_cast<int>(cols), T{1}, factors_, n_, x,
                static_cast<int>(cols));
  }

  void exchange(T* x, std::int64_t cols, int i) const {
    T *const row = x + i * cols, *const other = x + (pivots_[i] - 1) * cols;
    if (row != other) std::swap_ranges(row, row + cols, other);
  }

  int n_;
  Copy<T> copy_;
  T* factors_;
  engine::Scratch<int> pivots_{n_};
};

// Divides x by its length, which it returns; a zero or overflown vector stays.
template <class T>
T normalize(const engine::Scratch<T>& x) {
  const T length = euclidean_norm(x.data(), x.size());
  if (length > 0 && std::isfinite(length))
    for (T& value : x) value /= length;
  return length;
}

// x becomes A x or A' x.
template <class T>
void multiply(const T* a, int n, CBLAS_TRANSPOSE transpose, const engine::Scratch<T>& x, const engine::Scratch<T>& y) {
  gemv(T{})(CblasRowMajor, transpose, n, n, T{1}, a, n, x.data(), 1, T{0}, y.data(), 1);
  std::copy(y.begin(), y.end(), x.begin());
}

}  // namespace

template <class T>
bool solve(const T* a, std::int64_t n, const T* b, std::int64_t cols, T* x, const char* operation) {
  if (n == 0 || cols == 0) return true;
  check_input(operation, b, n, cols);
  const LU<T> lu(a, n, operation);
  if (lu.singular) return false;
  std::copy_n(b, n * cols, x);
  lu.solve(x, cols);
  return true;
}

template <class T>
bool inverse(const T* a, std::int64_t n, T* x, const char* operation) {
  if (n == 0) return true;
  const LU<T> lu(a, n, operation);
  if (lu.singular) return false;
  std::fill_n(x, n * n, T{0});
  for (std::int64_t i = 0; i < n; ++i) x[i * n + i] = T{1};
  lu.solve(x, n);
  return true;
}

template <class T>
void slogdet(const T* a, std::int64_t n, T* sign, T* logabsdet) {
  *sign = T{1};
  *logabsdet = T{0};
  if (n == 0) return;
  const LU<T> lu(a, n, "slogdet");
  if (!lu.singular) return lu.determinant(sign, logabsdet);
  *sign = T{0};
  *logabsdet = -std::numeric_limits<T>::infinity();
}

template <class T>
void determinant(const T* a, std::int64_t n, T* value) {
  *value = T{1};
  if (n == 0) return;
  const LU<T> lu(a, n, "det");
  *value = lu.singular ? T{0} : lu.determinant();
}

template <class T>
void lu(const T* a, std::int64_t rows, std::int64_t cols, T* p, T* l, T* u) {
  check_input("lu", a, rows, cols);
  const std::int64_t k = std::min(rows, cols);
  const engine::Scratch<T> columns(rows * cols);  // LAPACK's order
  const engine::Scratch<int> pivots(k);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < cols; ++j) columns[j * rows + i] = a[i * cols + j];
  const int m = static_cast<int>(rows), n = static_cast<int>(cols);
  if (k > 0) cxxlapack::getrf<int>(m, n, columns.data(), m, pivots.data());  // goes on where a pivot is zero
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < k; ++j) l[i * k + j] = i > j ? columns[j * rows + i] : i == j ? T{1} : T{0};
  for (std::int64_t i = 0; i < k; ++i)
    for (std::int64_t j = 0; j < cols; ++j) u[i * cols + j] = i <= j ? columns[j * rows + i] : T{0};
  const engine::Scratch<std::int64_t> order(rows);  // row i of l u is row order[i] of a
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::int64_t i = 0; i < k; ++i) std::swap(order[i], order[pivots[i] - 1]);
  std::fill_n(p, rows * rows, T{0});
  for (std::int64_t i = 0; i < rows; ++i) p[order[i] * rows + i] = T{1};
}

template <class T>
T cond_estimate(const T* a, std::int64_t n, int steps) {
  if (n == 0) return T{0};
  const LU<T> lu(a, n, "cond_estimate");
  if (lu.singular) return std::numeric_limits<T>::infinity();
  const Copy<T> matrix(a, n * n);
  const engine::Scratch<T> large(n), least(n), product(n);
  start_vector(large.data(), n);
  start_vector(least.data(), n);
  T largest = normalize(large), inverse_smallest = normalize(least);
  for (int step = 0; step < steps; ++step) {
    for (const auto transpose : {CblasNoTrans, CblasTrans}) {
      multiply(matrix.data(), static_cast<int>(n), transpose, large, product);
      largest = normalize(large);
    }
    lu.solve_transposed(least.data(), 1);
    normalize(least);
    lu.solve(least.data(), 1);
    inverse_smallest = normalize(least);
  }
  return largest * inverse_smallest;
}

template bool solve(const double*, std::int64_t, const double*, std::int64_t, double*, const char*);
template bool solve(const float*, std::int64_t, const float*, std::int64_t, float*, const char*);
template bool inverse(const double*, std::int64_t, double*, const char*);
template bool inverse(const float*, std::int64_t, float*, const char*);
template void slogdet(const double*, std::int64_t, double*, double*);
template void slogdet(const float*, std::int64_t, float*, float*);
template void determinant(const double*, std::int64_t, double*);
template void determinant(const float*, std::int64_t, float*);
template void lu(const double*, std::int64_t, std::int64_t, double*, double*, double*);
template void lu(const float*, std::int64_t, std::int64_t, float*, float*, float*);
template double cond_estimate(const double*, std::int64_t, int);
template float cond_estimate(const float*, std::int64_t, int);

}  // namespace sigmagrad::linalg::detail
