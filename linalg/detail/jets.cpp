// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/detail/jets.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/kernels/gemm.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>

namespace sigmagrad::linalg::detail {
namespace {

// c += a b, both without their zeros.
void add_product_along_paths(const double* a, const double* b, double* c, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t k = 0; k < n; ++k) {
      const double factor = a[i * n + k];
      for (std::int64_t j = 0; factor != 0 && j < n; ++j)
        if (b[k * n + j] != 0) c[i * n + j] += factor * b[k * n + j];
    }
}

}  // namespace

void Jets::multiply(const Matrix& a, const Matrix& b, Matrix& c, Matrix& scratch) const {
  const engine::Gemm gemm{n, n, n, false, false};
  gemm(derivative ? 2 : 1, a.data(), 0, b.data(), n * n, c.data());
  if (!derivative) return;
  gemm(1, a.data() + n * n, 0, b.data(), 0, scratch.data());
  for (std::size_t i = 0; i < square(); ++i) c[square() + i] += scratch[i];
}

void Jets::multiply_along_paths(const Matrix& a, const Matrix& b, Matrix& c) const {
  std::fill(c.begin(), c.end(), 0.0);
  add_product_along_paths(a.data(), b.data(), c.data(), n);
  if (!derivative) return;
  add_product_along_paths(a.data(), b.data() + n * n, c.data() + n * n, n);
  add_product_along_paths(a.data() + n * n, b.data(), c.data() + n * n, n);
}

bool Jets::solve(const Matrix& a, Matrix& b, Matrix& x, Matrix& scratch) const {
  if (!detail::solve(a.data(), n, b.data(), n, x.data(), "expm")) return false;
  if (!derivative) return true;
  const std::int64_t next = n * n;  // a x' = b' - a' x
  engine::Gemm{n, n, n, false, false}(1, a.data() + next, 0, x.data(), 0, scratch.data());
  for (std::size_t i = 0; i < square(); ++i) b[square() + i] -= scratch[i];
  return detail::solve(a.data(), n, b.data() + next, n, x.data() + next, "expm");
}

void Jets::halve(Matrix& x, int power, int unit) const {
  const double factor = std::ldexp(1.0, -power), slope = std::ldexp(1.0, unit - power);
  for (std::size_t i = 0; i < square(); ++i) x[i] *= factor;
  for (std::size_t i = square(); i < size(); ++i) x[i] *= slope;
}

void Jets::add_identity(Matrix& x, double factor) const {
  for (std::int64_t i = 0; i < n; ++i) x[static_cast<std::size_t>(i * (n + 1))] += factor;
}

double Jets::norm(const Matrix& x) const {
  thread_local std::vector<double> sums;
  sums.assign(static_cast<std::size_t>(n), 0.0);
  const double* row = x.data();
  for (std::int64_t i = 0; i < n; ++i, row += n)
    for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += std::abs(row[j]);
  double largest = 0.0, total = 0.0;
  for (const double sum : sums) {
    largest = std::max(largest, sum);
    total += sum;
  }
  return std::isfinite(total) ? largest : std::numeric_limits<double>::infinity();
}

}  // namespace sigmagrad::linalg::detail
