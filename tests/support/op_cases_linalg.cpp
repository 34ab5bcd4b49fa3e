// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/spectrum.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

using Values = std::vector<double>;
using Matrix = std::vector<Values>;  // rows

Matrix transposed(const Matrix& w) {
  Matrix result(w.front().size(), Values(w.size()));
  for (std::size_t i = 0; i < w.size(); ++i)
    for (std::size_t j = 0; j < w[i].size(); ++j) result[j][i] = w[i][j];
  return result;
}

double dot(const Values& a, const Values& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }
double total(const Values& x) { return std::accumulate(x.begin(), x.end(), 0.0); }
double largest(const Values& x) { return *std::max_element(x.begin(), x.end()); }

Values of_rows(const Matrix& w, double (*f)(const Values&)) {
  Values result;
  for (const auto& row : w) result.push_back(f(row));
  return result;
}
double length(const Values& x) { return std::sqrt(dot(x, x)); }
double sum_of_sizes(const Values& x) {
  return std::accumulate(x.begin(), x.end(), 0.0, [](double s, double v) { return s + std::abs(v); });
}
double largest_size(const Values& x) {
  return std::accumulate(x.begin(), x.end(), 0.0, [](double s, double v) { return std::max(s, std::abs(v)); });
}

/// One-sided Jacobi (Hestenes 1958): rows are turned in pairs until all are orthogonal; then their lengths are the
/// singular values.
Values singular_values(Matrix w) {
  if (w.size() > w.front().size()) w = transposed(w);
  for (int sweep = 0; sweep < 30; ++sweep)
    for (std::size_t i = 0; i < w.size(); ++i)
      for (std::size_t j = i + 1; j < w.size(); ++j) {
        const double angle = 0.5 * std::atan2(2.0 * dot(w[i], w[j]), dot(w[i], w[i]) - dot(w[j], w[j]));
        const double c = std::cos(angle), s = std::sin(angle);
        for (std::size_t k = 0; k < w[i].size(); ++k) {
          const double a = w[i][k], b = w[j][k];
          w[i][k] = c * a + s * b;
          w[j][k] = c * b - s * a;
        }
      }
  Values result = of_rows(w, length);
  std::sort(result.rbegin(), result.rend());
  return result;
}

double entropy_rank(Values weights) {
  const double sum = total(weights);
  double entropy = 0.0;
  for (const double x : weights) entropy -= x / sum * std::log(x / sum);
  return std::exp(entropy);
}

Values squares(Values x) {
  for (double& value : x) value *= value;
  return x;
}

/// f of each matrix [..., m, n]: `count` numbers [..., count], or one number [...] where `count` is 0.
Array each_matrix(const Array& x, std::int64_t count, const std::function<Values(const Matrix&)>& f) {
  const Shape batch = x.shape.head(x.shape.rank() - 2);
  return Array(count == 0 ? batch : batch.inserted(-1, count), [&](const Index& index) {
    Index at(index.begin(), index.begin() + batch.rank());
    at.insert(at.end(), {0, 0});
    Matrix w(static_cast<std::size_t>(x.shape[-2]));
    for (auto& row : w) {
      for (at.back() = 0; at.back() < x.shape[-1]; ++at.back()) row.push_back(x.at(at));
      ++at.end()[-2];
    }
    return f(w).at(count == 0 ? 0 : static_cast<std::size_t>(index.back()));
  });
}

OpCase row(const std::string& name, const std::string& operation, Unary f) {
  return {.name = name,
          .f = [f](const Tensors& x) { return f(x[0]); },
          .shapes = {{{4, 4}}, {{5, 3}}, {{3, 5}}, {{2, 3, 2}}, {{2, 1, 3, 3}}, {{0, 3, 2}}},
          .operation = operation,
          .misuses = {{[f] { f(ones({5})); }, operation + ": needs a matrix, got [5]"}}};
}

/// One number a matrix.
OpCase number(const std::string& name, const std::string& operation, Unary f, double (*reference)(const Matrix&)) {
  OpCase result = row(name, operation, f);
  result.reference = [reference](const Arrays& x) {
    return each_matrix(x[0], 0, [&](const Matrix& w) { return Values{reference(w)}; });
  };
  return result;
}

/// One number from the singular values.
OpCase spectral(const std::string& name, const std::string& operation, Unary f, double (*reference)(const Values&)) {
  OpCase result = row(name, operation, f);
  result.reference = [reference](const Arrays& x) {
    return each_matrix(x[0], 0, [&](const Matrix& w) { return Values{reference(singular_values(w))}; });
  };
  result.shapes.push_back({{2, 2}});  // a closed form
  const auto nan = [f] { f(full({2, 3, 3}, std::numeric_limits<double>::quiet_NaN())); };
  result.misuses.push_back({nan, operation + ": input has non-finite entries"});
  return result;
}

OpCase svdvals_case() {
  OpCase result = spectral("svdvals", "svdvals", linalg::svdvals, nullptr);
  result.reference = [](const Arrays& x) {
    return each_matrix(x[0], std::min(x[0].shape[-2], x[0].shape[-1]), singular_values);
  };
  result.shapes.insert(result.shapes.end(), {{{1, 4}}, {{4, 1}}, {{9, 8}}});
  return result;
}

OpCase lengths_case(const std::string& name, Unary f, bool of_columns) {
  OpCase result = row(name, name, f);
  result.reference = [of_columns](const Arrays& x) {
    return each_matrix(x[0], x[0].shape[of_columns ? -1 : -2],
                       [&](const Matrix& w) { return of_rows(of_columns ? transposed(w) : w, length); });
  };
  result.shapes.insert(result.shapes.end(), {{{1, 4}}, {{4, 1}}});
  return result;
}

OpCase spectral_gap_case() {
  OpCase result = spectral("spectral_gap", "spectral_gap", linalg::spectral_gap,
                           [](const Values& s) { return (s[0] - s[1]) / s[0]; });
  result.misuses.push_back({[] {
                              linalg::spectral_gap(ones({1, 5}));
                            },
                            "spectral_gap: needs at least 2 singular values, got [1, 5]"});
  return result;
}

}  // namespace

std::vector<OpCase> linalg_cases() {
  using namespace linalg;
  using X = const Tensor&;
  return {
      svdvals_case(),
      number(
          "norm_1", "norm", [](X w) { return norm(w, 1); },
          [](const Matrix& w) { return largest(of_rows(transposed(w), sum_of_sizes)); }),
      number(
          "norm_inf", "norm", [](X w) { return norm(w, Inf); },
          [](const Matrix& w) { return largest(of_rows(w, sum_of_sizes)); }),
      number(
          "norm_max", "norm", [](X w) { return norm(w, Max); },
          [](const Matrix& w) { return largest(of_rows(w, largest_size)); }),
      number(
          "norm_fro", "norm", [](X w) { return norm(w); }, [](const Matrix& w) { return length(of_rows(w, length)); }),
      spectral(
          "norm_2", "norm", [](X w) { return norm(w, 2); }, [](const Values& s) { return s.front(); }),
      spectral(
          "norm_nuclear", "norm", [](X w) { return norm(w, Nuclear); }, total),
      lengths_case("row_norms", row_norms, false),
      lengths_case("col_norms", col_norms, true),
      spectral("cond", "cond", cond, [](const Values& s) { return s.front() / s.back(); }),
      spectral("log_cond", "log_cond", log_cond, [](const Values& s) { return std::log(s.front() / s.back()); }),
      spectral_gap_case(),
      spectral("stable_rank", "stable_rank", stable_rank,
               [](const Values& s) { return dot(s, s) / (s.front() * s.front()); }),
      spectral(
          "effective_rank", "effective_rank", [](X w) { return effective_rank(w); },
          [](const Values& s) { return entropy_rank(s); }),
      spectral(
          "effective_rank_of_squares", "effective_rank", [](X w) { return effective_rank(w, EntropyOf::Squares); },
          [](const Values& s) { return entropy_rank(squares(s)); }),
  };
}

}  // namespace sigmagrad::testing
