// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Iterative methods for matrices [..., m, n].
namespace sigmagrad::linalg {

/// Approximate largest singular value [...] with its vectors u [..., m] and v [..., n].
struct PowerIteration {
  Tensor u, sigma, v;
};

/// `steps` times v = w'u / ||w'u||, u = w v / ||w v||, then sigma = u' w v. Where s1 > s2 the error of sigma falls by
/// (s2/s1)^4 a step. Starts from `u`, by default from fixed numbers without a pattern. The gradient of sigma is u v',
/// for u and v taken as constants (exact in the limit); u and v have none. Entries may
/// be of any finite size. A matrix of zeros has zeros, one with non-finite entries NaN.
PowerIteration power_iteration(const Tensor& w, int steps, const Tensor& u = Tensor());

struct RobustPCAOptions {
  double lambda = 0.0;  // weight of the sparse part; 0 means 1 / sqrt(max(m, n))
  double tolerance = 1e-7;
  int max_iterations = 1000;
};
struct RobustPCA {
  Tensor low_rank, sparse;
};

/// Principal component pursuit: w = low_rank + sparse with the least ||low_rank||_nuclear + lambda ||sparse||_1 (sum of
/// entry sizes), by the alternating directions of Candes, Li, Ma and Wright 2011, section 5, with their fixed penalty
/// m n / (4 ||w||_1). Stops at ||w - low_rank - sparse||_F <= tolerance ||w||_F; an Error if that takes longer than
/// max_iterations. Entries may be of any finite size: the parts of s w are s times those of w. A matrix of zeros has
/// two of zeros. No gradient flows. Non-finite entries are an Error.
RobustPCA robust_pca(const Tensor& w, const RobustPCAOptions& options = {});

}  // namespace sigmagrad::linalg
