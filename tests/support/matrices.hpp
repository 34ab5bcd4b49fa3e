// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <vector>

#include <sigmagrad/tests/support/op_cases.hpp>

// Textbook matrix algorithms for the references, one matrix at a time.
namespace sigmagrad::testing {

using Values = std::vector<double>;
using Matrix = std::vector<Values>;  // rows

Matrix transposed(const Matrix& w);
Matrix product(const Matrix& a, const Matrix& b);
Matrix identity(std::size_t n);

double dot(const Values& a, const Values& b);
double total(const Values& x);
double largest(const Values& x);
double length(const Values& x);
Values of_rows(const Matrix& w, double (*f)(const Values&));

/// w = turn' rows with an orthogonal `turn` and orthogonal rows, whose lengths, descending, are the singular values:
/// for w of at most as many rows as columns.
struct Turned {
  Matrix turn, rows;
};
Turned one_sided_jacobi(const Matrix& w);
Values singular_values(const Matrix& w);
/// U diag(f(s, i)) V', s the i-th largest singular value.
Matrix spectral_function(const Matrix& w, const std::function<double(double, std::size_t)>& f);

/// Eigenvalues of a symmetric matrix, ascending, with eigenvectors in rows.
struct Eigen {
  Values values;
  Matrix vectors;
};
Eigen two_sided_jacobi(Matrix a);

/// a^-1 b by Gaussian elimination with partial pivoting; the determinant goes to `determinant`.
Matrix gauss(Matrix a, Matrix b, double* determinant = nullptr);

/// f of each matrix [..., m, n]: `count` numbers [..., count], or one number [...] where `count` is 0.
Array each_matrix(const Array& x, std::int64_t count, const std::function<Values(const Matrix&)>& f);
/// f of each matrix: matrices [..., rows, cols].
Array each_matrix(const Array& x, std::int64_t rows, std::int64_t cols, const std::function<Matrix(const Matrix&)>& f);

/// A row of a function of one tensor of matrices of any shape, or of square matrices; without a reference.
OpCase matrix_row(const std::string& name, const std::string& operation, std::function<Tensor(const Tensor&)> f,
                  const Extremes& extremes);
OpCase square_row(const std::string& name, const std::string& operation, std::function<Tensor(const Tensor&)> f,
                  const Extremes& extremes);
/// Folds a wide and a tall matrix of two singular values.
LongAxis folds_long_matrices(double factor = 4.0);
/// Answers of functions of the singular values: entries must be finite, and all of them count.
Extremes spectral_answers(const std::string& operation, const Scaling& scaling, const Outcome& zeros,
                          const Outcome& equal);
/// What becomes of matrices with a NaN.
Misuse refuses_nan(const std::string& operation, const std::function<Tensor(const Tensor&)>& f);

}  // namespace sigmagrad::testing
