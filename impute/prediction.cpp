// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/impute/prediction.hpp>

#include <cmath>
#include <numeric>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/spectrum.hpp>

namespace sigmagrad::impute {

namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

// One half of an alternation: the bias of each row given those of the columns.
void fit_bias(std::vector<double>& bias, const std::vector<double>& other, const Observations& entries, double mean) {
  std::vector<double> sum(bias.size(), 0.0), count(bias.size(), 1.0);  // the one more entry
  for (std::size_t i = 0; i < entries.size(); ++i) {
    sum[at(entries.rows[i])] += entries.values[i] - mean - other[at(entries.columns[i])];
    count[at(entries.rows[i])] += 1.0;
  }
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = sum[i] / count[i];
}

}  // namespace

double Prediction::operator()(std::int64_t row, std::int64_t column) const {
  const double value = mean + row_bias[at(row)] + column_bias[at(column)];
  if (!left.defined()) return value;
  const auto rank = at(left.size(1));
  const auto a = left.data<double>().subspan(at(row) * rank, rank);
  return std::inner_product(a.begin(), a.end(), right.data<double>().begin() + std::ssize(a) * column, value);
}

Tensor Prediction::rows(std::int64_t begin, std::int64_t count) const {
  const NoGrad guard;
  const auto n = std::ssize(column_bias);
  const auto first = row_bias.begin() + begin;
  auto result = mean + tensor({first, first + count}, {count, 1}) + tensor(column_bias, {1, n});
  return left.defined() ? result + matmul(left.narrow(0, begin, count), right.t()) : result;
}

double rmse(const Prediction& prediction, const Observations& entries) {
  double total = 0.0;
  for (const double residual : residuals(prediction, entries).values) total += residual * residual;
  return std::sqrt(total / static_cast<double>(entries.size()));
}

Observations residuals(const Prediction& prediction, const Observations& entries) {
  Observations result = entries;
  for (std::size_t i = 0; i < entries.size(); ++i) result.values[i] -= prediction(entries.rows[i], entries.columns[i]);
  return result;
}

Ranks product_ranks(const Prediction& prediction) {
  const NoGrad guard;
  if (!prediction.left.defined()) return {};
  // left = Q1 R1 and right = Q2 R2: the product Q1 (R1 R2') Q2' has the singular values of its small middle.
  const auto middle = matmul(linalg::qr(prediction.left).R, linalg::qr(prediction.right).R.t());
  const auto largest = max(abs(middle)).item();
  if (largest == 0.0) return {};
  const auto scaled = middle / largest;
  return {linalg::effective_rank(scaled).item(), linalg::stable_rank(scaled).item()};
}

Prediction zero_prediction(const Observations& entries) {
  return {.row_bias = std::vector<double>(at(entries.row_count), 0.0),
          .column_bias = std::vector<double>(at(entries.column_count), 0.0)};
}

Prediction global_mean(const Observations& entries) {
  Prediction result = zero_prediction(entries);
  for (const double value : entries.values) result.mean += value / static_cast<double>(entries.size());
  return result;
}

Prediction row_and_column_means(const Observations& entries) {
  constexpr int alternations = 20;  // the fit is only a start and a baseline: digits past the third do not matter
  Prediction result = global_mean(entries);
  const Observations by_column = transposed(entries);
  for (int i = 0; i < alternations; ++i) {
    fit_bias(result.row_bias, result.column_bias, entries, result.mean);
    fit_bias(result.column_bias, result.row_bias, by_column, result.mean);
  }
  return result;
}

}  // namespace sigmagrad::impute
