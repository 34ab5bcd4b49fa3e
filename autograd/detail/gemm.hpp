// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace sigmagrad::detail {

/// One matrix product of row-major operands: c[m, n] = op(a) op(b), where op(a) is [m, k] and op(b) is [k, n].
/// A transposed operand is stored as its transpose. The bits of c depend on nothing but the entries and the sizes.
struct Gemm {
  std::int64_t m, n, k;
  bool transpose_a, transpose_b;

  void operator()(const double* a, const double* b, double* c) const;
  void operator()(const float* a, const float* b, float* c) const;
};

}  // namespace sigmagrad::detail
