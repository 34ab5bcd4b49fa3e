// SPDX-License-Identifier: BSD-3-Clause
// Two singular values with their vectors from one bidiagonalisation Q B P': the values by dqds, the vectors of B by
// inverse iteration, then Q and P applied to two columns. A full decomposition costs several times as much. LAPACK
// reads the row-major matrix as its transpose, so that Q belongs to our columns and P to our rows.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include <xflens/cxxblas/auxiliary/debugmacro.h>  // cxxlapack uses its ASSERT and forgets to include it
#include <xflens/cxxlapack/cxxlapack.cxx>

#include <sigmagrad/linalg/detail/workspace.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>

namespace sigmagrad::linalg::detail {
namespace {

template <class T>
T length(const T* x, int n) {
  T sum = 0;
  for (int i = 0; i < n; ++i) sum += x[i] * x[i];
  return std::sqrt(sum);
}

// The bidiagonal matrix of one matrix: `diagonal` d and, beside it, `side` e.
template <class T>
class Bidiagonal {
 public:
  Bidiagonal(const T* a, int rows_, int cols_)
      : rows(rows_), cols(cols_), k(std::min(rows, cols)), matrix(a, std::int64_t{rows} * cols) {}

  // False where the values do not converge.
  bool reduce() {
    space.run(gebrd);
    std::copy_n(diagonal.begin(), k, values.begin());
    std::copy_n(side.begin(), std::max(k - 1, 0), scratch.begin());
    T* const none = nullptr;
    return cxxlapack::bdsqr<int>(upper() ? 'U' : 'L', k, 0, 0, 0, values.data(), scratch.data(), none, 1, none, 1, none,
                                 1, rotations.data()) == 0;
  }
  T value(std::int64_t i) const { return values[i]; }

  // Unit vectors u and v with a v = s u, for two values s. False where the iteration does not find them.
  bool vectors(const std::array<T, 2>& s, T* ut, T* vt) {
    std::fill(left.begin(), left.end(), T(0));
    std::fill(right.begin(), right.end(), T(0));
    for (int i = 0; i < 2; ++i)
      if (!pair(s[static_cast<std::size_t>(i)], right.data() + i * cols, left.data() + i * rows)) return false;
    space.run(multiply_q);
    space.run(multiply_p);
    std::copy(left.begin(), left.end(), ut);
    std::copy(right.begin(), right.end(), vt);
    return true;
  }

 private:
  bool upper() const { return cols >= rows; }

  // B x = s y. (x1, y1, x2, y2, ...) is the eigenvector of s of the tridiagonal matrix with 0 on the diagonal and d1,
  // e1, d2, e2, ... beside it (Golub and Kahan 1965); of -s it is (x1, -y1, ...), so that what a small s mixes in
  // changes lengths and signs only. Of a lower B it is the transpose that has this form.
  bool pair(T s, T* v, T* u) {
    const int n = 2 * k;
    for (int i = 0; i < k; ++i) {
      below[2 * i] = above[2 * i] = diagonal[i];
      if (i + 1 < k) below[2 * i + 1] = above[2 * i + 1] = side[i];
    }
    const T small = std::numeric_limits<T>::epsilon() * values[0];
    std::fill_n(middle.begin(), n, -s - 2 * small);
    cxxlapack::gttrf<int>(n, below.data(), middle.data(), above.data(), fill.data(), pivots.data());
    // The shift may be another eigenvalue, exactly.
    std::replace(middle.begin(), middle.begin() + n, T(0), small);
    for (int i = 0; i < n; ++i) iterate[i] = T(1) + T(0.3) * static_cast<T>(i % 7);
    for (int pass = 0; pass < 3; ++pass) {
      cxxlapack::gttrs<int>('N', n, 1, below.data(), middle.data(), above.data(), fill.data(), pivots.data(),
                            iterate.data(), n);
      scale(iterate.data(), n);
    }
    T* const x = upper() ? u : v;
    T* const y = upper() ? v : u;
    for (int i = 0; i < k; ++i) {
      x[i] = iterate[2 * i];
      y[i] = iterate[2 * i + 1];
    }
    scale(x, k);
    scale(y, k);
    T form = 0;  // y' B x
    for (int i = 0; i < k; ++i) form += y[i] * (diagonal[i] * x[i] + (i + 1 < k ? side[i] * x[i + 1] : T(0)));
    if (form < 0) std::transform(y, y + k, y, [](T entry) { return -entry; });
    return std::abs(std::abs(form) - s) <= 1000 * small;  // false for NaN
  }

  // By its largest entry first: the solution with a vanishing pivot may be near the end of the range.
  static void scale(T* x, int n) {
    T largest = 0;
    for (int i = 0; i < n; ++i) largest = std::max(largest, std::abs(x[i]));
    if (largest == 0) return;
    std::transform(x, x + n, x, [largest](T v) { return v / largest; });
    const T size = length(x, n);
    std::transform(x, x + n, x, [size](T v) { return v / size; });
  }

  struct Reduce {
    Bidiagonal& b;
    int operator()(T* work, int length) const {
      return cxxlapack::gebrd<int>(b.cols, b.rows, b.matrix.data(), b.cols, b.diagonal.data(), b.side.data(),
                                   b.tau_q.data(), b.tau_p.data(), work, length);
    }
  };
  // Q times our right vectors and P times our left ones.
  template <char which>
  struct Multiply {
    Bidiagonal& b;
    int operator()(T* work, int length) const {
      constexpr bool q = which == 'Q';
      const int order = q ? b.cols : b.rows, other = q ? b.rows : b.cols;
      return cxxlapack::ormbr<int>(which, 'L', 'N', order, 2, other, b.matrix.data(), b.cols,
                                   (q ? b.tau_q : b.tau_p).data(), (q ? b.right : b.left).data(), order, work, length);
    }
  };

  int rows, cols, k;
  Copy<T> matrix;
  engine::Scratch<T> diagonal{k}, side{k}, tau_q{k}, tau_p{k}, values{k}, scratch{k}, rotations{4 * k};
  engine::Scratch<T> below{2 * k}, middle{2 * k}, above{2 * k}, fill{2 * k}, iterate{2 * k};
  engine::Scratch<int> pivots{2 * k};
  engine::Scratch<T> left{2 * rows}, right{2 * cols};
  Reduce gebrd{*this};
  Multiply<'Q'> multiply_q{*this};
  Multiply<'P'> multiply_p{*this};
  Workspace<T> space{{rows, cols, 0}, gebrd, multiply_q, multiply_p};
};

// From the full decomposition: for small matrices, and those that need its care.
template <class T>
void pairs_of_svd(const T* a, std::int64_t rows, std::int64_t cols, const std::array<std::int64_t, 2>& which, T* ut,
                  T* s, T* vt, const char* operation) {
  const std::int64_t k = std::min(rows, cols);
  const engine::Scratch<T> u(rows * k), all(k), v(k * cols);
  svd(a, rows, cols, u.data(), all.data(), v.data(), operation);
  for (std::int64_t i = 0; i < 2; ++i) {
    const std::int64_t j = which[static_cast<std::size_t>(i)];
    s[i] = all[j];
    for (std::int64_t r = 0; r < rows; ++r) ut[i * rows + r] = u[r * k + j];
    std::copy_n(v.begin() + j * cols, cols, vt + i * cols);
  }
}

// Whether squares of entries stay within the range of T.
template <class T>
bool is_scaled(const T* a, std::int64_t n) {
  T largest = 0;
  for (std::int64_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(a[i]));
  const T least = std::sqrt(std::numeric_limits<T>::min()) / std::numeric_limits<T>::epsilon();
  return largest > least && largest < 1 / least;
}

}  // namespace

template <class T>
void singular_pairs(const T* a, std::int64_t rows, std::int64_t cols, const std::array<std::int64_t, 2>& which, T* ut,
                    T* s, T* vt, const char* operation) {
  constexpr std::int64_t small = 2;
  check_input(operation, a, rows, cols);
  if (std::min(rows, cols) <= small || !is_scaled(a, rows * cols))
    return pairs_of_svd(a, rows, cols, which, ut, s, vt, operation);
  Bidiagonal<T> bidiagonal(a, static_cast<int>(rows), static_cast<int>(cols));
  if (!bidiagonal.reduce()) return pairs_of_svd(a, rows, cols, which, ut, s, vt, operation);
  s[0] = bidiagonal.value(which[0]);
  s[1] = bidiagonal.value(which[1]);
  if (!bidiagonal.vectors({s[0], s[1]}, ut, vt)) pairs_of_svd(a, rows, cols, which, ut, s, vt, operation);
}

template void singular_pairs(const double*, std::int64_t, std::int64_t, const std::array<std::int64_t, 2>&, double*,
                             double*, double*, const char*);
template void singular_pairs(const float*, std::int64_t, std::int64_t, const std::array<std::int64_t, 2>&, float*,
                             float*, float*, const char*);

}  // namespace sigmagrad::linalg::detail
