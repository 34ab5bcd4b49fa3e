// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/induced_norm.hpp>

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/operations/indexing.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/detail/best_signs.hpp>
#include <sigmagrad/linalg/detail/start_vector.hpp>
#include <sigmagrad/linalg/duality.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>

namespace sigmagrad::linalg {
namespace {

constexpr std::int64_t most_starts = 32;
constexpr int turns = 60;           // of every start
constexpr int further_turns = 240;  // of the best

// Columns of length 1 in the p-norm; zeros stay zeros.
Tensor of_length_one(const Tensor& X, double p) {
  return detail::divide_or_zero(X, vector_norm(X.t(), p).unsqueeze(-2));
}

// The columns y of length 1 in the conjugate norm for which <y, x> = ||x||_q, 1 < q < infinity.
Tensor dual_columns(const Tensor& X, double q) {
  const Tensor sizes = abs(X);
  const Tensor powers = pow(detail::divide_or_zero(sizes, max(sizes, -2, true)), q - 1.0);
  return of_length_one(sign(X) * powers, conjugate_exponent(q));
}

// From all ones, the longest way by the rows, and numbers without a pattern.
Tensor starts(const Tensor& w, double p) {
  const detail::Sizes size(w);
  const std::int64_t rows = std::min(size.rows, most_starts / 2), others = most_starts / 2;
  std::vector<double> numbers(static_cast<std::size_t>(size.cols * others));
  detail::start_vector(numbers.data(), size.cols * others);
  Tensor X = tensor(numbers, {size.cols, others}).to(w.dtype());
  X = cat({ones({size.cols, 1}, w.dtype()), X}, -1).expand(size.matrices(size.cols, others + 1));
  std::vector<Tensor> leading{of_length_one(X, p)};
  for (std::int64_t i = 0; i < rows; ++i)
    leading.push_back(dual_columns(w.select(-2, i * size.rows / rows).unsqueeze(-1), conjugate_exponent(p)));
  return cat(leading, -1);
}

// x -> the best x for the y that is best for w x: never lowers ||w x||_q / ||x||_p.
Tensor climb(const Tensor& w, Tensor X, double p, double q, int count) {
  for (int turn = 0; turn < count; ++turn)
    X = dual_columns(matmul(w.t(), dual_columns(matmul(w, X), q)), conjugate_exponent(p));
  return X;
}

// The x of the largest ratio found.
Tensor search(const Tensor& w, double p, double q) {
  const NoGrad guard;
  const Tensor scaled = w.detach() * detail::scales_of(w);
  const Tensor X = climb(scaled, starts(scaled, p), p, q, turns);
  const Tensor best = argmax(vector_norm(matmul(scaled, X).t(), q), -1, true).unsqueeze(-1);
  const Tensor x = gather(X, -1, best.expand(X.shape().with(-1, 1)));
  return climb(scaled, x, p, q, further_turns).squeeze(-1);
}

double by_length(std::int64_t n, double exponent) { return std::pow(static_cast<double>(n), std::max(exponent, 0.0)); }

// Where the line from (1/2, 1/2) through (1/p, 1/q) meets 1/p = 1 or 1/q = 0, the norm is exact; a point between has at
// most the weighted geometric mean.
Tensor between(const Tensor& w, const Tensor& spectral, double p, double q) {
  const double across = 1.0 / p - 0.5, up = 1.0 / q - 0.5;
  const double to_columns = across > 0.0 ? 0.5 / across : std::numeric_limits<double>::infinity();
  const double to_rows = up < 0.0 ? -0.5 / up : std::numeric_limits<double>::infinity();
  const double reach = std::min(to_columns, to_rows);  // the point is 1 / reach of the way
  const auto exponent = [&](double slope) { return 1.0 / std::max(0.5 + slope * reach, 0.0); };
  const Tensor end = to_columns <= to_rows
                         ? max(vector_norm(w.t(), std::max(exponent(up), 1.0)), -1)
                         : max(vector_norm(w, conjugate_exponent(std::max(exponent(across), 1.0))), -1);
  return pow(spectral, 1.0 - 1.0 / reach) * pow(end, 1.0 / reach);
}

Tensor upper_bound(const Tensor& w, double p, double q) {
  const NoGrad guard;
  const detail::Sizes size(w);
  const double conjugate = conjugate_exponent(p);
  const Tensor by_rows = vector_norm(vector_norm(w, conjugate), q);
  const Tensor by_columns = vector_norm(vector_norm(w.t(), q), conjugate);
  const Tensor spectral = detail::two_svdvals("induced_norm", w, 0, 0).select(-1, 0);
  const Tensor by_lengths = by_length(size.cols, 0.5 - 1.0 / p) * by_length(size.rows, 1.0 / q - 0.5) * spectral;
  const Tensor least = minimum(minimum(by_rows, by_columns), by_lengths);
  return p <= q ? minimum(least, between(w, spectral, p, q)) : least;
}

InducedNorm bounded(const Tensor& w, const Tensor& value, double p, double q) {
  return {value, maximum(upper_bound(w, p, q), value.detach()), false};  // they may meet, up to rounding
}

InducedNorm exactly(const Tensor& value) { return {value, value.detach(), true}; }

}  // namespace

InducedNorm induced_norm(const Tensor& w, double p, double q) {
  const detail::Sizes size("induced_norm", w);
  if (!(p >= 1.0 && q >= 1.0)) engine::fail("induced_norm: p and q must be >= 1 (got {} and {})", p, q);
  if (size.k == 0) return exactly(sum(w.flatten(-2), -1));
  if (p == 1.0 || size.cols == 1) return exactly(max(vector_norm(w.t(), q), -1));
  if (std::isinf(q) || size.rows == 1) return exactly(max(vector_norm(w, conjugate_exponent(p)), -1));
  if (p == 2.0 && q == 2.0) return exactly(detail::two_svdvals("induced_norm", w, 0, 0).select(-1, 0));
  if (q == 1.0 && (!std::isinf(p) || size.rows <= size.cols)) {
    const Tensor turned = sum(detail::rows_times(detail::best_signs(w, conjugate_exponent(p)), w), -2);
    const Tensor value = vector_norm(turned, conjugate_exponent(p));
    return size.rows <= norm_2_to_1_exact_rows ? exactly(value) : bounded(w, value, p, q);
  }
  if (std::isinf(p)) {
    const Tensor value = vector_norm(detail::times(w, detail::best_signs(w.t(), q)), q);
    return size.cols <= norm_2_to_1_exact_rows ? exactly(value) : bounded(w, value, p, q);
  }
  return bounded(w, vector_norm(detail::times(w, search(w, p, q)), q), p, q);
}

}  // namespace sigmagrad::linalg
