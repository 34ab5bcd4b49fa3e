// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace sigmagrad::engine {

/// Products of row-major matrices: c[m, n] = op(a) op(b), where op(a) is [m, k] and op(b) is [k, n]. A transposed
/// operand is stored as its transpose. The bits of c depend on nothing but the entries and the sizes. Sums of more than
/// 4096 products in f32, 65536 in f64, are pairwise: they are those of two halves.
struct Gemm {
  std::int64_t m, n, k;
  bool transpose_a, transpose_b;

  /// `count` products, one after the other in c. The operands of the next lie a_step and b_step entries further on; 0
  /// takes the same again.
  void operator()(std::int64_t count, const double* a, std::int64_t a_step, const double* b, std::int64_t b_step,
                  double* c) const;
  void operator()(std::int64_t count, const float* a, std::int64_t a_step, const float* b, std::int64_t b_step,
                  float* c) const;
};

}  // namespace sigmagrad::engine
