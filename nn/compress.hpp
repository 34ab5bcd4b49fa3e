// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/sequential.hpp>

namespace sigmagrad::nn {

/// One of the two.
struct CompressOptions {
  std::optional<std::int64_t> rank{};
  /// The least rank that keeps this share of ||weight||_F^2, the sum of the squares of singular values: 0 < energy
  /// <= 1.
  std::optional<double> energy{};
};

/// Two layers of rank * (in + out) weights, Linear(in, rank) without bias and Linear(rank, out), that compute with
/// low_rank_approximation(weight, rank) = U diag(s) V', the closest of that rank (Eckart and Young 1936). The root of s
/// goes to either side: W1 = s^1/2 V', W2 = U s^1/2. `layer` stays as it is. 1 <= rank <= min(in, out).
Sequential compress(const Linear& layer, std::int64_t rank);
Sequential compress(const Linear& layer, const CompressOptions& options);

/// A new model in which this replaces every Linear layer, parametrised or not, also in Sequential parts, that has more
/// weights than its two; the other layers are cloned.
Sequential compress(const Sequential& model, std::int64_t rank);
Sequential compress(const Sequential& model, const CompressOptions& options);

}  // namespace sigmagrad::nn
