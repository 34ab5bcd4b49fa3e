// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/summary.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/linalg/marchenko_pastur.hpp>

namespace sigmagrad::linalg::detail {
namespace {

// exp of the entropy of p / sum p, for p >= 0 with p[0] = 1.
double entropy_rank(std::span<const double> p) {
  const double total = std::accumulate(p.begin(), p.end(), 0.0);
  double entropy = 0.0;
  for (const double x : p)
    if (x > 0.0) entropy -= x / total * std::log(x / total);
  return std::exp(entropy);
}

// What does not depend on the scale of the values. `ratios` are s / s1, all of them or the leading ones.
void describe_ratios(MatrixSummary& row, std::span<const double> ratios) {
  std::vector<double> squares(ratios.size());
  std::transform(ratios.begin(), ratios.end(), squares.begin(), [](double x) { return x * x; });
  const double relative = row.frobenius / row.s1;
  row.stable_rank = relative * relative;
  if (ratios.size() > 1) row.gap = 1.0 - ratios[1];
  const double energy = row.whole_spectrum ? std::accumulate(squares.begin(), squares.end(), 0.0) : row.stable_rank;
  const auto share = [&](std::int64_t count) {
    if (count > std::ssize(squares)) return row.whole_spectrum ? 1.0 : std::nan("");
    return std::min(1.0, std::accumulate(squares.begin(), squares.begin() + count, 0.0) / energy);
  };
  row.energy_top_1 = share(1);
  row.energy_top_10 = share(10);
  row.energy_top_tenth = share((std::min(row.rows, row.columns) + 9) / 10);
  if (!row.whole_spectrum) return;
  row.effective_rank = entropy_rank(ratios);
  row.effective_rank_squares = entropy_rank(squares);
}

// How many of the values, which descend, exceed a threshold; -1 if values that are not known might.
std::int64_t count_above(const MatrixSummary& row, double threshold) {
  const auto& s = row.singular_values;
  const auto count = std::count_if(s.begin(), s.end(), [&](double x) { return x > threshold; });
  return row.whole_spectrum || count < std::ssize(s) ? count : -1;
}

}  // namespace

std::string non_finite_text(const Tensor& values) {
  std::int64_t nans = 0, infinities = 0;
  engine::dispatch(values.dtype(), [&]<class T>(T) {
    for (const T x : values.data<T>()) {
      nans += std::isnan(x);
      infinities += std::isinf(x);
    }
  });
  if (nans + infinities == 0) return "";
  return fmt::format("{} NaN and {} infinite of {} entries", nans, infinities, values.numel());
}

std::int64_t input_side(std::span<const std::int64_t> kernel, const InspectOptions& options) {
  auto side = options.input_side;
  for (const auto k : kernel.subspan(2)) side = std::max(side, k);
  return side;
}

double rank_tolerance(std::int64_t rows, std::int64_t columns, Dtype dtype, const InspectOptions& options) {
  if (options.rank_tolerance) return *options.rank_tolerance;
  const double epsilon = dtype == f32 ? std::numeric_limits<float>::epsilon() : std::numeric_limits<double>::epsilon();
  return epsilon * static_cast<double>(std::max(rows, columns));
}

void describe(MatrixSummary& row) {
  const auto& s = row.singular_values;
  row.s1 = s.front();
  if (row.whole_spectrum) {
    row.sn = s.back();
    row.cond = row.sn > 0.0 ? row.s1 / row.sn : std::numeric_limits<double>::infinity();
    row.nuclear = std::accumulate(s.begin(), s.end(), 0.0);
  }
  row.numerical_rank = row.s1 == 0.0 ? 0 : count_above(row, row.rank_tolerance * row.s1);
  row.mp_sigma = row.frobenius / std::sqrt(static_cast<double>(row.rows)) / std::sqrt(static_cast<double>(row.columns));
  row.mp_edge = marchenko_pastur_edge(row.mp_sigma, row.rows, row.columns);
  row.spikes = row.s1 == 0.0 ? 0 : count_above(row, row.mp_edge);
  if (row.s1 == 0.0) return;
  std::vector<double> ratios(s.size());
  std::transform(s.begin(), s.end(), ratios.begin(), [&](double x) { return x / row.s1; });
  describe_ratios(row, ratios);
}

}  // namespace sigmagrad::linalg::detail
