// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/sequential.hpp>

namespace sigmagrad::nn {

/// Two layers of rank * (in + out) weights, Linear(in, rank) without bias and Linear(rank, out), that compute with
/// low_rank_approximation(weight, rank) = U diag(s) V', the closest of that rank (Eckart and Young 1936). The root of s
/// goes to either side: W1 = s^1/2 V', W2 = U s^1/2. `layer` stays as it is. 1 <= rank <= min(in, out).
Sequential compress(const Linear& layer, std::int64_t rank);

/// A new model in which this replaces every Linear layer, parametrised or not, also in Sequential parts, that has more
/// weights than its two; the other layers are cloned.
Sequential compress(const Sequential& model, std::int64_t rank);

}  // namespace sigmagrad::nn
