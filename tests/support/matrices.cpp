// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/matrices.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <sigmagrad/autograd/tensor/creation.hpp>

namespace sigmagrad::testing {

Matrix transposed(const Matrix& w) {
  Matrix result(w.front().size(), Values(w.size()));
  for (std::size_t i = 0; i < w.size(); ++i)
    for (std::size_t j = 0; j < w[i].size(); ++j) result[j][i] = w[i][j];
  return result;
}

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix result(a.size(), Values(b.front().size()));
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t k = 0; k < b.size(); ++k)
      for (std::size_t j = 0; j < b[k].size(); ++j) result[i][j] += a[i][k] * b[k][j];
  return result;
}

Matrix identity(std::size_t n) {
  Matrix result(n, Values(n));
  for (std::size_t i = 0; i < n; ++i) result[i][i] = 1.0;
  return result;
}

double dot(const Values& a, const Values& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }
double total(const Values& x) { return std::accumulate(x.begin(), x.end(), 0.0); }
double largest(const Values& x) {
  for (const double value : x)
    if (std::isnan(value)) return value;
  return *std::max_element(x.begin(), x.end());
}
double length(const Values& x) {
  double scale = 0.0, sum = 0.0;
  for (const double value : x) scale = std::max(scale, std::abs(value));
  if (scale == 0.0 || std::isinf(scale)) return std::sqrt(dot(x, x));
  for (const double value : x) sum += value / scale * (value / scale);
  return scale * std::sqrt(sum);
}

Values of_rows(const Matrix& w, double (*f)(const Values&)) {
  Values result;
  for (const auto& row : w) result.push_back(f(row));
  return result;
}

namespace {

void turn_rows(Values& x, Values& y, double c, double s) {
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double a = x[k], b = y[k];
    x[k] = c * a + s * b;
    y[k] = c * b - s * a;
  }
}

}  // namespace

namespace {

// The power of two above all entries, by which a matrix is divided before squares are taken.
double power_of_two(const Matrix& w) {
  double most = 0.0;
  for (const auto& row : w)
    for (const double value : row) most = std::max(most, std::abs(value));
  int exponent = 0;
  std::frexp(most, &exponent);
  return std::ldexp(1.0, exponent);
}

Matrix times(Matrix w, double factor) {
  for (auto& row : w)
    for (double& value : row) value *= factor;
  return w;
}

}  // namespace

// Hestenes 1958: rows are turned in pairs until all are orthogonal.
Turned one_sided_jacobi(const Matrix& w) {
  const double scale = power_of_two(w);
  Turned t{identity(w.size()), times(w, 1.0 / scale)};
  for (int sweep = 0; sweep < 30; ++sweep)
    for (std::size_t i = 0; i < w.size(); ++i)
      for (std::size_t j = i + 1; j < w.size(); ++j) {
        const auto &x = t.rows[i], &y = t.rows[j];
        const double angle = 0.5 * std::atan2(2.0 * dot(x, y), dot(x, x) - dot(y, y));
        turn_rows(t.rows[i], t.rows[j], std::cos(angle), std::sin(angle));
        turn_rows(t.turn[i], t.turn[j], std::cos(angle), std::sin(angle));
      }
  t.rows = times(t.rows, scale);
  return t;
}

Values singular_values(const Matrix& w) {
  const bool tall = w.size() > w.front().size();
  Values result = of_rows(one_sided_jacobi(tall ? transposed(w) : w).rows, length);
  std::sort(result.rbegin(), result.rend());
  return result;
}

Matrix spectral_function(const Matrix& w, const std::function<double(double, std::size_t)>& f) {
  if (w.size() > w.front().size()) return transposed(spectral_function(transposed(w), f));
  auto [turn, rows] = one_sided_jacobi(w);
  const Values lengths = of_rows(rows, length);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto rank = static_cast<std::size_t>(
        std::count_if(lengths.begin(), lengths.end(), [&](double other) { return other > lengths[i]; }));
    const double factor = lengths[i] == 0.0 ? 0.0 : f(lengths[i], rank) / lengths[i];
    for (double& x : rows[i]) x *= factor;
  }
  return product(transposed(turn), rows);
}

Eigen two_sided_jacobi(Matrix a) {
  Matrix vectors = identity(a.size());
  for (int sweep = 0; sweep < 30; ++sweep)
    for (std::size_t i = 0; i < a.size(); ++i)
      for (std::size_t j = i + 1; j < a.size(); ++j) {
        const double angle = 0.5 * std::atan2(2.0 * a[i][j], a[i][i] - a[j][j]);
        const double c = std::cos(angle), s = std::sin(angle);
        turn_rows(a[i], a[j], c, s);
        for (auto& row : a) {
          const double x = row[i], y = row[j];
          row[i] = c * x + s * y;
          row[j] = c * y - s * x;
        }
        turn_rows(vectors[i], vectors[j], c, s);
      }
  std::vector<std::size_t> order(a.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return a[i][i] < a[j][j]; });
  Eigen result;
  for (const auto i : order) {
    result.values.push_back(a[i][i]);
    result.vectors.push_back(vectors[i]);
  }
  return result;
}

Matrix gauss(Matrix a, Matrix b, double* determinant) {
  double det = 1.0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < a.size(); ++i)
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    if (pivot != k) {
      std::swap(a[k], a[pivot]);
      std::swap(b[k], b[pivot]);
      det = -det;
    }
    det *= a[k][k];
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (i == k) continue;
      const double factor = a[i][k] / a[k][k];
      for (std::size_t j = 0; j < a[i].size(); ++j) a[i][j] -= factor * a[k][j];
      for (std::size_t j = 0; j < b[i].size(); ++j) b[i][j] -= factor * b[k][j];
    }
  }
  for (std::size_t i = 0; i < a.size(); ++i)
    for (double& x : b[i]) x /= a[i][i];
  if (determinant) *determinant = det;
  return b;
}

namespace {

Matrix matrix_at(const Array& x, const Index& batch) {
  Index at = batch;
  at.insert(at.end(), {0, 0});
  Matrix w(static_cast<std::size_t>(x.shape[-2]));
  for (auto& row : w) {
    for (at.back() = 0; at.back() < x.shape[-1]; ++at.back()) row.push_back(x.at(at));
    ++at.end()[-2];
  }
  return w;
}

}  // namespace

Array each_matrix(const Array& x, std::int64_t count, const std::function<Values(const Matrix&)>& f) {
  const Shape batch = x.shape.head(x.shape.rank() - 2);
  return Array(count == 0 ? batch : batch.inserted(-1, count), [&](const Index& index) {
    const Matrix w = matrix_at(x, Index(index.begin(), index.begin() + batch.rank()));
    return f(w).at(count == 0 ? 0 : static_cast<std::size_t>(index.back()));
  });
}

Array each_matrix(const Array& x, std::int64_t rows, std::int64_t cols, const std::function<Matrix(const Matrix&)>& f) {
  const Shape batch = x.shape.head(x.shape.rank() - 2);
  return Array(batch.inserted(-1, rows).inserted(-1, cols), [&](const Index& index) {
    const Matrix w = matrix_at(x, Index(index.begin(), index.begin() + batch.rank()));
    return f(w).at(static_cast<std::size_t>(index.end()[-2])).at(static_cast<std::size_t>(index.back()));
  });
}

LongAxis folds_long_matrices(double factor) { return folds({{{2, 2000}}, {{2000, 2}}}, factor); }

Extremes spectral_answers(const std::string& operation, const Scaling& scaling, const Outcome& zeros,
                          const Outcome& equal) {
  return {scaling, finite_only(operation, zeros, equal, as_reference(finite)), folds_long_matrices(20.0), takes_all()};
}

OpCase matrix_row(const std::string& name, const std::string& operation, std::function<Tensor(const Tensor&)> f,
                  const Extremes& extremes) {
  return {.name = name,
          .f = [f](const Tensors& x) { return f(x[0]); },
          .shapes = {{{4, 4}}, {{5, 3}}, {{3, 5}}, {{2, 3, 2}}, {{2, 1, 3, 3}}, {{0, 3, 2}}},
          .extremes = extremes,
          .operation = operation,
          .misuses = {{[f] { f(ones({5})); }, operation + ": needs a matrix, got [5]"}}};
}

OpCase square_row(const std::string& name, const std::string& operation, std::function<Tensor(const Tensor&)> f,
                  const Extremes& extremes) {
  OpCase result = matrix_row(name, operation, f, extremes);
  result.shapes = {{{4, 4}}, {{1, 1}}, {{2, 2}}, {{2, 3, 3}}, {{2, 1, 3, 3}}, {{0, 3, 3}}};
  result.misuses.push_back({[f] { f(ones({2, 3})); }, operation + ": needs a square matrix, got [2, 3]"});
  result.misuses.push_back(refuses_nan(operation, f));
  return result;
}

Misuse refuses_nan(const std::string& operation, const std::function<Tensor(const Tensor&)>& f) {
  return {[f] {
            f(full({2, 3, 3}, std::numeric_limits<double>::quiet_NaN()));
          },
          operation + ": input has non-finite entries"};
}

}  // namespace sigmagrad::testing
