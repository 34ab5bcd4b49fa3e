// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::theory {

/// The speeds at which the singular values of a product W [..., m, n] of `depth` balanced factors move under gradient
/// flow, for the loss's gradient in W: -depth s_r^(2 - 2/depth) u_r' gradient v_r, [..., k] (Arora et al. 2019; paper
/// 002, Lemma F.1, at depth 2). Balanced: W_l W_l' = W_{l+1}' W_{l+1}.
Tensor singular_value_speeds(const Tensor& product, const Tensor& gradient, std::int64_t depth);

}  // namespace sigmagrad::theory
