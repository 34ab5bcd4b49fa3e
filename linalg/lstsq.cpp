// SPDX-License-Identifier: BSD-3-Clause
#include <array>

#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/linalg/detail/solve.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>
#include <sigmagrad/linalg/solve.hpp>

namespace sigmagrad::linalg {
namespace {

// X = A^+ B for matrices of one batch, and the rank of each A.
Tensor least_squares(const Tensor& A, const Tensor& B, double rcond);

// With Z = A'^+ g, which is gB, and the residuals R = B - A X and Q = g - A' Z, gA = R (A^+ Z)' + (A'^+ X) Q' - Z X'
// (Golub and Pereyra 1973). R is 0 where the rank is that of the rows, and Q where it is that of the columns.
Tensor matrix_gradient(const engine::Saved& saved, const Tensor& g, double rcond) {
  const Tensor &A = saved.input(0), &B = saved.input(1);
  const Tensor X = saved.output(0), rank = saved.output(1).unsqueeze(-1).unsqueeze(-1);
  const Tensor Z = least_squares(A.t(), g, rcond);
  const Tensor R = (B - matmul(A, X)) * (rank < static_cast<double>(A.size(-2)));
  const Tensor Q = (g - matmul(A.t(), Z)) * (rank < static_cast<double>(A.size(-1)));
  const Tensor from_residual = matmul(R, least_squares(A, Z, rcond).t());
  const Tensor from_kernel = matmul(least_squares(A.t(), X, rcond), Q.t());
  return from_residual + from_kernel - matmul(Z, X.t());
}

Tensor least_squares(const Tensor& A, const Tensor& B, double rcond) {
  std::array<Tensor, 2> result;
  {
    const NoGrad guard;
    detail::check_finite("lstsq", B);
    const auto [U, S, Vt] = detail::svd("lstsq", A);
    const Tensor counts = S > rcond * (S.size(-1) > 0 ? S.narrow(-1, 0, 1) : S);
    const Tensor inverse = detail::divide_or_zero(matmul(U.t(), B), (S * counts).unsqueeze(-1));
    result = {matmul(Vt.t(), inverse), sum(counts, -1)};
  }
  engine::make_node<2>(
      "lstsq", {&A, &B}, std::span<const Tensor, 2>(result), engine::saves_inputs | engine::saves_output,
      [rcond](const engine::Saved& saved, const engine::Gradients& g) { return matrix_gradient(saved, g[0], rcond); },
      [rcond](const engine::Saved& saved, const engine::Gradients& g) {
        return least_squares(saved.input(0).t(), g[0], rcond);
      });
  return result[0];
}

Tensor least_squares_of_matrices(const Tensor& A, const Tensor& B, double rcond) {
  const detail::Sizes a(A), b(B);
  if (a.rows != b.rows)
    engine::fail("lstsq: sizes differ: {} and {} ({} != {})", A.shape().str(), B.shape().str(), a.rows, b.rows);
  const Shape batch = engine::broadcast_shapes("lstsq", a.batch, b.batch);
  const Tensor scales = detail::scales_of(A);  // squares of singular values stay in range
  return scales * least_squares(detail::with_batch(A * scales, batch), detail::with_batch(B, batch), rcond);
}

}  // namespace

Tensor lstsq(const Tensor& A, const Tensor& B) { return lstsq(A, B, detail::rank_tolerance("lstsq", A)); }

Tensor lstsq(const Tensor& A, const Tensor& B, double rcond) {
  engine::check_same_dtype("lstsq", A, B);
  detail::check_matrix("lstsq", A);
  if (!(rcond >= 0.0)) engine::fail("lstsq: rcond must be >= 0 (got {})", rcond);
  if (B.dim() == 0) engine::fail("lstsq: needs a vector or a matrix on the right, got {}", B.shape().str());
  if (detail::is_vector(A, B)) return least_squares_of_matrices(A, B.unsqueeze(-1), rcond).squeeze(-1);
  return least_squares_of_matrices(A, B, rcond);
}

}  // namespace sigmagrad::linalg
