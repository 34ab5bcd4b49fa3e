// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::linalg {

struct CompletionOptions {
  double mu = 0.0;  // weight of the nuclear norm, in units of ||mask * observed||_2; 0: the known entries are met
  double tolerance = 1e-6;  // relative
  int max_iterations = 100000;
};

struct Completion {
  Tensor matrix;       // X
  Tensor value;        // ||X||_nuclear, or the function of `complete` for mu > 0; [...]
  Tensor lower_bound;  // which no other X is below, by duality; [...]
  int iterations = 0;  // of the matrix of a batch that took most
};

/// The completion of least nuclear norm of what is known of a matrix: X with mask * X = mask * observed, where mask is
/// 1 at the known entries and 0 elsewhere (Candes and Recht 2009). For mu > 0, which noise asks for, it is the X with
/// the least ||mask * (X - observed)||_F^2 / 2 + mu ||mask * observed||_2 ||X||_nuclear. [..., m, n], all of one shape;
/// entries that are not known may be NaN.
///
/// By accelerated proximal gradient steps (Toh and Yun 2010), whose momentum starts anew where it points uphill; for
/// mu = 0 what they leave of the known entries is added to these, again and again (Bregman iteration; Osher, Burger,
/// Goldfarb, Xu and Yin 2005). Stops where value and lower_bound, and for mu = 0 the known entries' length and that of
/// what they are missed by, differ by the tolerance, relatively; an Error if that takes longer than max_iterations.
/// Where few entries are known, many matrices are nearly as good and it takes thousands of them. No gradient flows.
/// What is known being zeros, or nothing, X is zeros.
Completion complete(const Tensor& observed, const Tensor& mask, const CompletionOptions& options = {});

}  // namespace sigmagrad::linalg
