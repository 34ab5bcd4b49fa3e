// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/detail/riccati.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>

namespace sigmagrad::theory::detail {
namespace {

double growth_integral(double mu, double h) { return mu == 0 ? h : std::expm1(2 * mu * h) / (2 * mu); }

// log sqrt(g), and e^(mu h) / sqrt(g).
double log_scale(double mu, double h) {
  if (mu == 0) return std::log(h) / 2;
  const double bounded = std::log(-std::expm1(-2 * std::abs(mu) * h) / (2 * std::abs(mu)));
  return std::max(mu, 0.0) * h + bounded / 2;
}
double end_scale(double mu, double h) { return std::sqrt(mu == 0 ? 1 / h : -2 * mu / std::expm1(-2 * mu * h)); }

// A matrix, row-major, whose rows stand for e^(scale) times what they hold. Operations on columns leave the space that
// the columns span.
struct ScaledRows {
  std::vector<double> entries, scale;
  std::size_t columns;

  std::size_t rows() const { return scale.size(); }
  double& at(std::size_t r, std::size_t c) { return entries[r * columns + c]; }

  struct Pivot {
    std::size_t row, column;
  };
  // The largest entry, scale included, of the columns from `first` on.
  Pivot largest(std::size_t first) {
    Pivot best{0, first};
    double size = -std::numeric_limits<double>::infinity();
    for (std::size_t r = 0; r < rows(); ++r) {
      const double* row = entries.data() + r * columns;
      std::size_t c = first;
      for (std::size_t j = first + 1; j < columns; ++j)
        if (std::abs(row[j]) > std::abs(row[c])) c = j;
      const double candidate =
          row[c] == 0 ? -std::numeric_limits<double>::infinity() : scale[r] + std::log(std::abs(row[c]));
      if (candidate > size) {
        size = candidate;
        best = {r, c};
      }
    }
    return best;
  }
  // Moves the pivot's column to `k`, divides it by the pivot and clears the pivot's row to its right.
  void eliminate(Pivot pivot, std::size_t k) {
    const double divisor = at(pivot.row, pivot.column);
    const std::vector<double> row(entries.begin() + static_cast<std::ptrdiff_t>(pivot.row * columns),
                                  entries.begin() + static_cast<std::ptrdiff_t>((pivot.row + 1) * columns));
    for (std::size_t r = 0; r < rows(); ++r) {
      std::swap(at(r, k), at(r, pivot.column));
      const double factor = at(r, k) /= divisor;
      if (factor == 0) continue;
      for (std::size_t j = k + 1; j < columns; ++j) at(r, j) -= factor * row[j == pivot.column ? k : j];
    }
    at(pivot.row, k) = 1.0;
    for (std::size_t j = k + 1; j < columns; ++j) at(pivot.row, j) = 0.0;
  }
  // Scales the rows of column k, relative to that of its pivot: entries of size 1 at most.
  void unscale(std::size_t k, double pivot_scale) {
    for (std::size_t r = 0; r < rows(); ++r) {
      double& entry = at(r, k);
      const double half = std::exp((scale[r] - pivot_scale) / 2);  // the whole might overflow
      if (entry != 0) entry = entry * half * half;
    }
  }
};

// Columns that span the same space as those of `a`, with its scales applied.
Tensor well_scaled(ScaledRows a) {
  for (std::size_t k = 0; k < a.columns; ++k) {
    const auto pivot = a.largest(k);
    a.eliminate(pivot, k);
    a.unscale(k, a.scale[pivot.row]);
  }
  return tensor(a.entries, {static_cast<std::int64_t>(a.rows()), static_cast<std::int64_t>(a.columns)});
}

// Y L^-T for lower triangular L, by forward substitution in every row: [B, N, n], [B, n, n].
Tensor times_inverse_transposed(const Tensor& Y, const Tensor& L) {
  const auto n = static_cast<std::size_t>(Y.size(-1)), N = static_cast<std::size_t>(Y.size(-2));
  Tensor result = Y.clone();
  const auto x = result.mutable_data<double>();
  const auto l = L.data<double>();
  for (std::size_t r = 0; n > 0 && r < x.size() / n; ++r) {
    double* row = x.data() + r * n;
    for (std::size_t j = 0; j < n; ++j) {
      const double* factor = l.data() + (r / N * n + j) * n;
      double value = row[j];
      for (std::size_t i = 0; i < j; ++i) value -= row[i] * factor[i];
      row[j] = value / factor[j];
    }
  }
  return result;
}

}  // namespace

Tensor riccati_step(const Tensor& Y, const Tensor& mu, std::span<const double> h) {
  const auto N = static_cast<std::size_t>(Y.size(-2));
  Tensor integral = empty(mu.shape()), growth = empty(mu.shape());
  const auto rate = mu.data<double>();
  const auto integrals = integral.mutable_data<double>(), growths = growth.mutable_data<double>();
  for (std::size_t i = 0; i < rate.size(); ++i) {
    integrals[i] = growth_integral(rate[i], h[i / N]);
    growths[i] = std::exp(rate[i] * h[i / N]);
  }
  const auto M = matmul(Y.t(), integral.unsqueeze(-1) * Y) + eye(Y.size(-1));
  return growth.unsqueeze(-1) * times_inverse_transposed(Y, linalg::cholesky(M));
}

Tensor riccati_jump(const Tensor& Y, const Tensor& mu, double h) {
  if (h == 0) return Y;
  const std::int64_t n = Y.size(-1), N = Y.size(-2);
  const auto stack = cat({eye(n), Y}, 0);
  const auto entries = stack.data<double>(), rate = mu.data<double>();
  ScaledRows rows{{entries.begin(), entries.end()},
                  std::vector<double>(static_cast<std::size_t>(n), 0.0),
                  static_cast<std::size_t>(n)};
  std::vector<double> ends;
  for (const double m : rate) {
    rows.scale.push_back(log_scale(m, h));
    ends.push_back(end_scale(m, h));
  }
  const auto lower = linalg::qr(well_scaled(std::move(rows))).Q.narrow(0, n, N);
  return tensor(ends).unsqueeze(-1) * lower;
}

}  // namespace sigmagrad::theory::detail
