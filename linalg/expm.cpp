// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/expm.hpp>

#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/detail/expm.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>

namespace sigmagrad::linalg {
namespace {

Tensor block_upper(const Tensor& diagonal, const Tensor& upper, const Tensor& lower) {
  return cat({cat({diagonal, upper}, -1), cat({lower, diagonal}, -1)}, -2);
}

Tensor derivative(const Tensor& A, const Tensor& E);

// The gradient of <g, L(A, E)> in A: L(A', .) is linear, its derivative in the direction g stands at the upper right
// of L([[A', E'], [0, A']], [[g, 0], [0, g]]). E' is brought near 1 so that it does not drive the scaling of A.
Tensor second_derivative(const Tensor& A, const Tensor& E, const Tensor& g) {
  const auto n = A.size(-1);
  if (A.numel() == 0) return g;
  const auto scale = detail::scales_of(E);
  const auto zero = zeros_like(A);
  const auto L = derivative(block_upper(A.t(), E.t() * scale, zero), block_upper(g, zero, zero));
  return L.narrow(-2, 0, n).narrow(-1, n, n) / scale;
}

// L(A, E), the derivative of expm at A in the direction E. It is linear in E, and L(A', .) is its adjoint.
Tensor derivative(const Tensor& A, const Tensor& E) {
  const detail::Sizes size(A);
  Tensor out = engine::make_tensor(A.shape(), A.dtype());
  engine::dispatch(A.dtype(), [&]<class T>(T) {
    engine::launch([a = engine::read<T>(A), e = engine::read<T>(E), to = engine::fresh<T>(out),
                    count = size.batch.numel(), n = size.rows] {
      for (std::int64_t i = 0; i < count; ++i) detail::expm_derivative(a + i * n * n, e + i * n * n, n, to + i * n * n);
    });
  });
  return engine::make_node<2>(
      "expm_derivative", {&A, &E}, std::move(out), engine::saves_inputs,
      [](const engine::Saved& saved, const Tensor& g) { return second_derivative(saved.input(0), saved.input(1), g); },
      [](const engine::Saved& saved, const Tensor& g) { return derivative(saved.input(0).t(), g); });
}

}  // namespace

Tensor expm(const Tensor& A) {
  detail::check_square("expm", A);
  const detail::Sizes size(A);
  Tensor out = engine::make_tensor(A.shape(), A.dtype());
  engine::dispatch(A.dtype(), [&]<class T>(T) {
    engine::launch([a = engine::read<T>(A), to = engine::fresh<T>(out), count = size.batch.numel(), n = size.rows] {
      for (std::int64_t i = 0; i < count; ++i) detail::expm(a + i * n * n, n, to + i * n * n);
    });
  });
  return engine::make_node<1>(
      "expm", {&A}, std::move(out), engine::saves_input,
      [](const engine::Saved& saved, const Tensor& g) { return derivative(saved.input().t(), g); });
}

}  // namespace sigmagrad::linalg
