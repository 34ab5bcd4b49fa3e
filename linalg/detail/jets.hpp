// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

namespace sigmagrad::linalg::detail {

using Matrix = std::vector<double>;

/// Arithmetic with n x n matrices X, or with X + t X' to first order in t: X' then follows X in memory, and what is
/// computed of X gains its derivative.
struct Jets {
  std::int64_t n;
  bool derivative;

  std::size_t square() const { return static_cast<std::size_t>(n * n); }
  std::size_t size() const { return derivative ? 2 * square() : square(); }

  /// c = a b; `scratch` is overwritten.
  void multiply(const Matrix& a, const Matrix& b, Matrix& c, Matrix& scratch) const;

  /// c = a b, where 0 times infinity is 0: an entry depends on nothing but the entries it has a path to.
  void multiply_along_paths(const Matrix& a, const Matrix& b, Matrix& c) const;

  /// x = a^-1 b; b and `scratch` are overwritten. False where a is singular.
  bool solve(const Matrix& a, Matrix& b, Matrix& x, Matrix& scratch) const;

  /// X 2^-power and X' 2^(unit - power): the derivative is in units of 2^-unit.
  void halve(Matrix& x, int power, int unit) const;

  void add_identity(Matrix& x, double factor) const;

  /// X's 1-norm; infinite where an entry is not finite.
  double norm(const Matrix& x) const;
};

}  // namespace sigmagrad::linalg::detail
