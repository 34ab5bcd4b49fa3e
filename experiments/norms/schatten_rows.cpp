// SPDX-License-Identifier: BSD-3-Clause
// Schatten norms, their duality, and the nuclear norm as a stand-in for the rank.
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/norms/inequality_tables.hpp>

namespace sigmagrad::experiments::norms {
namespace {

const double exponents[] = {1.0, 1.5, 2.0, 3.0, infinity};

Inequality hoelder(double p, double q, const std::string& text, const std::string& section) {
  return {.name = "schatten-" + text.substr(0, text.find(' ')),
          .claim = "|<A, B>| <= ||A||_p ||B||_q in Schatten norms, " + text,
          .source = "paper 003, section " + section,
          .left = [](const Case& c) { return abs(linalg::inner_product(c.A, c.B)); },
          .right = [=](const Case& c) { return linalg::schatten_norm(c.A, p) * linalg::schatten_norm(c.B, q); },
          .beside = Beside::Alike,
          .tight = q == infinity ? "B = U V' of A" : "B = U f(s) V' of A = U s V'"};
}

// The norms at all exponents but the first, and at all but the last, with the power of r between neighbours.
Tensor later(const Tensor& A) {
  std::vector<Tensor> norms;
  for (std::size_t i = 1; i < std::size(exponents); ++i) norms.push_back(linalg::schatten_norm(A, exponents[i]));
  return stack(norms);
}
Tensor earlier(const Tensor& A, bool over_power) {
  std::vector<Tensor> norms;
  for (std::size_t i = 1; i < std::size(exponents); ++i) {
    const double power = 1.0 / exponents[i - 1] - (std::isinf(exponents[i]) ? 0.0 : 1.0 / exponents[i]);
    const double constant = over_power ? std::pow(static_cast<double>(std::min(A.size(-2), A.size(-1))), power) : 1.0;
    norms.push_back(linalg::schatten_norm(A, exponents[i - 1]) / constant);
  }
  return stack(norms);
}

// Tangent and normal part of B at a matrix of lower rank with singular vectors U, V.
struct Directions {
  Tensor inside, normal;  // <U V', B>, and (I - U U') B (I - V V')
};
Directions directions(const Tensor& A, const Tensor& B, std::int64_t k) {
  const auto svd = linalg::svd(A);
  const auto U = svd.U.narrow(-1, 0, k), Vt = svd.Vt.narrow(-2, 0, k);
  const auto left = B - matmul(U, matmul(U.t(), B));
  return {linalg::inner_product(matmul(U, Vt), B), left - matmul(matmul(left, Vt.t()), Vt)};
}

std::int64_t half_rank(const Tensor& A) { return (std::min(A.size(-2), A.size(-1)) + 1) / 2; }

Inequality subgradients() {
  const auto lower = [](const Tensor& A) { return linalg::low_rank_approximation(A, half_rank(A)); };
  return {.name = "subgradients",
          .claim = "U V' + W is a subgradient of ||A||_* for every W with U'W = 0, W V = 0, ||W||_2 <= 1",
          .source = "paper 003, section 5.3",
          .left =
              [](const Case& c) {
                const auto k = half_rank(c.A);
                const auto [inside, normal] = directions(c.A, c.B, k);
                return linalg::ky_fan_norm(c.A, k) + inside + linalg::norm(normal, linalg::Nuclear);
              },
          .right = [=](const Case& c) { return linalg::norm(lower(c.A) + c.B, linalg::Nuclear); },
          .beside = Beside::Alike,
          .shapes = {{2, 2}, {3, 5}, {5, 3}, {8, 8}},
          .tight = "B does not mix what A maps with what it does not"};
}

constexpr double threshold = 1.0;

Tensor prox_objective(const Tensor& X, const Tensor& A) {
  return square(X - A).sum(-1).sum(-1) / 2.0 + threshold * linalg::norm(X, linalg::Nuclear);
}

}  // namespace

std::vector<Inequality> schatten_rows() {
  const std::string order = "paper 003, section 5.1";
  return {hoelder(1.0, infinity, "1 and inf: the dual of the nuclear is the spectral norm", "2.4 and 5.2"),
          hoelder(1.5, 3.0, "3/2 and 3", "5.1"),
          hoelder(2.0, 2.0, "2 and 2 (Cauchy-Schwarz)", "3.1"),
          {.name = "schatten-falls",
           .claim = "Schatten norms fall in p: p = 1, 3/2, 2, 3, inf",
           .source = order,
           .left = [](const Case& c) { return later(c.A); },
           .right = [](const Case& c) { return earlier(c.A, false); },
           .tight = "the rank is one"},
          {.name = "schatten-grows",
           .claim = "||A||_p <= r^(1/p - 1/q) ||A||_q for p < q, along 1, 3/2, 2, 3, inf",
           .source = order,
           .left = [](const Case& c) { return earlier(c.A, true); },
           .right = [](const Case& c) { return later(c.A); },
           .tight = "all singular values are equal"},
          {.name = "envelope",
           .claim = "<A, B> - sum (s(B) - 1)_+ reaches ||A||_* where ||A||_2 <= 1: the convex envelope of the rank",
           .source = "paper 003, section 5.2",
           .left =
               [](const Case& c) {
                 const auto unit = c.A / linalg::norm(c.A, 2).unsqueeze(-1).unsqueeze(-1);
                 return linalg::inner_product(unit, c.B) - relu(linalg::svdvals(c.B) - 1.0).sum(-1);
               },
           .right = [](const Case& c) { return linalg::norm(c.A, linalg::Nuclear) / linalg::norm(c.A, 2); },
           .beside = Beside::Alike,
           .tight = "B = U V': the biconjugate of the rank, whose conjugate on the ball is sum (s(B) - 1)_+"},
          subgradients(),
          {.name = "prox",
           .claim = "The soft threshold of singular values minimises ||X - A||_F^2 / 2 + ||X||_*",
           .source = "paper 003, sections 2.4 and 5.3",
           .left = [](const Case& c) { return prox_objective(linalg::prox_nuclear(c.A, threshold), c.A); },
           .right = [](const Case& c) { return prox_objective(c.B, c.A); },
           .beside = Beside::Alike,
           .tight = "X is the soft threshold"}};
}

}  // namespace sigmagrad::experiments::norms
