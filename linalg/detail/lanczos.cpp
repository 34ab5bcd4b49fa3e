// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/detail/lanczos.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

#include <sigmagrad/autograd/kernels/euclidean.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>

namespace sigmagrad::linalg::detail {
namespace {

using Vector = std::vector<double>;
using Basis = std::vector<Vector>;

constexpr double residual_tolerance = 1e-8;  // of a residual, in parts of s1

double inner(const Vector& x, const Vector& y) {
  return engine::sum_entries<double>(0, std::ssize(x), [a = x.data(), b = y.data()](auto i) { return a[i] * b[i]; });
}

SIGMAGRAD_MULTIVERSION void add_scaled(double c, const double* x, std::int64_t n, double* y) {
  for (std::int64_t i = 0; i < n; ++i) y[i] += c * x[i];
}

void multiply(Vector& x, double c) {
  for (double& entry : x) entry *= c;
}

// x minus its parts along the vectors of a basis. Once leaves rounding of the size of what was taken away; twice is
// enough (Parlett 1998, section 6.9).
void orthogonalise(Vector& x, const Basis& locked, const Basis& basis) {
  for (int time = 0; time < 2; ++time)
    for (const Basis* some : {&locked, &basis})
      for (const Vector& q : *some) add_scaled(-inner(q, x), q.data(), std::ssize(x), x.data());
}

// c a and its transpose, times vectors.
template <class T>
struct ScaledMatrix {
  const T* a;
  std::int64_t rows, cols;
  double unit;  // c, a power of two that brings the largest entry near 1

  Vector times(const Vector& x) const {
    Vector y(static_cast<std::size_t>(rows));
    for (std::int64_t i = 0; i < rows; ++i)
      y[i] = engine::sum_entries<double>(0, cols, [row = a + i * cols, v = x.data(), c = unit](auto j) {
        return c * static_cast<double>(row[j]) * v[j];
      });
    return y;
  }

  Vector transposed_times(const Vector& x) const {
    Vector y(static_cast<std::size_t>(cols));
    constexpr std::int64_t together = 4;
    for (std::int64_t i = 0; i < rows; i += together) {
      const auto count = std::min(together, rows - i);
      double factors[together] = {};
      const T* row[together];
      for (std::int64_t k = 0; k < together; ++k) {
        if (k < count) factors[k] = unit * x[i + k];
        row[k] = a + (i + std::min(k, count - 1)) * cols;
      }
      add_rows(factors, row, cols, y.data());
    }
    return y;
  }

  SIGMAGRAD_MULTIVERSION static void add_rows(const double* c, const T* const* row, std::int64_t n, double* y) {
    const T *x0 = row[0], *x1 = row[1], *x2 = row[2], *x3 = row[3];
    for (std::int64_t j = 0; j < n; ++j)
      y[j] += (c[0] * static_cast<double>(x0[j]) + c[1] * static_cast<double>(x1[j])) +
              (c[2] * static_cast<double>(x2[j]) + c[3] * static_cast<double>(x3[j]));
  }
};

// Singular values with their vectors.
struct Triplets {
  Vector values;
  Basis left, right;
};

// A V = U B with B upper bidiagonal, for the part of the matrix that is orthogonal to some triplets.
template <class T>
class Bidiagonalisation {
 public:
  Bidiagonalisation(const ScaledMatrix<T>& matrix, const Triplets& locked, std::uint64_t round)
      : matrix_(matrix), locked_(locked), random_(0, round) {
    append(right_, locked_.right, Vector(static_cast<std::size_t>(matrix.cols)));
  }

  std::int64_t size() const { return std::ssize(left_); }

  void step() {
    Vector u = matrix_.times(right_.back());
    diagonal_.push_back(append(left_, locked_.left, std::move(u)));
    if (size() + std::ssize(locked_.values) == std::min(matrix_.rows, matrix_.cols)) {
      beside_.push_back(0.0);
      return;
    }
    beside_.push_back(append(right_, locked_.right, matrix_.transposed_times(left_.back())));
  }

  // The `count` largest values of B, with their vectors where the last of their residuals is small; none where not.
  Triplets converged(std::int64_t count) const {
    const auto n = size();
    count = std::min(count, n);
    Vector b(n * n), u(n * n), s(n), vt(n * n);
    for (std::int64_t i = 0; i < n; ++i) {
      b[i * n + i] = diagonal_[i];
      if (i + 1 < n) b[i * n + i + 1] = beside_[i];
    }
    svd(b.data(), n, n, u.data(), s.data(), vt.data(), "inspect");
    const double scale = std::max(s[0], locked_.values.empty() ? 0.0 : locked_.values[0]);
    Triplets result;
    for (std::int64_t i = 0; i < count; ++i)
      if (beside_.back() * std::abs(u[(n - 1) * n + i]) > residual_tolerance * scale) return result;
    result.values.assign(s.begin(), s.begin() + count);
    for (std::int64_t i = 0; i < count; ++i) {
      result.left.push_back(combined(left_, u.data() + i, n));
      result.right.push_back(combined(right_, vt.data() + i * n, 1));
    }
    return result;
  }

 private:
  // Appends the part of x that is orthogonal to all others, as a unit vector, and returns its length. Where nothing is
  // left, the space is closed under the matrix: another vector, with the length 0, opens the next.
  double append(Basis& basis, const Basis& locked, Vector x) {
    const double before = std::sqrt(inner(x, x));
    orthogonalise(x, locked, basis);
    double length = std::sqrt(inner(x, x));
    const bool closed = length <= 1e-14 * std::max(before, largest_);
    largest_ = std::max(largest_, before);
    if (closed) {
      random_.normal(x);
      orthogonalise(x, locked, basis);
      multiply(x, 1.0 / std::sqrt(inner(x, x)));
      orthogonalise(x, locked, basis);
      length = std::sqrt(inner(x, x));
    }
    multiply(x, 1.0 / length);
    basis.push_back(std::move(x));
    return closed ? 0.0 : length;
  }

  Vector combined(const Basis& basis, const double* factors, std::int64_t stride) const {
    Vector x(basis.front().size());
    for (std::int64_t j = 0; j < size(); ++j) add_scaled(factors[j * stride], basis[j].data(), std::ssize(x), x.data());
    return x;
  }

  const ScaledMatrix<T>& matrix_;
  const Triplets& locked_;
  Generator random_;
  Basis left_, right_;
  Vector diagonal_, beside_;
  double largest_ = 0.0;
};

// The `count` largest triplets of what is orthogonal to `locked`.
template <class T>
Triplets largest_triplets(const ScaledMatrix<T>& matrix, const Triplets& locked, std::int64_t count,
                          std::uint64_t round) {
  const auto most = std::min(matrix.rows, matrix.cols) - std::ssize(locked.values);
  Bidiagonalisation<T> part(matrix, locked, round);
  for (std::int64_t next = std::min(most, 2 * count + 20);; next = std::min(most, next + next / 3)) {
    while (part.size() < next) part.step();
    Triplets found = part.converged(count);
    if (!found.values.empty()) return found;
    if (next == most) return found;
  }
}

}  // namespace

template <class T>
std::vector<double> leading_singular_values(const T* a, std::int64_t rows, std::int64_t cols, std::int64_t count,
                                            const char* operation) {
  double size = 0.0;
  for (std::int64_t i = 0; i < rows * cols; ++i) size = std::max(size, std::abs(static_cast<double>(a[i])));
  if (size == 0.0) return Vector(static_cast<std::size_t>(count));
  const ScaledMatrix<T> matrix{a, rows, cols, engine::scale_for(size)};
  Triplets all = largest_triplets(matrix, Triplets(), count, 0);
  for (std::uint64_t round = 1; std::ssize(all.values) < std::min(rows, cols); ++round) {
    if (all.values.empty()) engine::fail("{}: no convergence on a [{}, {}] matrix", operation, rows, cols);
    Vector sorted = all.values;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    Triplets missed = largest_triplets(matrix, all, 1, round);
    if (missed.values.empty()) engine::fail("{}: no convergence on a [{}, {}] matrix", operation, rows, cols);
    if (missed.values[0] <= sorted[count - 1] + residual_tolerance * sorted[0]) break;
    all.values.push_back(missed.values[0]);
    all.left.push_back(std::move(missed.left[0]));
    all.right.push_back(std::move(missed.right[0]));
  }
  std::sort(all.values.begin(), all.values.end(), std::greater<>());
  all.values.resize(static_cast<std::size_t>(count));
  multiply(all.values, 1.0 / matrix.unit);
  return all.values;
}

template std::vector<double> leading_singular_values(const double*, std::int64_t, std::int64_t, std::int64_t,
                                                     const char*);
template std::vector<double> leading_singular_values(const float*, std::int64_t, std::int64_t, std::int64_t,
                                                     const char*);

}  // namespace sigmagrad::linalg::detail
