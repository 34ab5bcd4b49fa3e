// SPDX-License-Identifier: BSD-3-Clause
// Norms of products, and norms that are induced by norms of vectors.
#include <cmath>

#include <sigmagrad/experiments/norms/inequality_tables.hpp>

namespace sigmagrad::experiments::norms {
namespace {

using Norm = std::function<Tensor(const Tensor&)>;

Norm kind_of(linalg::NormKind kind) {
  return [kind](const Tensor& A) { return linalg::norm(A, kind); };
}

// ||A B|| <= constant ||A|| ||B||.
Inequality submultiplicative(const std::string& name, const Norm& norm, const std::string& section) {
  return {.name = "product-" + name,
          .claim = "||A B||_" + name + " <= ||A||_" + name + " ||B||_" + name,
          .source = "paper 003, section " + section,
          .left = [=](const Case& c) { return norm(matmul(c.A, c.B)); },
          .right = [=](const Case& c) { return norm(c.A) * norm(c.B); },
          .beside = Beside::Factor};
}

// ||A x||_q <= ||A||_{p->q} ||x||_p, where ascent over A and x reaches 1 if that is the norm.
Inequality induced(const std::string& name, double p, double q, const Norm& norm, const std::string& formula,
                   const std::string& section) {
  return {.name = "induced-" + name,
          .claim = "The norm induced by " + name + " is " + formula,
          .source = "paper 003, section " + section,
          .left = [=](const Case& c) { return vector_norm_of(matmul(c.A, c.B), q); },
          .right = [=](const Case& c) { return norm(c.A) * vector_norm_of(c.B, p); },
          .beside = Beside::Vector};
}

Inequality with(Inequality row, const std::string& tight, double reached = 0.995) {
  row.tight = tight;
  row.reached = reached;
  return row;
}

// 3/2 -> 3, where no formula is known: an iteration's value and an upper bound.
std::vector<Inequality> general_norm() {
  const auto found = [](const Tensor& A) { return linalg::induced_norm(A, 1.5, 3.0); };
  auto value = induced(
      "value", 1.5, 3.0, [=](const Tensor& A) { return found(A).value; }, "", "4.1");
  value.claim = "A nonlinear power iteration finds the norm 3/2 -> 3: no x stretches more";
  value.shapes = {{2, 2}, {3, 4}, {4, 3}};
  value.rounding = 1e-9;
  value.rows = value.columns = 2;
  value.tight = "x is where the iteration ends";
  return {value,
          {.name = "induced-upper",
           .claim = "That norm is at most the upper bound computed beside it",
           .source = "paper 003, section 4.1",
           .left = [=](const Case& c) { return found(c.A).value; },
           .right = [=](const Case& c) { return found(c.A).upper; },
           .shapes = value.shapes,
           .sought = false}};
}

std::vector<Inequality> bounds_of_2_to_1() {
  const std::string source = "paper 003, section 4.4";
  const Sizes shapes{{1, 1}, {2, 2}, {1, 6}, {6, 1}, {3, 5}, {5, 3}, {8, 8}};
  return {{.name = "2-1/2",
           .claim = "||A||_{2->1} <= sqrt(m) ||A||_2",
           .source = source,
           .left = [](const Case& c) { return linalg::norm_2_to_1(c.A); },
           .right = [](const Case& c) { return linalg::norm(c.A, 2); },
           .constant = [](double m, double) { return std::sqrt(m); },
           .shapes = shapes,
           .tight = "u1 has entries of one size"},
          {.name = "F/2-1",
           .claim = "||A||_F <= ||A||_{2->1}",
           .source = source,
           .left = [](const Case& c) { return linalg::norm(c.A); },
           .right = [](const Case& c) { return linalg::norm_2_to_1(c.A); },
           .shapes = shapes,
           .tight = "the rows are orthogonal to each other"},
          {.name = "1-2/2",
           .claim = "||A||_{1->2} <= ||A||_2",
           .source = source,
           .left = [](const Case& c) { return linalg::norm_1_to_2(c.A); },
           .right = [](const Case& c) { return linalg::norm(c.A, 2); },
           .tight = "the longest column is orthogonal to the others"}};
}

}  // namespace

std::vector<Inequality> product_rows() {
  const std::string rank_one = "both have rank one and fit each other",
                    first = "the top directions of A and B fit each other";
  const Norm largest_entry = kind_of(linalg::Max);
  auto max_norm = submultiplicative("max", largest_entry, "2.1 and 4.5");
  max_norm.claim = "The largest entry is not submultiplicative: ||A B||_max reaches n ||A||_max ||B||_max";
  max_norm.constant = [](double, double n) { return n; };
  std::vector<Inequality> all{
      with(submultiplicative("F", kind_of(linalg::Fro), "3.3"), rank_one),
      with(submultiplicative("2", kind_of(2), "4.1"), first),
      with(submultiplicative("1", kind_of(1), "4.1"), "the largest column of B picks the largest column of A"),
      with(submultiplicative("inf", kind_of(linalg::Inf), "4.1"), "the transposed do so in the 1-norm"),
      with(submultiplicative("nuc", kind_of(linalg::Nuclear), "4.1"), rank_one),
      with(max_norm, "all entries are equal"),
      {.name = "product-2F",
       .claim = "||A B||_F <= ||A||_2 ||B||_F",
       .source = "paper 003, section 3.3",
       .left = [](const Case& c) { return linalg::norm(matmul(c.A, c.B)); },
       .right = [](const Case& c) { return linalg::norm(c.A, 2) * linalg::norm(c.B); },
       .beside = Beside::Factor,
       .tight = "B's columns are along v1 of A"},
      with(induced("F", 2.0, 2.0, kind_of(linalg::Fro), "", "4.5"), "A has rank one, along x"),
      with(induced("2", 2.0, 2.0, kind_of(2), "s1", "4.2"), "x = v1"),
      with(induced("1", 1.0, 1.0, kind_of(1), "the largest column sum", "4.3"), "x picks the largest column"),
      with(induced("inf", infinity, infinity, kind_of(linalg::Inf), "the largest row sum", "4.3"),
           "x has the signs of the largest row"),
      with(induced(
               "1-2", 1.0, 2.0, [](const Tensor& A) { return linalg::norm_1_to_2(A); },
               "the largest column length, at the cost of reading A: it is easy, not NP-hard", "4.4"),
           "x picks the longest column"),
      with(induced(
               "2-1", 2.0, 1.0, [](const Tensor& A) { return linalg::norm_2_to_1(A); },
               "the largest ||A's||_2 over signs s, of which there are 2^m: this is the hard one", "4.4"),
           "x is along A's")};
  all[7].claim = "The Frobenius norm is compatible with the 2-norm: ||A x||_2 <= ||A||_F ||x||_2";
  all.back().shapes = {{1, 1}, {2, 2}, {1, 6}, {6, 1}, {3, 5}, {5, 3}, {8, 8}};
  for (auto& row : general_norm()) all.push_back(row);
  for (auto& row : bounds_of_2_to_1()) all.push_back(row);
  return all;
}

}  // namespace sigmagrad::experiments::norms
