// SPDX-License-Identifier: BSD-3-Clause
// Two singular values with their vectors from one bidiagonalisation Q B P': the values by dqds, the vectors of B by
// inverse iteration, then Q and P applied to two columns. A full decomposition costs several times as much. LAPACK
// reads the row-major matrix as its transpose, so that Q belongs to our columns and P to our rows.
#include <xflens/cxxblas/auxiliary/debugmacro.h>  // cxxlapack uses its ASSERT and forgets to include it
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <sigmagrad/linalg/detail/lapack.hpp>
#include <sigmagrad/linalg/detail/workspace.hpp>
#include <utility>

#include <xflens/cxxlapack/cxxlapack.cxx>

namespace sigmagrad::linalg::detail {
namespace {

template <class T>
T length(const T* x, int n) {
  T sum = 0;
  for (int i = 0; i < n; ++i) sum += x[i] * x[i];
  return std::sqrt(sum);
}

/// The memory of one thread, and the bidiagonal matrix in it: `diagonal` d and, beside it, `side` e.
template <class T>
class Bidiagonal {
 public:
  /// False where the values do not converge.
  bool reduce(const T* a, int rows_, int cols_) {
    rows = rows_;
    cols = cols_;
    k = std::min(rows, cols);
    for (auto* list : {&diagonal, &side, &tau_q, &tau_p, &values, &scratch}) grow(*list, k);
    for (auto* list : {&below, &middle, &above, &fill, &iterate}) grow(*list, 2 * k);
    grow(rotations, 4 * k);
    const auto call = [&](T* matrix, T* work, int length) {
      return cxxlapack::gebrd<int>(cols, rows, matrix, cols, diagonal.data(), side.data(), tau_q.data(), tau_p.data(),
                                   work, length);
    };
    space.prepare(rows, cols, [&](T* answer) { call(nullptr, answer, -1); });
    call(space.load(a, rows, cols), space.work.data(), space.length);
    std::copy_n(diagonal.begin(), k, values.begin());
    std::copy_n(side.begin(), std::max(k - 1, 0), scratch.begin());
    T* const none = nullptr;
    return cxxlapack::bdsqr<int>(upper() ? 'U' : 'L', k, 0, 0, 0, values.data(), scratch.data(), none, 1, none, 1, none,
                                 1, rotations.data()) == 0;
  }
  T value(std::int64_t i) const { return values[static_cast<std::size_t>(i)]; }

  /// Unit vectors u and v with a v = s u, for two values s. False where the iteration does not find them.
  bool vectors(const std::array<T, 2>& s, T* ut, T* vt) {
    std::fill_n(ut, 2 * rows, T(0));
    std::fill_n(vt, 2 * cols, T(0));
    for (int i = 0; i < 2; ++i)
      if (!pair(s[static_cast<std::size_t>(i)], vt + i * cols, ut + i * rows)) return false;
    apply('Q', cols, rows, tau_q, vt);
    apply('P', rows, cols, tau_p, ut);
    return true;
  }

 private:
  static void grow(std::vector<T>& list, int size) {
    list.resize(std::max(list.size(), static_cast<std::size_t>(size)));
  }
  bool upper() const { return cols >= rows; }

  /// B x = s y. (x1, y1, x2, y2, ...) is the eigenvector of s of the tridiagonal matrix with 0 on the diagonal and d1,
  /// e1, d2, e2, ... beside it (Golub and Kahan 1965); of -s it is (x1, -y1, ...), so that what a small s mixes in
  /// changes lengths and signs only. Of a lower B it is the transpose that has this form.
  bool pair(T s, T* left, T* right) {
    const int n = 2 * k;
    for (int i = 0; i < k; ++i) {
      below[at(2 * i)] = above[at(2 * i)] = diagonal[at(i)];
      if (i + 1 < k) below[at(2 * i + 1)] = above[at(2 * i + 1)] = side[at(i)];
    }
    const T small = std::numeric_limits<T>::epsilon() * values.front();
    std::fill_n(middle.begin(), n, -s - 2 * small);
    cxxlapack::gttrf<int>(n, below.data(), middle.data(), above.data(), fill.data(), space.integers.data());
    // The shift may be another eigenvalue, exactly.
    std::replace(middle.begin(), middle.begin() + n, T(0), small);
    for (int i = 0; i < n; ++i) iterate[at(i)] = T(1) + T(0.3) * static_cast<T>(i % 7);
    for (int pass = 0; pass < 3; ++pass) {
      cxxlapack::gttrs<int>('N', n, 1, below.data(), middle.data(), above.data(), fill.data(), space.integers.data(),
                            iterate.data(), n);
      scale(iterate.data(), n);
    }
    T* const x = upper() ? right : left;
    T* const y = upper() ? left : right;
    for (int i = 0; i < k; ++i) {
      x[i] = iterate[at(2 * i)];
      y[i] = iterate[at(2 * i + 1)];
    }
    scale(x, k);
    scale(y, k);
    T form = 0;  // y' B x
    for (int i = 0; i < k; ++i) form += y[i] * (diagonal[at(i)] * x[i] + (i + 1 < k ? side[at(i)] * x[i + 1] : T(0)));
    if (form < 0) std::transform(y, y + k, y, [](T v) { return -v; });
    return std::abs(std::abs(form) - s) <= 1000 * small;  // false for NaN
  }

  /// By its largest entry first: the solution with a vanishing pivot may be near the end of the range.
  static void scale(T* x, int n) {
    T largest = 0;
    for (int i = 0; i < n; ++i) largest = std::max(largest, std::abs(x[i]));
    if (largest == 0) return;
    std::transform(x, x + n, x, [largest](T v) { return v / largest; });
    const T size = length(x, n);
    std::transform(x, x + n, x, [size](T v) { return v / size; });
  }

  void apply(char which, int order, int other, const std::vector<T>& tau, T* columns) {
    const auto call = [&](T* work, int length) {
      return cxxlapack::ormbr<int>(which, 'L', 'N', order, 2, other, space.matrix.data(), cols, tau.data(), columns,
                                   order, work, length);
    };
    T answer = 0;
    call(&answer, -1);
    grow(space.work, static_cast<int>(std::nextafter(answer, std::numeric_limits<T>::max())));
    call(space.work.data(), static_cast<int>(space.work.size()));
  }

  static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  int rows = 0, cols = 0, k = 0;
  Workspace<T> space;
  std::vector<T> diagonal, side, tau_q, tau_p, values, scratch, below, middle, above, fill, iterate, rotations;
};

/// From the full decomposition: for small matrices, and those that need its care.
template <class T>
void pairs_of_svd(const T* a, std::int64_t rows, std::int64_t cols, const std::array<std::int64_t, 2>& which, T* ut,
                  T* s, T* vt, const char* operation) {
  thread_local std::vector<T> u, all, v;
  const std::int64_t k = std::min(rows, cols);
  u.resize(static_cast<std::size_t>(rows * k));
  all.resize(static_cast<std::size_t>(k));
  v.resize(static_cast<std::size_t>(k * cols));
  svd(a, rows, cols, u.data(), all.data(), v.data(), operation);
  for (std::int64_t i = 0; i < 2; ++i) {
    const std::int64_t j = which[static_cast<std::size_t>(i)];
    s[i] = all[static_cast<std::size_t>(j)];
    for (std::int64_t r = 0; r < rows; ++r) ut[i * rows + r] = u[static_cast<std::size_t>(r * k + j)];
    std::copy_n(v.begin() + static_cast<std::ptrdiff_t>(j * cols), cols, vt + i * cols);
  }
}

/// Whether squares of entries stay within the range of T.
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
  thread_local Bidiagonal<T> bidiagonal;
  check_input(operation, a, rows, cols);
  if (std::min(rows, cols) <= small || !is_scaled(a, rows * cols) ||
      !bidiagonal.reduce(a, static_cast<int>(rows), static_cast<int>(cols)))
    return pairs_of_svd(a, rows, cols, which, ut, s, vt, operation);
  s[0] = bidiagonal.value(which[0]);
  s[1] = bidiagonal.value(which[1]);
  if (!bidiagonal.vectors({s[0], s[1]}, ut, vt)) pairs_of_svd(a, rows, cols, which, ut, s, vt, operation);
}

template void singular_pairs(const double*, std::int64_t, std::int64_t, const std::array<std::int64_t, 2>&, double*,
                             double*, double*, const char*);
template void singular_pairs(const float*, std::int64_t, std::int64_t, const std::array<std::int64_t, 2>&, float*,
                             float*, float*, const char*);

}  // namespace sigmagrad::linalg::detail
