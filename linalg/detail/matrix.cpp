// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/linalg/detail/matrix.hpp>

namespace sigmagrad::linalg {

void detail::refuse_non_finite(const char* operation, const Tensor& x) {
  sigmagrad::detail::dispatch(x.dtype(), [&]<class T>(T) {
    sigmagrad::detail::launch([operation, from = sigmagrad::detail::read<T>(x), n = x.numel()] {
      if (!std::all_of(from, from + n, [](T entry) { return std::isfinite(entry); }))
        sigmagrad::detail::fail("{}: input has non-finite entries", operation);
    });
  });
}

}  // namespace sigmagrad::linalg
