// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/linalg/detail/matrix.hpp>

namespace sigmagrad::linalg {

Tensor detail::lower_mask(std::int64_t n, double diagonal, Dtype dtype) {
  Tensor out = sigmagrad::detail::make_tensor({n, n}, dtype);
  sigmagrad::detail::dispatch(dtype, [&]<class T>(T) {
    sigmagrad::detail::launch([to = sigmagrad::detail::fresh<T>(out), n, diagonal] {
      for (std::int64_t i = 0; i < n * n; ++i)
        to[i] = i / n > i % n ? T{1} : i / n == i % n ? static_cast<T>(diagonal) : T{0};
    });
  });
  return out;
}

void detail::refuse_non_finite(const char* operation, const Tensor& x) {
  sigmagrad::detail::dispatch(x.dtype(), [&]<class T>(T) {
    sigmagrad::detail::launch([operation, from = sigmagrad::detail::read<T>(x), n = x.numel()] {
      if (!std::all_of(from, from + n, [](T entry) { return std::isfinite(entry); }))
        sigmagrad::detail::fail("{}: input has non-finite entries", operation);
    });
  });
}

}  // namespace sigmagrad::linalg
