// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::linalg::detail {

/// The signs s with the largest ||w' s||_q, q >= 1: [..., m, n] -> [..., m]. By all signs up to norm_2_to_1_exact_rows
/// rows; above, the best end of an alternating iteration from up to 64 starts.
Tensor best_signs(const Tensor& w, double q);

}  // namespace sigmagrad::linalg::detail
