// SPDX-License-Identifier: BSD-3-Clause
// Norms of vectors, which are the entries of the matrices drawn, one after the other.
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/norms/inequality_tables.hpp>

namespace sigmagrad::experiments::norms {
namespace {

std::string text_of(double p) { return std::isinf(p) ? "inf" : fmt::format("{:g}", p); }

Inequality hoelder(double p) {
  return {
      .name = "hoelder-" + text_of(p),
      .claim = fmt::format("|x'y| <= ||x||_{} ||y||_{} (Hoelder)", text_of(p), text_of(linalg::conjugate_exponent(p))),
      .source = p == 2.0 ? "paper 003, section 3.1" : "paper 003, section 2.2",
      .left = [](const Case& c) { return abs(linalg::inner_product(c.A, c.B)); },
      .right = [=](const Case& c) { return vector_norm_of(c.A, p) * linalg::dual_vector_norm(entries(c.B), p); },
      .beside = Beside::Alike,
      .tight = "|y_i|^q is a multiple of |x_i|^p, with the signs of x: the dual norm is attained"};
}

// ||x||_p <= constant ||x||_q.
Inequality equivalence(double p, double q, const std::string& constant, const std::string& tight) {
  const auto [name, of_p, of_q] = std::tuple{"x" + text_of(p) + "/x" + text_of(q), "||x||_" + text_of(p), text_of(q)};
  const double power = p < q ? 1.0 / p - (std::isinf(q) ? 0.0 : 1.0 / q) : 0.0;
  return {.name = name,
          .claim = fmt::format("{} <= {}||x||_{}", of_p, constant, of_q),
          .source = "paper 003, section 2.3",
          .left = [=](const Case& c) { return vector_norm_of(c.A, p); },
          .right = [=](const Case& c) { return vector_norm_of(c.A, q); },
          .constant = [=](double m, double n) { return std::pow(m * n, power); },
          .tight = tight};
}

Inequality triangle(double p) {
  return {.name = "triangle-" + text_of(p),
          .claim = p < 1.0 ? "p = 1/2 is no norm: ||x + y|| reaches 2 (||x|| + ||y||)"
                           : fmt::format("||x + y||_{0} <= ||x||_{0} + ||y||_{0}", text_of(p)),
          .source = "paper 003, section 2.2",
          .left = [=](const Case& c) { return vector_norm_of(c.A + c.B, p); },
          .right = [=](const Case& c) { return vector_norm_of(c.A, p) + vector_norm_of(c.B, p); },
          .constant = [=](double, double) { return p < 1.0 ? std::pow(2.0, 1.0 / p - 1.0) : 1.0; },
          .beside = Beside::Alike,
          .shapes = p < 1.0 ? Sizes{{2, 2}, {1, 6}, {3, 5}, {8, 8}} : Sizes{},
          .rows = 2,
          .columns = 2,
          .reached = 0.99,
          .tight = p < 1.0 ? "x and y are of one size and share no coordinate" : "y is a multiple of x"};
}

}  // namespace

std::vector<Inequality> vector_rows() {
  const std::string one_entry = "one entry alone is not zero", equal = "all entries are of one size";
  return {hoelder(1.0),
          hoelder(1.5),
          hoelder(2.0),
          hoelder(infinity),
          equivalence(2.0, 1.0, "", one_entry),
          equivalence(1.0, 2.0, "sqrt(n) ", equal),
          equivalence(infinity, 2.0, "", one_entry),
          equivalence(2.0, infinity, "sqrt(n) ", equal),
          equivalence(infinity, 1.0, "", one_entry),
          equivalence(1.0, infinity, "n ", equal),
          triangle(1.0),
          triangle(3.0),
          triangle(infinity),
          triangle(0.5)};
}

}  // namespace sigmagrad::experiments::norms
