// SPDX-License-Identifier: BSD-3-Clause
// Ky Fan norms, Fan's dominance and gauge functions.
#include <cmath>

#include <sigmagrad/experiments/norms/inequality_tables.hpp>

namespace sigmagrad::experiments::norms {
namespace {

// The Ky Fan norms k = first, ..., last [norms, cases]; negative ones count from r, the last.
Tensor ky_fan_norms(const Tensor& A, std::int64_t first, std::int64_t last) {
  const auto sums = cumsum(linalg::svdvals(A), -1);
  std::vector<Tensor> all;
  for (std::int64_t k = first; k <= (last > 0 ? last : sums.size(-1) + last); ++k)
    all.push_back(sums.select(-1, k - 1));
  return stack(all);
}

// Invariant norms that are no Ky Fan norms: Schatten 3/2, 2, 3, the 2-norm of the two largest values, and weights
// 1, 1/2, 1/3, ...
Tensor other_norms(const Tensor& A) {
  const auto s = linalg::svdvals(A);
  const auto weights = 1.0 / arange(1.0, static_cast<double>(s.size(-1)) + 1.0);
  std::vector<Tensor> all{sqrt(square(s.narrow(-1, 0, 2)).sum(-1)), (weights * s).sum(-1)};
  for (const double p : {1.5, 2.0, 3.0}) all.push_back(linalg::vector_norm(s, p));
  return stack(all);
}

// Symmetric under permutations, and a norm of vectors, but g(1, -1) > g(1, 1).
Tensor signed_gauge(const Tensor& A) {
  constexpr double c = 0.9;
  const auto s = linalg::svdvals(A);
  return sqrt(square(s).sum(-1) - c / static_cast<double>(s.size(-1)) * square(s.sum(-1)));
}

Tensor along_frames(const Case& c, std::int64_t k) {  // |tr(U' A V)| for k singular vectors U, V of B
  const auto frame = linalg::svd(c.B);
  const auto U = frame.U.narrow(-1, 0, k), V = frame.Vt.narrow(-2, 0, k).t();
  return abs(linalg::inner_product(U, matmul(c.A, V)));
}

}  // namespace

std::vector<Inequality> ky_fan_rows() {
  const Sizes two_values{{2, 2}, {3, 5}, {5, 3}, {8, 8}, {16, 10}};
  const std::string chain = "paper 003, section 5.4";
  return {{.name = "kyfan-chain",
           .claim = "Ky Fan norms grow with k: ||A||_(k) <= ||A||_(k+1)",
           .source = chain,
           .left = [](const Case& c) { return ky_fan_norms(c.A, 1, -1); },
           .right = [](const Case& c) { return ky_fan_norms(c.A, 2, 0); },
           .shapes = two_values,
           .tight = "the rank is at most k"},
          {.name = "kyfan-means",
           .claim = "Their means fall: ||A||_(k+1) / (k+1) <= ||A||_(k) / k",
           .source = chain,
           .left =
               [](const Case& c) {
                 const auto larger = ky_fan_norms(c.A, 2, 0);
                 const auto k = arange(1.0, static_cast<double>(larger.size(0)) + 1.0).unsqueeze(-1);
                 return larger * (k / (k + 1.0));
               },
           .right = [](const Case& c) { return ky_fan_norms(c.A, 1, -1); },
           .shapes = two_values,
           .tight = "the k + 1 largest values are equal"},
          {.name = "variational",
           .claim = "||A||_(2) is the largest tr(U' A V) of orthonormal U [m, 2] and V [n, 2]",
           .source = chain,
           .left = [](const Case& c) { return along_frames(c, 2); },
           .right = [](const Case& c) { return linalg::ky_fan_norm(c.A, 2); },
           .beside = Beside::Alike,
           .shapes = two_values,
           .tight = "U and V are A's singular vectors"},
          {.name = "dominance",
           .claim = "Ordered Ky Fan norms order every invariant norm: ||A|| <= max_k ||A||_(k) / ||B||_(k) ||B||",
           .source = "paper 003, section 6.2",
           .left = [](const Case& c) { return other_norms(c.A); },
           .right =
               [](const Case& c) {
                 const auto factor = max(ky_fan_norms(c.A, 1, 0) / ky_fan_norms(c.B, 1, 0), 0);
                 return factor * other_norms(c.B);
               },
           .beside = Beside::Alike,
           .shapes = two_values,
           .tight = "A and B have the same singular values up to a factor"},
          {.name = "signed-gauge",
           .claim = "Not every symmetric norm of s makes a norm of matrices: it must not see signs. The triangle "
                    "inequality of g(s)^2 = |s|^2 - 0.9 (sum s)^2 / r needs a constant below sqrt(10)",
           .source = "paper 003, section 6.1",
           .left = [](const Case& c) { return signed_gauge(c.A + c.B); },
           .right = [](const Case& c) { return signed_gauge(c.A) + signed_gauge(c.B); },
           .constant = [](double, double) { return std::sqrt(10.0); },
           .beside = Beside::Alike,
           .shapes = two_values,
           .rows = 2,
           .columns = 2,
           .reached = 0.0}};
}

}  // namespace sigmagrad::experiments::norms
