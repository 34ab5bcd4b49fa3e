// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/impute/soft_impute.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::impute {

namespace {

// The ridge regression of each row's entries on the rows of B that belong to its columns; a row without entries is
// zero. [rows, rank].
Tensor regress_rows(const Observations& entries, const std::vector<std::size_t>& starts, const Tensor& B,
                    double lambda) {
  const auto rank = B.size(1);
  const auto ridge = lambda * eye(rank);
  auto A = zeros({entries.row_count, rank});
  const auto out = A.mutable_data<double>();
  for (std::size_t row = 0; row + 1 < starts.size(); ++row) {
    const std::size_t begin = starts[row], count = starts[row + 1] - begin;
    if (count == 0) continue;
    const auto b = index_select(B, 0, std::span(entries.columns).subspan(begin, count));  // [count, rank]
    const auto first = entries.values.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto values = tensor({first, first + static_cast<std::ptrdiff_t>(count)});
    const auto a = linalg::solve(matmul(b.t(), b) + ridge, matmul(values.unsqueeze(0), b).squeeze(0));
    std::ranges::copy(a.data<double>(), out.begin() + std::ssize(a.data<double>()) * static_cast<std::ptrdiff_t>(row));
  }
  return A;
}

std::vector<double> times(const Observations& entries, const std::vector<double>& x) {
  std::vector<double> y(static_cast<std::size_t>(entries.row_count), 0.0);
  for (std::size_t i = 0; i < entries.size(); ++i)
    y[static_cast<std::size_t>(entries.rows[i])] += entries.values[i] * x[static_cast<std::size_t>(entries.columns[i])];
  return y;
}

// Scales to length 1; returns the length it had.
double normalize(std::vector<double>& x) {
  double squares = 0.0;
  for (const double entry : x) squares += entry * entry;
  const double length = std::sqrt(squares);
  if (length > 0.0)
    for (double& entry : x) entry /= length;
  return length;
}

double norm(const Tensor& x) { return std::sqrt(square(x).sum().item()); }

// A direction that a large lambda has suppressed would take long to come back at a small one.
void revive(Tensor& factor, Generator& generator) {
  const double size = norm(factor) / std::sqrt(static_cast<double>(factor.numel()));
  factor.add_(0.01 * size * randn(factor.shape(), generator));
}

}  // namespace

void soft_impute(Factors& factors, const Observations& entries, double lambda, int sweeps, double tolerance,
                 const std::function<bool()>& go_on) {
  const NoGrad guard;
  const Observations by_column = transposed(entries);
  const auto rows = row_starts(entries), columns = row_starts(by_column);
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    factors.A = regress_rows(entries, rows, factors.B, lambda);
    const Tensor before = std::exchange(factors.B, regress_rows(by_column, columns, factors.A, lambda));
    if (norm(factors.B - before) <= tolerance * norm(before) || !go_on()) return;
  }
}

double largest_lambda(const Observations& entries, Generator& generator) {
  constexpr int steps = 30;
  const Observations by_column = transposed(entries);
  std::vector<double> x(static_cast<std::size_t>(entries.column_count));
  generator.normal(x);
  normalize(x);
  double length = 0.0;
  for (int step = 0; step < steps; ++step) {
    auto y = times(entries, x);
    length = normalize(y);
    x = times(by_column, y);
    normalize(x);
  }
  return length;
}

SoftImpute soft_impute_path(const Observations& training, const Observations& validation, std::int64_t rank, bool bias,
                            Generator& generator, const std::function<bool()>& go_on) {
  constexpr int lambdas = 20, sweeps = 10;
  constexpr double ratio = 0.7;
  const Prediction means = bias ? row_and_column_means(training) : zero_prediction(training);
  const Observations rest = residuals(means, training);
  SoftImpute best{
      .prediction = means, .lambda = largest_lambda(rest, generator), .validation_rmse = rmse(means, validation)};
  Factors factors{.A = {}, .B = randn({training.column_count, rank}, generator)};
  double lambda = best.lambda;
  for (int k = 0, worse = 0; k < lambdas && worse < 2 && lambda > 0.0 && go_on(); ++k) {
    lambda *= ratio;
    soft_impute(factors, rest, lambda, sweeps, 0.01, go_on);
    Prediction now = means;
    now.left = factors.A.clone();
    now.right = factors.B.clone();
    const double error = rmse(now, validation);
    worse = error < best.validation_rmse ? 0 : worse + 1;
    if (worse == 0) best = {.prediction = std::move(now), .lambda = lambda, .validation_rmse = error};
    revive(factors.B, generator);
  }
  return best;
}

}  // namespace sigmagrad::impute
