// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::linalg {

/// Whether s majorises t, two vectors of one length: for every k the k largest entries of s sum to at least as much as
/// those of t, and all entries to the same. Sums are compared up to rounding, n times the machine epsilon of the dtype
/// times the sum of the sizes of all entries. Error for entries that are not finite.
bool majorizes(const Tensor& s, const Tensor& t);

/// Whether the k largest entries of s sum to at least as much as those of t for every k, whatever the totals: for the
/// singular values of two matrices, whether every unitarily invariant norm of the first is at least that of the second
/// (Fan dominance; Bhatia 1997, theorem IV.2.2).
bool weakly_majorizes(const Tensor& s, const Tensor& t);

}  // namespace sigmagrad::linalg
