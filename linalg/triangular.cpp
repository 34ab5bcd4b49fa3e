// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/detail/solve.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>

namespace sigmagrad::linalg {
namespace {

double epsilon(Dtype dtype) {
  return dtype == f64 ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
}

// Error, at every replay too, where an entry on the diagonal of a triangle is at most `tolerance` times the largest of
// its line, a column of an R or a row of an L: what is left there of that line of the factored matrix is rounding.
void refuse_singular(const char* operation, bool columns, const Tensor& triangle, double tolerance) {
  const detail::Sizes size(triangle);
  engine::dispatch(triangle.dtype(), [&]<class T>(T) {
    engine::launch([=, from = engine::read<T>(triangle), count = size.batch.numel(), k = size.k, n = size.cols,
                    area = size.rows * size.cols] {
      for (std::int64_t line = 0; line < count * k; ++line) {
        const std::int64_t j = line % k;
        const T* const first = from + line / k * area + (columns ? j : j * n);
        const std::int64_t step = columns ? n : 1;
        T largest = 0;
        for (std::int64_t i = 0; i <= j; ++i) largest = std::max(largest, std::abs(first[i * step]));
        const double left = largest == 0 ? 0.0 : static_cast<double>(std::abs(first[j * step]) / largest);
        if (!(left > tolerance))
          engine::fail(
              "{}: no gradient where the matrix is singular up to rounding: entry {} of the diagonal is {:.1e} times "
              "the largest of its {}, expected more than {:.1e}",
              operation, j, left, columns ? "column of R" : "row of L", tolerance);
      }
    });
  });
}

// What is below the diagonal, and half of what is on it.
Tensor half_lower(const Tensor& x) { return 0.5 * (tril(x) + tril(x, -1)); }

// L^-T Phi(L' g) L^-1, symmetrised; Phi keeps the lower triangle and halves its diagonal (Murray 2016, eq. 10).
Tensor cholesky_gradient(const engine::Saved& saved, const Tensor& g) {
  const auto L = saved.output();
  refuse_singular("cholesky", false, L, std::sqrt(static_cast<double>(L.size(-1)) * epsilon(L.dtype())));
  const auto phi = half_lower(matmul(L.t(), tril(g)));
  const auto half = detail::solve("cholesky", L.t(), phi);
  return detail::symmetric_part(detail::solve("cholesky", L.t(), half.t()));
}

// The gradient of a square or tall w = Q R: (gQ + Q M) R^-T, where M is the lower triangle of R gR' - gQ' Q mirrored
// to the upper one (Walter and Lehmann 2018).
Tensor tall_gradient(const Tensor& Q, const Tensor& R, const Tensor& gQ, const Tensor& gR) {
  const auto lower = half_lower(matmul(R, tril(gR.t())) - matmul(gQ.t(), Q));
  const auto numerator = gQ + matmul(Q, lower + lower.t());
  return detail::solve("qr", R, numerator.t()).t();
}

// A wide w = [X, Y] has R = [U, Q'Y] with X = Q U: Y = Q V takes part in Q's gradient.
Tensor qr_gradient(const engine::Saved& saved, const engine::Gradients& gradients) {
  const auto Q = saved.output(0), R = saved.output(1);
  refuse_singular("qr", true, R, static_cast<double>(Q.size(-2)) * epsilon(R.dtype()));
  const auto gQ = gradients[0].defined() ? gradients[0] : zeros_like(Q);
  const auto gR = gradients[1].defined() ? gradients[1] : zeros_like(R);
  const auto k = R.size(-2), rest = R.size(-1) - k;
  if (rest == 0) return tall_gradient(Q, R, gQ, gR);
  const auto gV = gR.narrow(-1, k, rest), Y = matmul(Q, R.narrow(-1, k, rest));
  const auto gX = tall_gradient(Q, R.narrow(-1, 0, k), gQ + matmul(Y, gV.t()), gR.narrow(-1, 0, k));
  return cat({gX, matmul(Q, gV)}, -1);
}

}  // namespace

Tensor cholesky(const Tensor& a) {
  detail::check_square("cholesky", a);
  const detail::Sizes size(a);
  Tensor out = engine::make_tensor(a.shape(), a.dtype());
  engine::dispatch(a.dtype(), [&]<class T>(T) {
    engine::launch([from = engine::read<T>(a), to = engine::fresh<T>(out), count = size.batch.numel(), n = size.rows] {
      for (std::int64_t i = 0; i < count; ++i) detail::cholesky(from + i * n * n, n, to + i * n * n);
    });
  });
  return engine::make_node<1>("cholesky", {&a}, std::move(out), engine::saves_output, cholesky_gradient);
}

QR detail::qr(const char* operation, const Tensor& w) {
  const Sizes size(operation, w);
  const std::array<Tensor, 2> result{engine::make_tensor(size.matrices(size.rows, size.k), w.dtype()),
                                     engine::make_tensor(size.matrices(size.k, size.cols), w.dtype())};
  engine::dispatch(w.dtype(), [&]<class T>(T) {
    engine::launch([operation, a = engine::read<T>(w), q = engine::fresh<T>(result[0]), r = engine::fresh<T>(result[1]),
                    count = size.batch.numel(), m = size.rows, n = size.cols, k = size.k] {
      for (std::int64_t i = 0; i < count; ++i) detail::qr(a + i * m * n, m, n, q + i * m * k, r + i * k * n, operation);
    });
  });
  engine::make_node<1>("qr", {&w}, std::span<const Tensor, 2>(result), engine::saves_output, qr_gradient);
  return {result[0], result[1]};
}

QR qr(const Tensor& w) { return detail::qr("qr", w); }

}  // namespace sigmagrad::linalg
