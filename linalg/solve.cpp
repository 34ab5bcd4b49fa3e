// SPDX-License-Identifier: BSD-3-Clause
#include <limits>
#include <sigmagrad/linalg/detail/solve.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>
#include <sigmagrad/linalg/solve.hpp>

namespace sigmagrad::linalg {
namespace {

using sigmagrad::detail::fail;
using sigmagrad::detail::fresh;
using sigmagrad::detail::launch;
using sigmagrad::detail::make_tensor;
using sigmagrad::detail::read;
using sigmagrad::detail::Saved;

bool is_vector(const Tensor& A, const Tensor& B) {
  return B.dim() == 1 || (B.dim() == A.dim() - 1 && B.shape() == A.shape().without(-1));
}

Tensor with_batch(const Tensor& x, const Shape& batch) {
  const Shape shape = batch.inserted(-1, x.size(-2)).inserted(-1, x.size(-1));
  return x.shape() == shape ? x : x.expand(shape);
}

Tensor solve_matrices(const Tensor& A, const Tensor& B) {
  const detail::Sizes a(A), b(B);
  if (a.rows != b.rows)
    fail("solve: sizes differ: {} and {} ({} != {})", A.shape().str(), B.shape().str(), a.rows, b.rows);
  const Shape batch = sigmagrad::detail::broadcast_shapes("solve", a.batch, b.batch);
  return detail::solve("solve", with_batch(A, batch), with_batch(B, batch));
}

}  // namespace

// X = A^-1 B: gB = A^-T g, gA = -gB X'.
Tensor detail::solve(const char* operation, const Tensor& A, const Tensor& B) {
  const Sizes size(B);
  Tensor out = make_tensor(B.shape(), B.dtype());
  sigmagrad::detail::dispatch(B.dtype(), [&]<class T>(T) {
    launch([operation, a = read<T>(A), b = read<T>(B), x = fresh<T>(out), count = size.batch.numel(), n = size.rows,
            k = size.cols] {
      for (std::int64_t i = 0; i < count; ++i)
        if (!detail::solve(a + i * n * n, n, b + i * n * k, k, x + i * n * k, operation))
          fail("{}: matrix is singular", operation);
    });
  });
  return sigmagrad::detail::record<2>(
      operation, {&A, &B}, std::move(out), sigmagrad::detail::saves_inputs | sigmagrad::detail::saves_output,
      [operation](const Saved& saved, const Tensor& g) {
        return -matmul(detail::solve(operation, saved.input(0).t(), g), saved.output().t());
      },
      [operation](const Saved& saved, const Tensor& g) { return detail::solve(operation, saved.input(0).t(), g); });
}

Tensor detail::inv(const char* operation, const Tensor& A, IfSingular if_singular) {
  check_square(operation, A);
  const Sizes size(A);
  Tensor out = make_tensor(A.shape(), A.dtype());
  sigmagrad::detail::dispatch(A.dtype(), [&]<class T>(T) {
    launch([operation, if_singular, a = read<T>(A), x = fresh<T>(out), count = size.batch.numel(), n = size.rows] {
      for (std::int64_t i = 0; i < count; ++i) {
        if (detail::inverse(a + i * n * n, n, x + i * n * n, operation)) continue;
        if (if_singular == IfSingular::Fail) fail("{}: matrix is singular", operation);
        std::fill_n(x + i * n * n, n * n, std::numeric_limits<T>::infinity());
      }
    });
  });
  return sigmagrad::detail::record<1>("inv", {&A}, std::move(out), sigmagrad::detail::saves_output,
                                      [](const Saved& saved, const Tensor& g) {
                                        const auto transposed = saved.output().t();
                                        return -matmul(matmul(transposed, g), transposed);
                                      });
}

Tensor solve(const Tensor& A, const Tensor& B) {
  sigmagrad::detail::check_same_dtype("solve", A, B);
  detail::check_square("solve", A);
  if (B.dim() == 0) fail("solve: needs a vector or a matrix on the right, got {}", B.shape().str());
  if (is_vector(A, B)) return solve_matrices(A, B.unsqueeze(-1)).squeeze(-1);
  return solve_matrices(A, B);
}

Tensor inv(const Tensor& A) { return detail::inv("inv", A); }

SlogDet slogdet(const Tensor& A) {
  detail::check_square("slogdet", A);
  const detail::Sizes size(A);
  Tensor sign = make_tensor(size.batch, A.dtype()), logabsdet = make_tensor(size.batch, A.dtype());
  sigmagrad::detail::dispatch(A.dtype(), [&]<class T>(T) {
    launch([a = read<T>(A), s = fresh<T>(sign), l = fresh<T>(logabsdet), count = size.batch.numel(), n = size.rows] {
      for (std::int64_t i = 0; i < count; ++i) detail::slogdet(a + i * n * n, n, s + i, l + i);
    });
  });
  logabsdet = sigmagrad::detail::record<1>(
      "slogdet", {&A}, std::move(logabsdet), sigmagrad::detail::saves_input, [](const Saved& saved, const Tensor& g) {
        return g.unsqueeze(-1).unsqueeze(-1) * detail::inv("slogdet", saved.input()).t();
      });
  return {sign, logabsdet};
}

Tensor cond_estimate(const Tensor& w, int steps) {
  detail::check_matrix("cond_estimate", w);
  if (steps < 1) fail("cond_estimate: steps must be >= 1 (got {})", steps);
  const detail::Sizes size(w);
  const NoGrad guard;
  const bool square = size.rows == size.cols;
  const Tensor a = square ? w : detail::qr("cond_estimate", size.rows > size.cols ? w : w.t()).R;
  Tensor out = make_tensor(size.batch, w.dtype());
  sigmagrad::detail::dispatch(w.dtype(), [&]<class T>(T) {
    launch([from = read<T>(a), to = fresh<T>(out), count = size.batch.numel(), n = size.k, steps] {
      for (std::int64_t i = 0; i < count; ++i) to[i] = detail::cond_estimate(from + i * n * n, n, steps);
    });
  });
  return out;
}

}  // namespace sigmagrad::linalg
