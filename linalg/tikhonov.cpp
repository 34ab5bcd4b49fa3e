// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/tikhonov.hpp>

#include <cmath>

#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/detail/solve.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>

namespace sigmagrad::linalg {
namespace {

Tensor filtered(const char* operation, const Tensor& A, const Tensor& B, Scalar mu);

// Products of A with a solution cancel: A (A'A + mu I)^-1 X is (A A' + mu I)^-1 A X, and B - A X of tikhonov's X is
// mu (A A' + mu I)^-1 B. The rules take the right sides, of the same two functions.

// Y = (A'A + mu I)^-1 X, for matrices of one batch. The rule for X is the same function. With H = (A'A + mu I)^-1 g,
// gA = -A Y H' - A H Y'.
Tensor inverse_normal(const char* operation, const Tensor& A, const Tensor& X, Scalar mu) {
  Tensor value;
  {
    const NoGrad guard;
    const auto [U, S, Vt] = detail::svd(operation, A);
    value = matmul(Vt.t(), matmul(Vt, X) / (square(S) + mu).unsqueeze(-1));
    if (Vt.size(-1) > Vt.size(-2)) value = value + (X - matmul(Vt.t(), matmul(Vt, X))) / mu;
  }
  return engine::make_node<2>(
      operation, {&A, &X}, std::move(value), engine::saves_inputs | engine::saves_output,
      [=](const engine::Saved& saved, const Tensor& g) {
        const Tensor &a = saved.input(0), Y = saved.output(), H = inverse_normal(operation, a, g, mu);
        const Tensor AY = filtered(operation, a.t(), saved.input(1), mu), AH = filtered(operation, a.t(), g, mu);
        return -matmul(AY, H.t()) - matmul(AH, Y.t());
      },
      [=](const engine::Saved& saved, const Tensor& g) { return inverse_normal(operation, saved.input(0), g, mu); });
}

// X = (A'A + mu I)^-1 A'B = V diag(s / (s^2 + mu)) U'B. With H as above and gB = A H, gA = (B - A X) H' - gB X'.
Tensor filtered(const char* operation, const Tensor& A, const Tensor& B, Scalar mu) {
  Tensor value;
  {
    const NoGrad guard;
    const auto [U, S, Vt] = detail::svd(operation, A);
    value = matmul(Vt.t(), matmul(U.t(), B) / (S + mu / S).unsqueeze(-1));  // s may be 0: a number over infinity is 0
  }
  return engine::make_node<2>(
      operation, {&A, &B}, std::move(value), engine::saves_inputs | engine::saves_output,
      [=](const engine::Saved& saved, const Tensor& g) {
        const Tensor &a = saved.input(0), H = inverse_normal(operation, a, g, mu);
        const Tensor residual = mu * inverse_normal(operation, a.t(), saved.input(1), mu);
        return matmul(residual, H.t()) - matmul(filtered(operation, a.t(), g, mu), saved.output().t());
      },
      [=](const engine::Saved& saved, const Tensor& g) { return filtered(operation, saved.input(0).t(), g, mu); });
}

void check_mu(const char* operation, double mu) {
  if (!(mu > 0.0) || std::isinf(mu)) engine::fail("{}: mu must be positive and finite (got {})", operation, mu);
}

// f(A, B) of matrices or of a vector a system; the side of A that B has the length of is `axis`.
template <class F>
Tensor of_systems(const char* operation, const Tensor& A, const Tensor& B, int axis, const F& f) {
  engine::check_same_dtype(operation, A, B);
  detail::check_matrix(operation, A);
  if (B.dim() == 0) engine::fail("{}: needs a vector or a matrix on the right, got {}", operation, B.shape().str());
  detail::check_finite(operation, B);
  const bool vector =
      B.dim() == 1 || (B.dim() == A.dim() - 1 && B.shape().head(B.dim() - 1) == A.shape().head(A.dim() - 2));
  const Tensor right = vector ? B.unsqueeze(-1) : B;
  const detail::Sizes a(A), b(right);
  if (A.size(axis) != b.rows)
    engine::fail("{}: sizes differ: {} and {} ({} != {})", operation, A.shape().str(), B.shape().str(), A.size(axis),
                 b.rows);
  const Shape batch = engine::broadcast_shapes(operation, a.batch, b.batch);
  const Tensor result = f(detail::with_batch(A, batch), detail::with_batch(right, batch));
  return vector ? result.squeeze(-1) : result;
}

}  // namespace

Tensor tikhonov(const Tensor& A, const Tensor& B, Scalar mu) {
  check_mu("tikhonov", mu.now());
  return of_systems("tikhonov", A, B, -2,
                    [&](const Tensor& a, const Tensor& b) { return filtered("tikhonov", a, b, mu); });
}

Tensor tikhonov_cond(const Tensor& A, double mu) {
  check_mu("tikhonov_cond", mu);
  const detail::Sizes size("tikhonov_cond", A);
  const auto s = detail::two_svdvals("tikhonov_cond", A, 0, -1);
  const double root = std::sqrt(mu);
  // The root of s^2 + mu, as a length: squares may leave the range where their ratio does not.
  const auto length = [&](const Tensor& value) {
    return engine::euclidean_norm(stack({value, full_like(value, root)}, -1), -1);
  };
  const auto most = length(s.select(-1, 0));
  return square(size.rows < size.cols ? most / root : most / length(s.select(-1, 1)));
}

Tensor tikhonov_bias(const Tensor& A, const Tensor& X, Scalar mu) {
  check_mu("tikhonov_bias", mu.now());
  return of_systems("tikhonov_bias", A, X, -1,
                    [&](const Tensor& a, const Tensor& x) { return -mu * inverse_normal("tikhonov_bias", a, x, mu); });
}

}  // namespace sigmagrad::linalg
