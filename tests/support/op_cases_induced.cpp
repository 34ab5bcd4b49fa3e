// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/induced_norm.hpp>
#include <sigmagrad/tests/support/matrices.hpp>

namespace sigmagrad::testing {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double p_norm(const Values& x, double p) {
  double sum = 0.0;
  for (const double value : x) {
    if (std::isnan(value)) return value;
    sum = std::isinf(p) ? std::max(sum, std::abs(value)) : sum + std::pow(std::abs(value), p);
  }
  return std::isinf(p) ? sum : std::pow(sum, 1.0 / p);
}

Values times(const Matrix& w, const Values& x) {
  Values y;
  for (const auto& row : w) y.push_back(dot(row, x));
  return y;
}

double of_columns(const Matrix& w, double q) {
  Values norms;
  for (const auto& column : transposed(w)) norms.push_back(p_norm(column, q));
  return largest(norms);
}

double over_signs(const Matrix& w, double q) {
  double best = 0.0;
  for (unsigned signs = 0; signs < 1u << w.front().size(); ++signs) {
    Values x;
    for (std::size_t j = 0; j < w.front().size(); ++j) x.push_back(signs >> j & 1 ? 1.0 : -1.0);
    const double value = p_norm(times(w, x), q);
    if (!(value <= best)) best = value;
    if (std::isnan(best)) break;
  }
  return best;
}

// sign(x) |x|^(p - 1), divided by the largest.
Values dual(Values x, double p) {
  const double most = p_norm(x, infinity);
  for (double& value : x) value = most > 0.0 ? std::copysign(std::pow(std::abs(value) / most, p - 1.0), value) : 0.0;
  return x;
}

// The best end of 40 iterations, each from a start of its own.
double searched(const Matrix& w, double p, double q) {
  double best = 0.0;
  for (int start = 0; start < 40; ++start) {
    Values x;
    for (std::size_t j = 0; j < w.front().size(); ++j)
      x.push_back(std::sin(1.0 + 2.0 * start + 5.0 * static_cast<double>(j) * (1 + start % 3)));
    for (int turn = 0; turn < 300; ++turn) x = dual(times(transposed(w), dual(times(w, x), q)), p / (p - 1.0));
    const double size = p_norm(x, p);
    if (size > 0.0) best = std::max(best, p_norm(times(w, x), q) / size);
  }
  return best;
}

OpCase row_of(const std::string& name, double p, double q, const std::function<double(const Matrix&)>& reference,
              const Extremes& answers) {
  OpCase row = matrix_row(
      name, "induced_norm", [p, q](const Tensor& w) { return linalg::induced_norm(w, p, q).value; }, answers);
  row.reference = [reference](const Arrays& x) {
    return each_matrix(x[0], 0, [&](const Matrix& w) { return Values{reference(w)}; });
  };
  return row;
}

}  // namespace

std::vector<OpCase> induced_norm_cases() {
  const Edges norms{gives(0.0, 0.0),         as_reference(finite),    as_reference(finite),
                    as_reference(undefined), as_reference(undefined), as_reference(undefined)};
  const auto refused = finite_only("induced_norm", gives(0.0, finite), as_reference(finite), as_reference(finite));
  const auto folded = folds_long_matrices(20.0);
  OpCase columns = row_of("induced_norm_1_to_3", 1.0, 3.0, [](const Matrix& w) { return of_columns(w, 3.0); },
                          {homogeneous(1), norms, folded, chooses({})});
  columns.misuses.push_back({[] {
                               linalg::induced_norm(ones({2, 2}), 0.5, 2.0);
                             },
                             "induced_norm: p and q must be >= 1 (got 0.5 and 2)"});
  OpCase rows =
      row_of("induced_norm_3_to_inf", 3.0, infinity, [](const Matrix& w) { return of_columns(transposed(w), 1.5); },
             {homogeneous(1), norms, folded, chooses({})});
  OpCase spectral = row_of("induced_norm_2_to_2", 2.0, 2.0, [](const Matrix& w) { return singular_values(w).front(); },
                           {homogeneous(1), refused, folded, takes_all()});
  OpCase signs = row_of("induced_norm_inf_to_3", infinity, 3.0, [](const Matrix& w) { return over_signs(w, 3.0); },
                        {homogeneous(1), norms, folds({{{2000, 2}}}, 20.0), takes_all()});
  OpCase bounded = row_of("induced_norm_3_to_1_5", 3.0, 1.5, [](const Matrix& w) { return searched(w, 3.0, 1.5); },
                          {homogeneous(1), refused, folded, takes_all()});
  bounded.twice = false;  // the x of the maximum counts as a constant
  return {columns, rows, spectral, signs, bounded};
}

}  // namespace sigmagrad::testing
