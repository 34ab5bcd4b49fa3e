// SPDX-License-Identifier: BSD-3-Clause
// What is exact: norms by singular values, invariance, special cases.
#include <cmath>

#include <sigmagrad/experiments/norms/inequality_tables.hpp>

namespace sigmagrad::experiments::norms {
namespace {

// Exactly orthonormal frames come with each case: those of B.
Tensor rotated(const Case& c) {
  const auto frame = linalg::svd(matmul(c.B, c.B.t()));
  return matmul(frame.U, c.A);
}

struct Row {
  std::string name, claim, section;
  Side left, right;
  Beside beside = Beside::Nothing;
  double rounding = 1e-12;
};

std::vector<Row> values() {
  const auto norm = [](linalg::NormKind kind) { return [kind](const Case& c) { return linalg::norm(c.A, kind); }; };
  return {
      {"F-squares", "||A||_F^2 is the sum of the squared singular values", "3.2",
       [](const Case& c) { return square(linalg::norm(c.A)); },
       [](const Case& c) { return square(linalg::svdvals(c.A)).sum(-1); }},
      {"2-s1", "||A||_2 = s1, and v1 attains it", "4.2", norm(2),
       [](const Case& c) { return vector_norm_of(matmul(c.A, linalg::svd(c.A).Vt.narrow(-2, 0, 1).t()), 2.0); }},
      {"longest-axis", "A / ||A||_2 has a longest semi-axis of exactly 1", "1.3",
       [](const Case& c) {
         return linalg::svdvals(c.A / linalg::norm(c.A, 2).unsqueeze(-1).unsqueeze(-1)).select(-1, 0);
       },
       [](const Case& c) { return ones({c.A.size(0)}); }},
      {"1-transposed", "||A||_1 = ||A'||_inf", "4.3", norm(1),
       [](const Case& c) { return linalg::norm(c.A.t(), linalg::Inf); }},
      {"nuc-root", "||A||_* = tr (A'A)^(1/2)", "5.2", norm(linalg::Nuclear),
       [](const Case& c) { return sqrt(relu(linalg::eigh(matmul(c.A.t(), c.A)).eigenvalues)).sum(-1); },
       Beside::Nothing, 1e-6},
      {"psd", "A positive semidefinite matrix has ||P||_2 = lambda_max and ||P||_* = tr P", "4.2 and 5.2",
       [](const Case& c) {
         const auto P = matmul(c.A, c.A.t());
         return linalg::norm(P, 2) + linalg::norm(P, linalg::Nuclear);
       },
       [](const Case& c) {
         const auto P = matmul(c.A, c.A.t());
         return max(linalg::eigh(P).eigenvalues, -1) + trace(P);
       }},
      {"rank-one", "At rank one F, 2, * and every Schatten norm are equal", "3.2",
       [](const Case& c) { return linalg::schatten_norm(linalg::low_rank_approximation(c.A, 1), 1.3); },
       [](const Case& c) { return linalg::norm(linalg::low_rank_approximation(c.A, 1)); }},
      {"schatten-cases", "Schatten 1, 2, inf are the nuclear, Frobenius and spectral norm", "5.1",
       [](const Case& c) {
         return stack(
             {linalg::schatten_norm(c.A, 1), linalg::schatten_norm(c.A, 2), linalg::schatten_norm(c.A, infinity)});
       },
       [](const Case& c) {
         return stack({linalg::norm(c.A, linalg::Nuclear), linalg::norm(c.A), linalg::norm(c.A, 2)});
       }},
      {"kyfan-ends", "Ky Fan k = 1 is the spectral and k = r the nuclear norm", "5.4",
       [](const Case& c) {
         return stack({linalg::ky_fan_norm(c.A, 1), linalg::ky_fan_norm(c.A, std::min(c.A.size(-2), c.A.size(-1)))});
       },
       [](const Case& c) {
         return stack({linalg::norm(c.A, 2), linalg::norm(c.A, linalg::Nuclear)});
       }}};
}

std::vector<Row> geometry() {
  return {{"inner-trace", "<A, B> = tr(A'B), measured against ||A||_F ||B||_F", "3.1",
           [](const Case& c) { return trace(matmul(c.A.t(), c.B)) + 2.0 * linalg::norm(c.A) * linalg::norm(c.B); },
           [](const Case& c) { return linalg::inner_product(c.A, c.B) + 2.0 * linalg::norm(c.A) * linalg::norm(c.B); },
           Beside::Alike},
          {"dual-attained", "<A, U V'> = ||A||_*: the dual norm is attained", "2.4",
           [](const Case& c) {
             const auto svd = linalg::svd(c.A);
             return linalg::inner_product(c.A, matmul(svd.U, svd.Vt));
           },
           [](const Case& c) { return linalg::norm(c.A, linalg::Nuclear); }},
          {"basis-energy", "||A q||^2 has the mean ||A||_F^2 / n over an orthonormal basis q", "3.1",
           [](const Case& c) {
             const auto basis = linalg::svd(matmul(c.B.t(), c.B)).U;
             return square(linalg::col_norms(matmul(c.A, basis))).mean(-1);
           },
           [](const Case& c) { return square(linalg::norm(c.A)) / static_cast<double>(c.A.size(-1)); }, Beside::Alike},
          {"invariance", "Schatten, Ky Fan and their kin do not change under rotations Q A", "3.3 and 6.1",
           [](const Case& c) { return invariant_norms(rotated(c)); },
           [](const Case& c) { return invariant_norms(c.A); }, Beside::Alike},
          {"F-of-identity", "||I||_F = sqrt(n), where every induced norm has ||I|| = 1", "4.5",
           [](const Case& c) { return linalg::norm(eye(c.A.size(-1))).expand({c.A.size(0)}); },
           [](const Case& c) { return full({c.A.size(0)}, std::sqrt(static_cast<double>(c.A.size(-1)))); }}};
}

}  // namespace

std::vector<Inequality> identity_rows() {
  std::vector<Inequality> all;
  for (const auto& rows : {values(), geometry()})
    for (const Row& row : rows)
      all.push_back({.name = row.name,
                     .claim = row.claim,
                     .source = "paper 003, section " + row.section,
                     .left = row.left,
                     .right = row.right,
                     .beside = row.beside,
                     .equality = true,
                     .rounding = row.rounding});
  return all;
}

}  // namespace sigmagrad::experiments::norms
