// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/kernels/matrix.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/linalg/decompositions.hpp>

namespace sigmagrad::linalg::detail {

void check_finite(const char* operation, const Tensor& x) {
  engine::dispatch(x.dtype(), [&]<class T>(T) {
    engine::launch([operation, from = engine::read<T>(x), n = x.numel()] {
      if (!std::all_of(from, from + n, [](T value) { return std::isfinite(value); }))
        engine::fail("{}: input has non-finite entries", operation);
    });
  });
}

double rank_tolerance(const char* operation, const Tensor& w) {
  const Sizes size(operation, w);
  const double epsilon = w.dtype() == f64 ? std::numeric_limits<double>::epsilon()
                                          : static_cast<double>(std::numeric_limits<float>::epsilon());
  return static_cast<double>(std::max(size.rows, size.cols)) * epsilon;
}

Tensor orthonormal_columns(const Tensor& x) {
  const auto [Q, R] = qr(x);
  return columns_times(Q, 1.0 - 2.0 * (diagonal(R) < 0.0));
}

}  // namespace sigmagrad::linalg::detail
