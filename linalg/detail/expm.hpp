// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace sigmagrad::linalg::detail {

/// The exponential of one row-major n x n matrix, T = double or float. Non-finite input is an Error.
template <class T>
void expm(const T* a, std::int64_t n, T* out);

}  // namespace sigmagrad::linalg::detail
