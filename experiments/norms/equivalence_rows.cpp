// SPDX-License-Identifier: BSD-3-Clause
// One norm of an m x n matrix against another, r the smaller of m and n.
#include <cmath>

#include <sigmagrad/experiments/norms/inequality_tables.hpp>

namespace sigmagrad::experiments::norms {
namespace {

struct NamedNorm {
  const char *name, *symbol;
  linalg::NormKind kind;
};
constexpr NamedNorm one{"1", "1", linalg::NormKind::One}, two{"2", "2", linalg::NormKind::Two},
    inf{"inf", "inf", linalg::Inf}, fro{"F", "F", linalg::Fro}, nuc{"nuc", "*", linalg::Nuclear},
    largest_entry{"max", "max", linalg::Max};

using Constant = double (*)(double m, double n);
double unit(double, double) { return 1.0; }
double smaller(double m, double n) { return std::min(m, n); }
double root_m(double m, double) { return std::sqrt(m); }
double root_n(double, double n) { return std::sqrt(n); }
double root_mn(double m, double n) { return std::sqrt(m * n); }

// ||A||_left <= constant ||A||_right, where both are equal, and the document's section.
struct Row {
  const NamedNorm &left, &right;
  Constant constant;
  std::string constant_text, tight, section;
};

Inequality inequality(const Row& row) {
  return {.name = std::string(row.left.name) + "/" + row.right.name,
          .claim = std::string("||A||_") + row.left.symbol + " <= " + row.constant_text + "||A||_" + row.right.symbol,
          .source = "paper 003, section " + row.section,
          .left = [kind = row.left.kind](const Case& c) { return linalg::norm(c.A, kind); },
          .right = [kind = row.right.kind](const Case& c) { return linalg::norm(c.A, kind); },
          .constant = row.constant,
          .tight = row.tight};
}

// The rank in place of r, for matrices that have a lower one.
Inequality by_rank(const std::string& name, const std::string& claim, const std::string& section,
                   linalg::NormKind larger, linalg::NormKind smaller_norm, double power, bool deficient) {
  return {
      .name = name,
      .claim = claim,
      .source = "paper 003, section " + section,
      .left = [=](const Case& c) { return linalg::norm(c.A, larger); },
      .right =
          [=](const Case& c) { return pow(linalg::ranks_above(c.A, 1e-13), power) * linalg::norm(c.A, smaller_norm); },
      .deficient = deficient,
      .tight = "the singular values that are not zero are equal"};
}

}  // namespace

std::vector<Inequality> equivalence_rows() {
  const std::string rank_one = "the rank is one", equal_values = "all singular values are equal",
                    equal_entries = "all entries are of one size, at rank one", entry = "one entry alone is not zero",
                    row_alone = "one row of entries of one size is not zero",
                    column_alone = "one column of entries of one size is not zero";
  const Row rows[] = {{largest_entry, two, unit, "", entry, "3.3"},
                      {two, largest_entry, root_mn, "sqrt(m n) ", equal_entries, "3.3"},
                      {two, fro, unit, "", rank_one, "3.2"},
                      {fro, two, root_of_smaller, "sqrt(r) ", equal_values, "3.2"},
                      {fro, nuc, unit, "", rank_one, "3.3"},
                      {nuc, fro, root_of_smaller, "sqrt(r) ", equal_values, "3.3"},
                      {nuc, two, smaller, "r ", equal_values, "5.1"},
                      {largest_entry, fro, unit, "", entry, "3.3"},
                      {fro, largest_entry, root_mn, "sqrt(m n) ", "all entries are of one size", "3.3"},
                      {inf, fro, root_n, "sqrt(n) ", row_alone, "3.3"},
                      {fro, inf, root_m, "sqrt(m) ", "every row has one entry of one size", "3.3"},
                      {one, two, root_m, "sqrt(m) ", column_alone, "4.3"},
                      {two, one, root_n, "sqrt(n) ", "one row of entries of one size is not zero", "4.3"},
                      {inf, two, root_n, "sqrt(n) ", row_alone, "4.3"},
                      {two, inf, root_m, "sqrt(m) ", column_alone, "4.3"}};
  std::vector<Inequality> all;
  for (const Row& row : rows) all.push_back(inequality(row));
  all.push_back(by_rank("F/2-rank", "||A||_F <= sqrt(rank A) ||A||_2", "3.2", linalg::Fro, 2, 0.5, true));
  all.push_back(
      by_rank("nuc/F-rank", "||A||_* <= sqrt(rank A) ||A||_F", "3.3", linalg::Nuclear, linalg::Fro, 0.5, true));
  all.push_back(by_rank("nuc/rank", "||A||_* <= rank(A) where ||A||_2 = 1", "5.2", linalg::Nuclear, 2, 1.0, false));
  return all;
}

std::vector<Inequality> dual_rows() {
  struct Dual {
    NamedNorm norm;
    std::string dual, tight;
  };
  const Dual duals[] = {{two, "the nuclear norm", "A = U V' of B"},
                        {nuc, "the spectral norm", "A = u1 v1' of B"},
                        {fro, "itself", "A is a multiple of B"},
                        {one, "the sum of the columns' largest entries", "every column of A picks a largest entry"},
                        {inf, "the sum of the rows' largest entries", "every row of A picks a largest entry"},
                        {largest_entry, "the sum of all entries' sizes", "A has the signs of B"}};
  std::vector<Inequality> all;
  for (const Dual& one_dual : duals)
    all.push_back({.name = std::string("dual-") + one_dual.norm.name,
                   .claim = std::string("The dual of ||A||_") + one_dual.norm.symbol + " is " + one_dual.dual,
                   .source = "paper 003, section 2.4",
                   .left = [](const Case& c) { return abs(linalg::inner_product(c.A, c.B)); },
                   .right = [kind = one_dual.norm.kind](
                                const Case& c) { return linalg::norm(c.A, kind) * linalg::dual_norm(c.B, kind); },
                   .beside = Beside::Alike,
                   .tight = one_dual.tight});
  return all;
}

std::vector<Inequality> axiom_rows() {
  const auto norms = [](const Tensor& A) {
    std::vector<Tensor> all;
    for (const NamedNorm* one_norm : {&one, &two, &inf, &fro, &nuc, &largest_entry})
      all.push_back(linalg::norm(A, one_norm->kind));
    all.push_back(linalg::schatten_norm(A, 3.0));
    all.push_back(linalg::ky_fan_norm(A, 2));
    all.push_back(linalg::norm_1_to_2(A));
    all.push_back(linalg::norm_2_1(A));
    return stack(all);
  };
  const Sizes shapes{{2, 2}, {3, 5}, {5, 3}, {8, 8}, {16, 10}};
  const std::string source = "paper 003, section 2.1",
                    ten = " (1, 2, inf, F, nuclear, max, Schatten 3, Ky Fan 2, 1->2, 2,1)";
  return {{.name = "triangle",
           .claim = "||A + B|| <= ||A|| + ||B|| in ten norms" + ten,
           .source = source,
           .left = [=](const Case& c) { return norms(c.A + c.B); },
           .right = [=](const Case& c) { return norms(c.A) + norms(c.B); },
           .beside = Beside::Alike,
           .shapes = shapes,
           .tight = "B is a multiple of A"},
          {.name = "definite",
           .claim = "||A|| is at least the largest entry, so that 0 alone has ||A|| = 0, in the ten norms",
           .source = source,
           .left = [](const Case& c) { return linalg::norm(c.A, linalg::Max).unsqueeze(0); },
           .right = [=](const Case& c) { return norms(c.A); },
           .shapes = shapes,
           .tight = "one entry alone is not zero"},
          {.name = "homogeneous",
           .claim = "||c A|| = |c| ||A|| in the ten norms",
           .source = source,
           .left = [=](const Case& c) { return norms(-3.7 * c.A); },
           .right = [=](const Case& c) { return 3.7 * norms(c.A); },
           .shapes = shapes,
           .equality = true}};
}

}  // namespace sigmagrad::experiments::norms
