// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace sigmagrad::theory {

/// Matrix completion by a product of `depth` square factors: n diagonal blocks of size s are observed, each entry w;
/// half the sum of squared errors is followed by gradient flow from `completion_start(n s, exp(log_alpha), m)`.
struct BlockCompletion {
  double w = 1.0;
  std::int64_t n = 10;
  std::int64_t s = 1;
  std::int64_t depth = 3;
  double m = 100.0;        // > 1, may be infinite
  double log_alpha = 0.0;  // log(alpha^depth) / depth: a product's scale of 1e-10 loses nothing
};

/// Throws Error, in the name of `operation`, for a setting outside the theorem.
void check(const BlockCompletion& setting, const char* operation);

/// Singular values of the product that gradient flow ends at: `sigma_1` once, `sigma_rest` n - 1 times, else 0.
struct CompletionLimits {
  double sigma_1, sigma_rest;

  /// 1 + (n - 1) (sigma_rest / sigma_1)^2.
  double stable_rank(std::int64_t n) const;
  /// exp of the entropy of the singular values divided by their sum.
  double effective_rank(std::int64_t n) const;
};

/// Theorem 3.3 of paper 002. For depth >= 3 and finite m its equations (8) and (9) are solved together, for
/// log(sigma_1 / sigma_rest), to some 1e-13: nothing cancels where the two are close (large m) or far apart (small
/// alpha).
CompletionLimits completion_limits(const BlockCompletion& setting);

}  // namespace sigmagrad::theory
