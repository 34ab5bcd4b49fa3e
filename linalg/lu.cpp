// SPDX-License-Identifier: BSD-3-Clause
#include <array>

#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/detail/solve.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>

namespace sigmagrad::linalg {
namespace {

using detail::solve;

// The gradient of P' a = L U: L^-T M U^-T, of whose M what is below the diagonal is that of L' gL and the rest that of
// gU U' (Walter and Lehmann 2018). A wide [X, Y] = L [U, V] has V = L^-1 Y besides, and a tall one the same transposed:
// its further rows are W U.
Tensor leading_gradient(const Tensor& L, const Tensor& U, const Tensor& M) {
  const Tensor left = solve("lu", L.t(), M);
  return solve("lu", U, left.t()).t();
}

Tensor permuted_gradient(const Tensor& L, const Tensor& U, const Tensor& gL, const Tensor& gU) {
  const std::int64_t k = U.size(-2), columns = U.size(-1) - k, rows = L.size(-2) - k;
  const auto top = [k](const Tensor& x) { return x.narrow(-2, 0, k); };
  const auto left = [k](const Tensor& x) { return x.narrow(-1, 0, k); };
  const Tensor inner_l = matmul(top(L).t(), top(gL)), inner_u = matmul(left(gU), left(U).t());
  if (columns > 0) {
    const Tensor V = U.narrow(-1, k, columns), gV = gU.narrow(-1, k, columns);
    const Tensor M = tril(inner_l - matmul(gV, V.t()), -1) + triu(inner_u);
    return cat({leading_gradient(L, left(U), M), solve("lu", L.t(), gV)}, -1);
  }
  if (rows > 0) {
    const Tensor W = L.narrow(-2, k, rows), gW = gL.narrow(-2, k, rows);
    const Tensor M = tril(inner_l, -1) + triu(inner_u - matmul(W.t(), gW));
    return cat({leading_gradient(top(L), U, M), solve("lu", U, gW.t()).t()}, -2);
  }
  return leading_gradient(L, U, tril(inner_l, -1) + triu(inner_u));
}

Tensor lu_gradient(const engine::Saved& saved, const engine::Gradients& gradients) {
  const Tensor L = saved.output(0), U = saved.output(1), P = saved.output(2).detach();
  const Tensor gL = gradients[0].defined() ? gradients[0] : zeros_like(L);
  const Tensor gU = gradients[1].defined() ? gradients[1] : zeros_like(U);
  return matmul(P, permuted_gradient(L, U, gL, gU));
}

}  // namespace

LU lu(const Tensor& a) {
  const detail::Sizes size("lu", a);
  const std::array<Tensor, 3> result{engine::make_tensor(size.matrices(size.rows, size.k), a.dtype()),
                                     engine::make_tensor(size.matrices(size.k, size.cols), a.dtype()),
                                     engine::make_tensor(size.matrices(size.rows, size.rows), a.dtype())};
  engine::dispatch(a.dtype(), [&]<class T>(T) {
    engine::launch([from = engine::read<T>(a), l = engine::fresh<T>(result[0]), u = engine::fresh<T>(result[1]),
                    p = engine::fresh<T>(result[2]), count = size.batch.numel(), m = size.rows, n = size.cols,
                    k = size.k] {
      for (std::int64_t i = 0; i < count; ++i)
        detail::lu(from + i * m * n, m, n, p + i * m * m, l + i * m * k, u + i * k * n);
    });
  });
  engine::make_node<1>("lu", {&a}, std::span<const Tensor, 3>(result), engine::saves_output, lu_gradient);
  return {result[2].detach(), result[0], result[1]};
}

}  // namespace sigmagrad::linalg
