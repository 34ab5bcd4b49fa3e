// SPDX-License-Identifier: BSD-3-Clause
// The rows of norms/inequalities, by what they are about.
#pragma once

#include <sigmagrad/experiments/norms/inequality.hpp>

namespace sigmagrad::experiments::norms {

std::vector<Inequality> vector_rows();       ///< Hoelder, equivalence, triangle inequality
std::vector<Inequality> equivalence_rows();  ///< one matrix norm against another
std::vector<Inequality> dual_rows();         ///< matrix norms and their duals
std::vector<Inequality> axiom_rows();        ///< what makes a norm of matrices
std::vector<Inequality> product_rows();      ///< products and induced norms
std::vector<Inequality> schatten_rows();     ///< Schatten norms, duality, nuclear norm and rank
std::vector<Inequality> ky_fan_rows();       ///< Ky Fan norms, dominance, gauge functions
std::vector<Inequality> cond_rows();         ///< condition numbers
std::vector<Inequality> identity_rows();     ///< equalities

// Norms as sides of rows.

inline constexpr double infinity = std::numeric_limits<double>::infinity();

inline Tensor entries(const Tensor& A) { return flatten(A, -2, -1); }
inline Tensor vector_norm_of(const Tensor& A, double p) { return linalg::vector_norm(entries(A), p); }
/// The unitarily invariant norms that stand for all: [norms, cases].
inline Tensor invariant_norms(const Tensor& A) {
  const auto s = linalg::svdvals(A);
  std::vector<Tensor> norms;
  for (const double p : {1.0, 1.5, 2.0, 3.0, infinity}) norms.push_back(linalg::vector_norm(s, p));
  const auto sums = cumsum(s, -1);
  for (std::int64_t k = 0; k < s.size(-1); ++k) {
    norms.push_back(sums.select(-1, k));
    norms.push_back(sqrt(square(s.narrow(-1, 0, k + 1)).sum(-1)));  // of the k largest values, the 2-norm
  }
  return stack(norms);
}

inline double root_of_smaller(double m, double n) { return std::sqrt(std::min(m, n)); }

}  // namespace sigmagrad::experiments::norms
