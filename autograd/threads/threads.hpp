// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace sigmagrad {

/// From now on the large operations and optimiser steps of the calling thread run on n threads: this one, and n - 1
/// that belong to it and end with it or when the number changes. Every result has the same bits for any n, and a
/// captured step takes the number at each call. Small tensors and decompositions of matrices stay on the calling
/// thread. A thread starts with 1; others, such as those that train models of their own, keep their number. Error for n
/// < 1, or where the system gives no more threads; nothing has changed then.
void set_num_threads(int n);
/// The calling thread's number.
int num_threads();

}  // namespace sigmagrad
