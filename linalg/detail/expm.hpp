// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace sigmagrad::linalg::detail {

/// The exponential of one row-major n x n matrix, T = double or float. Non-finite input is an Error; entries beyond T's
/// range become infinite.
template <class T>
void expm(const T* a, std::int64_t n, T* out);

/// Its derivative in the direction e: what exp(a + t e) gains per t, at t = 0.
template <class T>
void expm_derivative(const T* a, const T* e, std::int64_t n, T* out);

}  // namespace sigmagrad::linalg::detail
