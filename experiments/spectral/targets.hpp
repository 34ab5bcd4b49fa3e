// SPDX-License-Identifier: BSD-3-Clause
// Targets of other structures than heterogeneous rows. The papers name them without saying how they were drawn.
#pragma once

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::spectral {

/// A B / sqrt(d d/4) with standard normal A [d, d/4] and B [d/4, d], A drawn first: rows of length 1, and d - d/4
/// singular values that are zero.
Tensor low_rank_target(std::int64_t d, Generator& generator);

/// Blocks of standard normal entries, times `scale`, along the diagonal, drawn from the first on.
Tensor block_diagonal_target(std::int64_t d, std::int64_t block, double scale, Generator& generator);

}  // namespace sigmagrad::experiments::spectral
