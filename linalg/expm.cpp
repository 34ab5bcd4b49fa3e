// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/autograd/reductions.hpp>
#include <sigmagrad/autograd/shape_ops.hpp>
#include <sigmagrad/linalg/detail/expm.hpp>
#include <sigmagrad/linalg/detail/matrix.hpp>
#include <sigmagrad/linalg/expm.hpp>

namespace sigmagrad::linalg {
namespace {

/// Linear in g, which is brought to size 1 so that it does not drive the scaling of A.
Tensor expm_gradient(const Tensor& A, const Tensor& g) {
  const auto n = A.size(-1);
  if (A.numel() == 0) return g;
  auto scale = max(abs(g.detach()).flatten(-2), -1).unsqueeze(-1).unsqueeze(-1);
  scale = scale + (scale == 0.0);
  const auto transposed = A.t();
  const auto block = cat({cat({transposed, g / scale}, -1), cat({zeros_like(A), transposed}, -1)}, -2);
  return expm(block).narrow(-2, 0, n).narrow(-1, n, n) * scale;
}

}  // namespace

Tensor expm(const Tensor& A) {
  detail::check_square("expm", A);
  const detail::Sizes size(A);
  Tensor out = sigmagrad::detail::make_tensor(A.shape(), A.dtype());
  sigmagrad::detail::dispatch(A.dtype(), [&]<class T>(T) {
    sigmagrad::detail::launch([a = sigmagrad::detail::read<T>(A), to = sigmagrad::detail::fresh<T>(out),
                               count = size.batch.numel(), n = size.rows] {
      for (std::int64_t i = 0; i < count; ++i) detail::expm(a + i * n * n, n, to + i * n * n);
    });
  });
  return sigmagrad::detail::record<1>(
      "expm", {&A}, std::move(out), sigmagrad::detail::saves_input,
      [](const sigmagrad::detail::Saved& saved, const Tensor& g) { return expm_gradient(saved.input(), g); });
}

}  // namespace sigmagrad::linalg
