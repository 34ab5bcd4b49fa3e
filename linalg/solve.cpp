// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/solve.hpp>

#include <limits>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/detail/solve.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>
#include <sigmagrad/linalg/norms.hpp>

namespace sigmagrad::linalg {
namespace {

Tensor solve_matrices(const Tensor& A, const Tensor& B) {
  const detail::Sizes a(A), b(B);
  if (a.rows != b.rows)
    engine::fail("solve: sizes differ: {} and {} ({} != {})", A.shape().str(), B.shape().str(), a.rows, b.rows);
  const Shape batch = engine::broadcast_shapes("solve", a.batch, b.batch);
  return detail::solve("solve", detail::with_batch(A, batch), detail::with_batch(B, batch));
}

}  // namespace

// X = A^-1 B: gB = A^-T g, gA = -gB X'.
Tensor detail::solve(const char* operation, const Tensor& A, const Tensor& B, IfSingular if_singular) {
  const Sizes size(B);
  Tensor out = engine::make_tensor(B.shape(), B.dtype());
  engine::dispatch(B.dtype(), [&]<class T>(T) {
    engine::launch([operation, if_singular, a = engine::read<T>(A), b = engine::read<T>(B), x = engine::fresh<T>(out),
                    count = size.batch.numel(), n = size.rows, k = size.cols] {
      for (std::int64_t i = 0; i < count; ++i) {
        if (detail::solve(a + i * n * n, n, b + i * n * k, k, x + i * n * k, operation)) continue;
        if (if_singular == IfSingular::Fail) engine::fail("{}: matrix is singular", operation);
        std::fill_n(x + i * n * k, n * k, std::numeric_limits<T>::infinity());
      }
    });
  });
  return engine::make_node<2>(
      operation, {&A, &B}, std::move(out), engine::saves_inputs | engine::saves_output,
      [operation](const engine::Saved& saved, const Tensor& g) {
        return -matmul(detail::solve(operation, saved.input(0).t(), g), saved.output().t());
      },
      [operation](const engine::Saved& saved, const Tensor& g) {
        return detail::solve(operation, saved.input(0).t(), g);
      });
}

Tensor detail::inv(const char* operation, const Tensor& A, IfSingular if_singular) {
  check_square(operation, A);
  const Sizes size(A);
  Tensor out = engine::make_tensor(A.shape(), A.dtype());
  engine::dispatch(A.dtype(), [&]<class T>(T) {
    engine::launch([operation, if_singular, a = engine::read<T>(A), x = engine::fresh<T>(out),
                    count = size.batch.numel(), n = size.rows] {
      for (std::int64_t i = 0; i < count; ++i) {
        if (detail::inverse(a + i * n * n, n, x + i * n * n, operation)) continue;
        if (if_singular == IfSingular::Fail) engine::fail("{}: matrix is singular", operation);
        std::fill_n(x + i * n * n, n * n, std::numeric_limits<T>::infinity());
      }
    });
  });
  return engine::make_node<1>("inv", {&A}, std::move(out), engine::saves_output,
                              [](const engine::Saved& saved, const Tensor& g) {
                                const auto transposed = saved.output().t();
                                return -matmul(matmul(transposed, g), transposed);
                              });
}

Tensor solve(const Tensor& A, const Tensor& B) {
  engine::check_same_dtype("solve", A, B);
  detail::check_square("solve", A);
  if (B.dim() == 0) engine::fail("solve: needs a vector or a matrix on the right, got {}", B.shape().str());
  if (detail::is_vector(A, B)) return solve_matrices(A, B.unsqueeze(-1)).squeeze(-1);
  return solve_matrices(A, B);
}

Tensor inv(const Tensor& A) { return detail::inv("inv", A); }

SlogDet slogdet(const Tensor& A) {
  detail::check_square("slogdet", A);
  const detail::Sizes size(A);
  Tensor sign = engine::make_tensor(size.batch, A.dtype()), logabsdet = engine::make_tensor(size.batch, A.dtype());
  engine::dispatch(A.dtype(), [&]<class T>(T) {
    engine::launch([a = engine::read<T>(A), s = engine::fresh<T>(sign), l = engine::fresh<T>(logabsdet),
                    count = size.batch.numel(), n = size.rows] {
      for (std::int64_t i = 0; i < count; ++i) detail::slogdet(a + i * n * n, n, s + i, l + i);
    });
  });
  logabsdet = engine::make_node<1>("slogdet", {&A}, std::move(logabsdet), engine::saves_input,
                                   [](const engine::Saved& saved, const Tensor& g) {
                                     return g.unsqueeze(-1).unsqueeze(-1) * detail::inv("slogdet", saved.input()).t();
                                   });
  return {sign, logabsdet};
}

Tensor cond_estimate(const Tensor& w, int steps) {
  detail::check_matrix("cond_estimate", w);
  if (steps < 1) engine::fail("cond_estimate: steps must be >= 1 (got {})", steps);
  const detail::Sizes size(w);
  const NoGrad guard;
  const bool square = size.rows == size.cols;
  const Tensor a = square ? w : detail::qr("cond_estimate", size.rows > size.cols ? w : w.t()).R;
  Tensor out = engine::make_tensor(size.batch, w.dtype());
  engine::dispatch(w.dtype(), [&]<class T>(T) {
    engine::launch(
        [from = engine::read<T>(a), to = engine::fresh<T>(out), count = size.batch.numel(), n = size.k, steps] {
          for (std::int64_t i = 0; i < count; ++i) to[i] = detail::cond_estimate(from + i * n * n, n, steps);
        });
  });
  return out;
}

Tensor random_cond_estimate(const Tensor& w, Generator& generator) {
  detail::check_matrix("random_cond_estimate", w);
  const detail::Sizes size(w);
  const NoGrad guard;
  const bool square = size.rows == size.cols;
  const Tensor a = square ? w.detach() : detail::qr("random_cond_estimate", size.rows > size.cols ? w : w.t()).R;
  const Tensor x = randn(size.vectors(size.k), generator, w.dtype());
  const Tensor y = detail::solve("random_cond_estimate", a, x.unsqueeze(-1), detail::IfSingular::Infinity).squeeze(-1);
  const Tensor length = engine::euclidean_norm(x, -1);
  return (engine::euclidean_norm(detail::times(a, x), -1) / length) * (engine::euclidean_norm(y, -1) / length);
}

Tensor random_cond_estimate(const Tensor& w) { return random_cond_estimate(w, default_generator()); }

Tensor backward_error(const Tensor& A, const Tensor& x, const Tensor& b) {
  detail::check_matrix("backward_error", A);
  for (const Tensor* other : {&x, &b}) engine::check_same_dtype("backward_error", A, *other);
  const bool vectors = x.dim() == 1 || (x.dim() == A.dim() - 1 && b.dim() == x.dim());
  if (vectors) return backward_error(A, x.unsqueeze(-1), b.unsqueeze(-1)).squeeze(-1);
  const detail::Sizes right("backward_error", b), left("backward_error", x);
  if (A.size(-1) != left.rows || A.size(-2) != right.rows || left.cols != right.cols)
    engine::fail("backward_error: sizes differ: {}, {} and {}", A.shape().str(), x.shape().str(), b.shape().str());
  for (const Tensor* other : {&x, &b}) detail::check_finite("backward_error", *other);
  const auto residual = col_norms(b - matmul(A, x));
  const auto most = detail::two_svdvals("backward_error", A, 0, 0).select(-1, 0).unsqueeze(-1);
  return detail::divide_or_zero(residual, most * col_norms(x) + col_norms(b));
}

Tensor forward_error(const Tensor& x, const Tensor& exact) {
  engine::check_same_dtype("forward_error", x, exact);
  if (x.dim() == 0 || x.shape() != exact.shape())
    engine::fail("forward_error: needs vectors of one shape, got {} and {}", x.shape().str(), exact.shape().str());
  return vector_norm(x - exact) / vector_norm(exact);
}

}  // namespace sigmagrad::linalg
