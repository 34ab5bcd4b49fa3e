// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>
#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/autograd/shape_ops.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/detail/lapack.hpp>
#include <sigmagrad/linalg/detail/matrix.hpp>
#include <sigmagrad/linalg/detail/solve.hpp>

namespace sigmagrad::linalg {
namespace {

using detail::lower_mask;
using sigmagrad::detail::fresh;
using sigmagrad::detail::Gradients;
using sigmagrad::detail::launch;
using sigmagrad::detail::make_tensor;
using sigmagrad::detail::read;
using sigmagrad::detail::Saved;

double epsilon(Dtype dtype) {
  return dtype == f64 ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
}

/// Error, at every replay too, where a diagonal entry of an upper triangular R is at most `tolerance` times the largest
/// entry of its column: what is left there of that column of the factored matrix is rounding.
void refuse_singular(const char* operation, const char* column, const Tensor& R, double tolerance) {
  const detail::Sizes size(R);
  sigmagrad::detail::dispatch(R.dtype(), [&]<class T>(T) {
    launch([=, r = read<T>(R), count = size.batch.numel(), k = size.rows, n = size.cols] {
      for (const T* matrix = r; matrix != r + count * k * n; matrix += k * n)
        for (std::int64_t j = 0; j < k; ++j) {
          T largest = 0;
          for (std::int64_t i = 0; i <= j; ++i) largest = std::max(largest, std::abs(matrix[i * n + j]));
          const double left = largest == 0 ? 0.0 : static_cast<double>(std::abs(matrix[j * n + j]) / largest);
          if (!(left > tolerance))
            sigmagrad::detail::fail(
                "{}: no gradient where the matrix is singular up to rounding: entry {} of the diagonal is {:.1e} times "
                "the largest of its {}, expected more than {:.1e}",
                operation, j, left, column, tolerance);
        }
    });
  });
}

/// x on and below the diagonal, 0 above it, whatever stands there: the gradient of an entry that is always 0.
Tensor lower_part(const Tensor& x) { return where(lower_mask(x.size(-1), 1.0, x.dtype()), x, 0.0); }

// L^-T Phi(L' g) L^-1, symmetrised; Phi keeps the lower triangle and halves its diagonal (Murray 2016, eq. 10).
Tensor cholesky_gradient(const Saved& saved, const Tensor& g) {
  const auto L = saved.output();
  refuse_singular("cholesky", "row of L", L.t(), std::sqrt(static_cast<double>(L.size(-1)) * epsilon(L.dtype())));
  const auto phi = matmul(L.t(), lower_part(g)) * lower_mask(L.size(-1), 0.5, L.dtype());
  const auto half = detail::solve("cholesky", L.t(), phi);
  return detail::symmetric_part(detail::solve("cholesky", L.t(), half.t()));
}

/// The gradient of a square or tall w = Q R: (gQ + Q M) R^-T, where M is the lower triangle of R gR' - gQ' Q mirrored
/// to the upper one (Walter and Lehmann 2018).
Tensor tall_gradient(const Tensor& Q, const Tensor& R, const Tensor& gQ, const Tensor& gR) {
  const auto lower = (matmul(R, lower_part(gR.t())) - matmul(gQ.t(), Q)) * lower_mask(R.size(-1), 0.5, R.dtype());
  const auto numerator = gQ + matmul(Q, lower + lower.t());
  return detail::solve("qr", R, numerator.t()).t();
}

/// A wide w = [X, Y] has R = [U, Q'Y] with X = Q U: Y = Q V takes part in Q's gradient.
Tensor qr_gradient(const Saved& saved, const Gradients& gradients) {
  const auto Q = saved.output(0), R = saved.output(1);
  refuse_singular("qr", "column of R", R, static_cast<double>(Q.size(-2)) * epsilon(R.dtype()));
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
  Tensor out = make_tensor(a.shape(), a.dtype());
  sigmagrad::detail::dispatch(a.dtype(), [&]<class T>(T) {
    launch([from = read<T>(a), to = fresh<T>(out), count = size.batch.numel(), n = size.rows] {
      for (std::int64_t i = 0; i < count; ++i) detail::cholesky(from + i * n * n, n, to + i * n * n);
    });
  });
  return sigmagrad::detail::record<1>("cholesky", {&a}, std::move(out), sigmagrad::detail::saves_output,
                                      cholesky_gradient);
}

QR detail::qr(const char* operation, const Tensor& w) {
  const Sizes size(operation, w);
  const std::array<Tensor, 2> result{make_tensor(size.matrices(size.rows, size.k), w.dtype()),
                                     make_tensor(size.matrices(size.k, size.cols), w.dtype())};
  sigmagrad::detail::dispatch(w.dtype(), [&]<class T>(T) {
    launch([operation, a = read<T>(w), q = fresh<T>(result[0]), r = fresh<T>(result[1]), count = size.batch.numel(),
            m = size.rows, n = size.cols, k = size.k] {
      for (std::int64_t i = 0; i < count; ++i) detail::qr(a + i * m * n, m, n, q + i * m * k, r + i * k * n, operation);
    });
  });
  sigmagrad::detail::record_outputs<1>("qr", {&w}, std::span<const Tensor, 2>(result), sigmagrad::detail::saves_output,
                                       qr_gradient);
  return {result[0], result[1]};
}

QR qr(const Tensor& w) { return detail::qr("qr", w); }

}  // namespace sigmagrad::linalg
