// SPDX-License-Identifier: BSD-3-Clause
// Condition numbers. LAPACK's s_n is exact up to rounding of s_1, so that a condition number of 1e12 has four digits:
// rows with condition numbers on either side allow for 1e-2, and leave out what exceeds 1e12.
#include <cmath>

#include <sigmagrad/experiments/norms/inequality_tables.hpp>

namespace sigmagrad::experiments::norms {
namespace {

constexpr double digits_of_cond = 1e-2, largest_cond = 1e12;

Tensor cond(const Case& c) { return linalg::cond(c.A); }
Tensor cond_1(const Case& c) { return linalg::cond(c.A, 1); }

// kappa_left <= constant kappa_right.
Inequality equivalence(const std::string& name, const std::string& claim, Side left, Side right, double reached,
                       const std::string& tight) {
  return {.name = name,
          .claim = claim,
          .source = "paper 003, section 7.3",
          .left = std::move(left),
          .right = std::move(right),
          .constant = [](double, double n) { return n; },
          .shapes = {{1, 1}, {2, 2}, {3, 3}, {5, 5}, {8, 8}},
          .square = true,
          .rounding = digits_of_cond,
          .beyond = largest_cond,
          .rows = 4,
          .columns = 4,
          .reached = reached,
          .tight = tight};
}

Tensor without_last(const Tensor& B) { return linalg::low_rank_approximation(B, B.size(-1) - 1); }

constexpr const char* source = "paper 003, section 7.3";  // known before any table is made

std::vector<Inequality> bounds() {
  return {{.name = "1/cond",
           .claim = "cond(A) >= 1",
           .source = source,
           .left = [](const Case& c) { return ones_like(cond(c)); },
           .right = cond,
           .square = true,
           .columns = 4,
           .tight = "A is a multiple of an orthogonal matrix"},
          {.name = "cond-product",
           .claim = "cond(A B) <= cond(A) cond(B)",
           .source = source,
           .left = [](const Case& c) { return linalg::cond(matmul(c.A, c.B)); },
           .right = [](const Case& c) { return linalg::cond(c.A) * linalg::cond(c.B); },
           .beside = Beside::Alike,
           .square = true,
           .rounding = digits_of_cond,
           .beyond = largest_cond,
           .rows = 3,
           .tight = "top meets top and bottom meets bottom"},
          equivalence(
              "cond-F/2", "cond_F(A) <= n cond_2(A)", [](const Case& c) { return linalg::cond(c.A, linalg::Fro); },
              cond, 0.995, "A is a multiple of an orthogonal matrix"),
          equivalence("cond-1/2", "cond_1(A) <= n cond_2(A)", cond_1, cond, 0.98, "A is a Hadamard matrix"),
          equivalence("cond-2/1", "cond_2(A) <= n cond_1(A)", cond, cond_1, 0.0, "")};
}

std::vector<Inequality> distances() {
  return {{.name = "distance",
           .claim = "No singular matrix is closer to A than s_n: 1 / cond(A) is the relative distance",
           .source = source,
           .left = [](const Case& c) { return linalg::distance_to_singularity(c.A); },
           .right = [](const Case& c) { return linalg::norm(c.A - without_last(c.B), 2); },
           .beside = Beside::Alike,
           .shapes = {{2, 2}, {3, 3}, {5, 5}, {8, 8}, {14, 14}},
           .rounding = 1e-9,
           .rows = 3,
           .tight = "the singular matrix is A - s_n u_n v_n'"},
          {.name = "nearest-singular",
           .claim = "A - s_n u_n v_n' is singular, and as far away",
           .source = source,
           .left =
               [](const Case& c) {
                 const auto last = linalg::svdvals(without_last(c.A)).select(-1, c.A.size(-1) - 1);
                 return 1.0 + last / linalg::norm(c.A, 2);
               },
           .right = [](const Case& c) { return ones({c.A.size(0)}); },
           .shapes = {{2, 2}, {3, 3}, {5, 5}, {8, 8}, {14, 14}},
           .equality = true,
           .tight = "its smallest singular value over the largest"}};
}

std::vector<Inequality> identities() {
  return {{.name = "cond-values",
           .claim = "cond(A) = ||A||_2 ||A^-1||_2 = s1 / sn",
           .source = "paper 003, section 7.1",
           .left = [](const Case& c) { return linalg::norm(c.A, 2) * linalg::norm(linalg::pinv(c.A), 2); },
           .right = cond,
           .square = true,
           .equality = true,
           .rounding = digits_of_cond,
           .beyond = largest_cond},
          {.name = "cond-scaled",
           .claim = "cond(c A) = cond(A)",
           .source = source,
           .left = [](const Case& c) { return linalg::cond(-3e5 * c.A); },
           .right = cond,
           .square = true,
           .equality = true,
           .rounding = digits_of_cond,
           .beyond = largest_cond},
          {.name = "cond-one",
           .claim = "cond(A) = 1 for multiples of orthogonal matrices, and only for them: ||A / s_1 - U V'||_2 is 1 - "
                    "1 / cond(A)",
           .source = source,
           .left =
               [](const Case& c) {
                 const auto svd = linalg::svd(c.A);
                 const auto scaled = c.A / svd.S.select(-1, 0).unsqueeze(-1).unsqueeze(-1);
                 return linalg::norm(scaled - matmul(svd.U, svd.Vt), 2) + 1.0 / linalg::cond(c.A);
               },
           .right = [](const Case& c) { return ones({c.A.size(0)}); },
           .square = true,
           .equality = true}};
}

}  // namespace

std::vector<Inequality> cond_rows() {
  std::vector<Inequality> all;
  for (auto part : {bounds, distances, identities})
    for (auto& row : part()) all.push_back(row);
  return all;
}

}  // namespace sigmagrad::experiments::norms
