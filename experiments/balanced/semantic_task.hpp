// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {

/// Eight living things (canary, robin, salmon, sunfish, oak, pine, rose, daisy: columns) and what holds of them, on a
/// tree of kinds. Signed [8, 8]: a row for all, and one that tells the two branches of each node apart; singular values
/// 2.83 twice, 2 twice, 1.41 four times. Binary [15, 8]: a row of ones and zeros a node, with singular values sqrt(15),
/// sqrt(7), sqrt(3) twice and 1 four times.
Tensor signed_hierarchy();
Tensor binary_hierarchy();

/// One sample an item, on orthogonal inputs X'X / P = I, so that Sigma is the matrix.
Task semantic_task(const Tensor& properties);

}  // namespace sigmagrad::experiments::balanced
