// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/nn/penalties.hpp>
#include <sigmagrad/tests/support/matrices.hpp>

namespace sigmagrad::testing {
namespace {

using nn::Penalty;

constexpr double infinity = std::numeric_limits<double>::infinity();

// One number from the singular values of each matrix, summed.
OpCase row(const std::string& name, const std::string& operation, const Penalty& penalty,
           const std::function<double(const Values&)>& reference, const Scaling& scaling, const Outcome& zeros,
           const Outcome& equal = as_reference(finite)) {
  OpCase result = matrix_row(name, operation, penalty, spectral_answers(operation, scaling, zeros, equal));
  result.reference = [reference](const Arrays& x) {
    const auto each = each_matrix(x[0], 0, [&](const Matrix& w) { return Values{reference(singular_values(w))}; });
    return Array(Shape{}, [sum = total(each.values)](const Index&) { return sum; });
  };
  result.batched = false;  // a batch has one value
  return result;
}

double sum_of_powers(const Values& s, double p) {
  double sum = 0.0;
  for (const double x : s) sum += std::pow(x, p);
  return sum;
}

double squared_log_ratio(double cond, double target, double shift) {
  const double difference = std::log(cond + shift) - std::log(target + shift);
  return difference * difference;
}

double from_one(const Values& s) {
  double sum = 0.0;
  for (const double x : s) sum += (x * x - 1.0) * (x * x - 1.0);
  return sum;
}

OpCase log_cond_row(const std::string& name, double target, double shift, double guard, const Scaling& scaling,
                    const Outcome& zeros, const Outcome& equal) {
  OpCase result = row(
      name, "log_cond_penalty", nn::log_cond_penalty(target, shift, guard),
      [=](const Values& s) { return squared_log_ratio(s.front() / (s.back() + guard), target, shift); }, scaling, zeros,
      equal);
  result.misuses.insert(
      result.misuses.end(),
      {refuses_nan("log_cond_penalty", nn::log_cond_penalty(target, shift, guard)),
       {[] { nn::log_cond_penalty(0.5); }, "log_cond_penalty: target must be >= 1 (got 0.5)"},
       {[] { nn::log_cond_penalty(2.0, -1.0); }, "log_cond_penalty: shift and guard must be >= 0 (got -1 and 0)"}});
  return result;
}

OpCase ky_fan_row() {
  OpCase result = row(
      "ky_fan_penalty", "ky_fan_penalty", nn::ky_fan_penalty(2), [](const Values& s) { return s[0] + s[1]; },
      homogeneous(1), gives(0.0, finite));
  Edges& edges = result.extremes.edges;
  edges.plus_inf = edges.minus_inf = edges.nan = refuses("ky_fan_norm: input has non-finite entries");
  edges.single = refuses_any("ky_fan_penalty: k must be in 1 ... 1 for ");
  const std::string message = "ky_fan_penalty: k must be in 1 ... 2 for [2, 5] (got 3)";
  result.misuses.insert(result.misuses.end(),
                        {{[] { nn::ky_fan_penalty(0); }, "ky_fan_penalty: k must be >= 1 (got 0)"},
                         {[] {
                            nn::ky_fan_penalty(3)(ones({2, 5}));
                          },
                          message},
                         {[] {
                            nn::ky_fan_penalty(3).prox(ones({2, 5}), 0.1);
                          },
                          message}});
  return result;
}

OpCase schatten_row(double p) {
  OpCase result = row(
      "schatten_penalty_" + std::to_string(static_cast<int>(2 * p)) + "_halves", "schatten_norm",
      nn::schatten_penalty(p), [p](const Values& s) { return std::pow(sum_of_powers(s, p), 1.0 / p); }, homogeneous(1),
      gives(0.0, finite));
  result.misuses.push_back({[] { nn::schatten_penalty(0.0); }, "schatten_penalty: p must be > 0 (got 0)"});
  return result;
}

double entropy_rank(const Values& s) {
  const double sum = total(s);
  double entropy = 0.0;
  for (const double x : s)
    if (x > 0.0) entropy -= x / sum * std::log(x / sum);
  return std::exp(entropy);
}

OpCase spectral_gap_row() {
  OpCase result = row(
      "spectral_gap_penalty", "spectral_gap", nn::spectral_gap_penalty(),
      [](const Values& s) { return (s[0] - s[1]) / s[0]; }, homogeneous(0), gives(std::nan(""), undefined));
  result.extremes.edges.single = refuses_any("spectral_gap: needs at least 2 singular values, got ");
  return result;
}

OpCase energy_share_row() {
  OpCase result = row(
      "energy_share_penalty", "energy_share", nn::energy_share_penalty(1),
      [](const Values& s) { return s[0] * s[0] / sum_of_powers(s, 2.0); }, homogeneous(0),
      gives(std::nan(""), undefined));
  result.misuses.insert(result.misuses.end(),
                        {{[] { nn::energy_share_penalty(0); }, "energy_share_penalty: k must be >= 1 (got 0)"},
                         {[] {
                            nn::energy_share_penalty(3)(ones({2, 5}));
                          },
                          "energy_share: k must be in 1 ... 2 for [2, 5] (got 3)"}});
  return result;
}

// What does not depend on the scale of a weight, as inspect shows it.
std::vector<OpCase> scale_free_rows() {
  const Outcome no_ratio = gives(std::nan(""), undefined);
  return {row(
              "stable_rank_penalty", "stable_rank", nn::stable_rank_penalty(),
              [](const Values& s) { return sum_of_powers(s, 2.0) / (s[0] * s[0]); }, homogeneous(0), no_ratio),
          row("effective_rank_penalty", "effective_rank", nn::effective_rank_penalty(), entropy_rank, homogeneous(0),
              no_ratio),
          spectral_gap_row(), energy_share_row()};
}

}  // namespace

std::vector<OpCase> penalty_cases() {
  using namespace nn;
  const Outcome zero = gives(0.0, finite), no_ratio = gives(std::nan(""), undefined);
  const Outcome singular = meaningless("rounding decides whether the least singular value is exactly zero");
  std::vector<OpCase> rows{
      row(
          "frobenius_penalty", "frobenius_penalty", frobenius_penalty(),
          [](const Values& s) { return sum_of_powers(s, 2.0); }, homogeneous(2), zero),
      row("nuclear_penalty", "nuclear_penalty", nuclear_penalty(), total, homogeneous(1), zero),
      row("spectral_penalty", "spectral_penalty", spectral_penalty(), largest, homogeneous(1), zero),
      schatten_row(1.0),
      schatten_row(2.0),
      schatten_row(2.5),
      row("schatten_penalty_infinity", "schatten_norm", schatten_penalty(infinity), largest, homogeneous(1), zero),
      ky_fan_row(),
      log_cond_row("log_cond_penalty", 3.0, 0.0, 0.0, homogeneous(0), no_ratio, singular),
      log_cond_row("log_cond_penalty_shifted", 3.0, 1.0, 0.1, by_reference(), as_reference(finite),
                   as_reference(finite)),
      row(
          "spectral_ratio_penalty", "spectral_ratio_penalty", spectral_ratio_penalty(),
          [](const Values& s) { return total(s) / length(s); }, homogeneous(0), no_ratio),
      row("orthogonality_penalty", "orthogonality_penalty", orthogonality_penalty(), from_one, by_reference(),
          as_reference(finite)),
      row(
          "sum_of_penalties", "nuclear_penalty", 0.3 * nuclear_penalty() + orthogonality_penalty() * 2.0,
          [](const Values& s) { return 0.3 * total(s) + 2.0 * from_one(s); }, by_reference(), as_reference(finite)),
      row(
          "clipped_penalty", "clipped", clipped(log_cond_penalty(3.0), 1e6),  // and nothing is clipped
          [](const Values& s) { return squared_log_ratio(s.front() / s.back(), 3.0, 0.0); }, by_reference(), no_ratio,
          singular),
  };
  Edges& clipped_edges = rows.back().extremes.edges;
  clipped_edges.plus_inf = clipped_edges.minus_inf = clipped_edges.nan =
      refuses("log_cond_penalty: input has non-finite entries");
  for (auto& each : rows)
    if (each.name == "spectral_ratio_penalty") each.extremes.long_axis = folds_long_matrices(200.0);  // nearly cancels
  // Made of squares of entries, which may be infinite.
  for (auto& each : rows)
    if (each.name == "orthogonality_penalty" || each.name == "schatten_penalty_4_halves") {
      each.extremes.edges.plus_inf = each.extremes.edges.minus_inf = gives(infinity, undefined);
      each.extremes.edges.nan = gives(std::nan(""), undefined);
    }
  rows.front().extremes.edges.plus_inf = rows.front().extremes.edges.minus_inf = gives(infinity, plain);
  rows.front().extremes.edges.nan = gives(std::nan(""), plain);
  rows.front().pullback = [](const Arrays& x, const Array& weights) {
    Arrays result{x[0]};
    for (double& value : result[0].values) value *= 2.0 * weights.values[0];
    return result;
  };
  for (const char* name : {"nuclear_penalty", "spectral_penalty", "spectral_ratio_penalty"})
    for (auto& each : rows)
      if (each.name == name)
        each.misuses.push_back(refuses_nan(name, [f = each.f](const Tensor& w) { return f({w}); }));
  rows.back().misuses.push_back({[] { clipped(frobenius_penalty(), 0.0); }, "clipped: max_norm must be > 0 (got 0)"});
  for (auto& each : scale_free_rows()) rows.push_back(std::move(each));
  return rows;
}

}  // namespace sigmagrad::testing
