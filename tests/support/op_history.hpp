// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {

/// Value, gradients and second derivatives of the row have the same bits on a thread that has computed nothing, after
/// smaller and larger inputs, where all free memory holds NaN, and as an entry of a batch, whose memory is aligned
/// otherwise. In both dtypes, for the row's shapes and for enlarged ones.
void check_history(const OpCase& row);

/// They have the same bits on three threads, cut into the smallest pieces, eager and replayed; so have value and
/// gradients of the row's inputs with a long axis.
void check_threads(const OpCase& row);

}  // namespace sigmagrad::testing
