// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/norms/perturbation_rows.hpp>

#include <cmath>

namespace sigmagrad::experiments::norms {
namespace {

// A is up to 1e8 times as large as E, whose effect then has seven digits.
constexpr double digits_of_shift = 1e-6;

// Eigenvalues [..., n, 2]. LAPACK's have no gradient; those of 2 x 2 matrices are t / 2 +- (t^2 / 4 - det)^(1/2).
Tensor eigenvalues(const Tensor& A) {
  if (A.size(-1) != 2) return linalg::eigvals(A);
  constexpr double tiny = 1e-30;  // keeps the gradient of the root finite
  const auto entry = [&](std::int64_t i, std::int64_t j) { return A.select(-2, i).select(-1, j); };
  const auto half_gap = (entry(0, 0) - entry(1, 1)) / 2.0, centre = (entry(0, 0) + entry(1, 1)) / 2.0;
  const auto d = square(half_gap) + entry(0, 1) * entry(1, 0);
  const auto real = sqrt(clamp_min(d, tiny)), imaginary = sqrt(clamp_min(-d, tiny));
  return stack({stack({centre - real, -imaginary}, -1), stack({centre + real, imaginary}, -1)}, -2);
}

Tensor symmetric(const Tensor& A) { return (A + A.t()) / 2.0; }

Tensor change_of_values(const Case& c) { return linalg::svdvals(c.A + c.B) - linalg::svdvals(c.A); }

// V diag(1, ..., -1) V^-1 with V of unit columns.
Tensor diagonalised(const Tensor& V) { return matmul(V * linspace(1.0, -1.0, V.size(-1)), linalg::pinv(V)); }
Tensor unit_columns(const Tensor& V) { return V / clamp_min(linalg::col_norms(V), 1e-100).unsqueeze(-2); }

Tensor lengths(const Tensor& x) { return linalg::vector_norm(x, 2.0); }
Tensor solution(const Tensor& A, const Tensor& b) { return matmul(linalg::pinv(A), b.unsqueeze(-1)).squeeze(-1); }

// A relative change that `change` makes: 0 where that is 0, whatever it is relative to, and however it is magnified.
Tensor relative(const Tensor& change, const Tensor& value) { return where(lengths(change) == 0.0, 0.0, value); }

std::vector<Inequality> singular_values() {
  return {{.name = "weyl",
           .claim = "Weyl: |s_i(A + E) - s_i(A)| <= ||E||_2",
           .source = "paper 003, sections 6.3 and 8.2",
           .left = [](const Case& c) { return max(abs(change_of_values(c)), -1); },
           .right = [](const Case& c) { return linalg::norm(c.B, 2); },
           .beside = Beside::Alike,
           .rounding = digits_of_shift,
           .tight = "E is along a pair of singular vectors of A"},
          {.name = "mirsky",
           .claim = "Mirsky: the changes of all singular values together are at most ||E||_F",
           .source = "paper 003, section 8.2",
           .left = [](const Case& c) { return lengths(change_of_values(c)); },
           .right = [](const Case& c) { return linalg::norm(c.B); },
           .beside = Beside::Alike,
           .rounding = digits_of_shift,
           .tight = "E has the singular vectors of A"},
          {.name = "mirsky-all",
           .claim = "It holds in other invariant norms: Schatten 1, 3/2 and 3",
           .source = "paper 003, section 8.2",
           .left =
               [](const Case& c) {
                 const auto change = change_of_values(c);
                 return stack({linalg::vector_norm(change, 1.0), linalg::vector_norm(change, 1.5),
                               linalg::vector_norm(change, 3.0)});
               },
           .right =
               [](const Case& c) {
                 return stack({linalg::schatten_norm(c.B, 1.0), linalg::schatten_norm(c.B, 1.5),
                               linalg::schatten_norm(c.B, 3.0)});
               },
           .beside = Beside::Alike,
           .rounding = digits_of_shift,
           .tight = "E has the singular vectors of A"}};
}

std::vector<Inequality> eigenvalue_rows() {
  const Sizes shapes{{2, 2}, {3, 3}, {5, 5}, {8, 8}};
  return {{.name = "weyl-symmetric",
           .claim = "Eigenvalues of symmetric matrices: |lambda_i(A + E) - lambda_i(A)| <= ||E||_2",
           .source = "paper 003, section 8.3",
           .left =
               [](const Case& c) {
                 const auto A = symmetric(c.A), E = symmetric(c.B);
                 return max(abs(linalg::eigh(A + E).eigenvalues - linalg::eigh(A).eigenvalues), -1);
               },
           .right = [](const Case& c) { return linalg::norm(symmetric(c.B), 2); },
           .beside = Beside::Alike,
           .square = true,
           .rounding = digits_of_shift,
           .rows = 3,
           .tight = "E is along an eigenvector of A"},
          {.name = "bauer-fike-normal",
           .claim = "Bauer-Fike of orthogonal A, where cond(V) = 1: min_i |mu - lambda_i| <= ||E||_2",
           .source = "paper 003, section 8.3",
           .left =
               [](const Case& c) {
                 const auto svd = linalg::svd(c.A);
                 return eigenvalue_shift(matmul(svd.U, svd.Vt), c.B);
               },
           .right = [](const Case& c) { return linalg::norm(c.B, 2); },
           .beside = Beside::Alike,
           .shapes = shapes,
           .rounding = digits_of_shift,
           .rows = 2,
           .columns = 2,
           .tight = "E is a multiple of I"},
          {.name = "bauer-fike",
           .claim = "Bauer-Fike of A = V diag(lambda) V^-1: min_i |mu - lambda_i| <= cond(V) ||E||_2",
           .source = "paper 003, section 8.3",
           .left = [](const Case& c) { return eigenvalue_shift(diagonalised(unit_columns(c.A)), c.B); },
           .right = [](const Case& c) { return linalg::cond(unit_columns(c.A)) * linalg::norm(c.B, 2); },
           .beside = Beside::Alike,
           .shapes = shapes,
           .rounding = 1e-6,
           .beyond = 1e8,
           .rows = 2,
           .columns = 2,
           .tight = "V is orthogonal and E moves one eigenvalue; it stays an upper bound where V is not"}};
}

std::vector<Inequality> solutions() {
  return {{.name = "solve-matrix",
           .claim = "(A + E)(x + dx) = A x gives ||dx|| / ||x + dx|| <= cond(A) ||E||_2 / ||A||_2",
           .source = "paper 003, sections 1.1 and 7.2",
           .left =
               [](const Case& c) {  // with x + dx = 1, which any other vector is a rotation and a factor away from
                 const auto y = ones({c.A.size(-1)});
                 return lengths(solution(c.A, matmul(c.B, y))) / std::sqrt(static_cast<double>(c.A.size(-1)));
               },
           .right = [](const Case& c) { return linalg::cond(c.A) * linalg::norm(c.B, 2) / linalg::norm(c.A, 2); },
           .beside = Beside::Alike,
           .square = true,
           .rounding = 1e-2,
           .beyond = 1e10,
           .rows = 3,
           .tight = "E maps x + dx to the direction that A^-1 stretches most"},
          {.name = "solve-right",
           .claim = "A (x + dx) = b + db gives ||dx|| / ||x|| <= cond(A) ||db|| / ||b||",
           .source = "paper 003, section 7.2",
           .left =
               [](const Case& c) {
                 const auto db = c.B.select(-1, 1);
                 return relative(db, lengths(solution(c.A, db)) / lengths(c.B.select(-1, 0)));
               },
           .right =
               [](const Case& c) {
                 const auto b = matmul(c.A, c.B.narrow(-1, 0, 1)).squeeze(-1), db = c.B.select(-1, 1);
                 return relative(db, linalg::cond(c.A) * lengths(db) / lengths(b));
               },
           .beside = Beside::Alike,
           .shapes = {{2, 2}, {3, 3}, {5, 5}, {8, 8}, {14, 14}},
           .rounding = 1e-2,
           .beyond = 1e10,
           .rows = 3,
           .tight = "x is along v1 and db along u_n"}};
}

}  // namespace

Tensor eigenvalue_shift(const Tensor& A, const Tensor& E) {
  const auto before = eigenvalues(A).unsqueeze(-3), after = eigenvalues(A + E).unsqueeze(-2);  // [..., mu, lambda, 2]
  const auto distances = linalg::vector_norm(after - before, 2.0);
  return max(min(distances, -1), -1);
}

std::vector<Inequality> perturbation_rows() {
  std::vector<Inequality> all;
  for (auto part : {singular_values, eigenvalue_rows, solutions})
    for (auto& row : part()) all.push_back(row);
  return all;
}

}  // namespace sigmagrad::experiments::norms
