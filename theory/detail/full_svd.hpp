// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::theory::detail {

/// w = U diag(S) V' with square orthogonal U and V: [..., m, n] -> [..., m, m], [..., k], [..., n, n], k = min(m, n).
struct FullSvd {
  Tensor U, S, V;
};
FullSvd full_svd(const Tensor& w);

}  // namespace sigmagrad::theory::detail
