// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/inspect.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/kernels/euclidean.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/detail/lanczos.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>
#include <sigmagrad/linalg/marchenko_pastur.hpp>

namespace sigmagrad {
namespace {

template <class T>
void check_all_finite(std::span<const T> entries) {
  std::int64_t nans = 0, infinities = 0;
  for (const T x : entries) {
    nans += std::isnan(x);
    infinities += std::isinf(x);
  }
  if (nans + infinities > 0)
    engine::fail("inspect: {} NaN and {} infinite of {} entries", nans, infinities, entries.size());
}

// In f64, and in range wherever the result is.
template <class T>
double frobenius_of(std::span<const T> entries) {
  double largest = 0.0;
  for (const T x : entries) largest = std::max(largest, std::abs(static_cast<double>(x)));
  if (largest == 0.0) return 0.0;
  const double scale = engine::scale_for(largest);
  const auto square = [x = entries.data(), scale](std::int64_t i) {
    const double entry = scale * static_cast<double>(x[i]);
    return entry * entry;
  };
  return std::sqrt(engine::sum_entries<double>(0, std::ssize(entries), square)) / scale;
}

template <class T>
std::vector<double> all_singular_values(std::span<const T> entries, std::int64_t rows, std::int64_t cols) {
  const engine::Scratch<double> copy(std::ssize(entries));
  std::copy(entries.begin(), entries.end(), copy.begin());
  std::vector<double> s(static_cast<std::size_t>(std::min(rows, cols)));
  linalg::detail::singular_values_in_place(copy.data(), rows, cols, s.data(), "inspect");
  return s;
}

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

// Fills in what follows from shape, singular values and Frobenius norm.
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
  row.mp_edge = linalg::marchenko_pastur_edge(row.mp_sigma, row.rows, row.columns);
  row.spikes = row.s1 == 0.0 ? 0 : count_above(row, row.mp_edge);
  if (row.s1 == 0.0) return;
  std::vector<double> ratios(s.size());
  std::transform(s.begin(), s.end(), ratios.begin(), [&](double x) { return x / row.s1; });
  describe_ratios(row, ratios);
}

std::optional<linalg::PowerLaw> power_law_of(const std::vector<double>& s, std::uint64_t seed) {
  if (s.front() == 0.0) return std::nullopt;
  // The law of c x is that of x with c xmin: squares of very large and small values stay in range.
  const double scale = engine::scale_for(s.front());
  std::vector<double> eigenvalues(s.size());
  std::transform(s.begin(), s.end(), eigenvalues.begin(), [&](double x) { return (scale * x) * (scale * x); });
  auto result = linalg::fit_power_law(tensor(eigenvalues), {.seed = seed});
  if (std::isnan(result.alpha)) return std::nullopt;
  result.xmin = result.xmin / scale / scale;
  return result;
}

template <class T>
void decompose(MatrixSummary& row, std::span<const T> entries, const InspectOptions& options) {
  const auto k = std::min(row.rows, row.columns);
  row.whole_spectrum = k <= options.full_up_to || k <= options.leading;
  row.singular_values = row.whole_spectrum ? all_singular_values(entries, row.rows, row.columns)
                                           : linalg::detail::leading_singular_values(
                                                 entries.data(), row.rows, row.columns, options.leading, "inspect");
}

// The map of whole inputs has a copy of the kernel for each place, and all of their entries.
void decompose_convolution(MatrixSummary& row, const Tensor& kernel, const InspectOptions& options) {
  auto side = options.input_side;
  for (int axis = 2; axis < kernel.dim(); ++axis) side = std::max(side, kernel.size(axis));
  row.singular_values = linalg::convolution_spectrum(kernel.to(f64), side).to_vector();
  row.whole_spectrum = true;
  const double places = std::pow(static_cast<double>(side), kernel.dim() - 2);
  row.rows = static_cast<std::int64_t>(places) * kernel.size(0);
  row.columns = static_cast<std::int64_t>(places) * kernel.size(1);
  row.frobenius *= std::sqrt(places);
}

void check_inspect(const Tensor& w, const InspectOptions& options) {
  if (w.dim() < 2 || w.numel() == 0)
    engine::fail("inspect: needs two or more axes and entries, got {}", w.shape().str());
  if (options.leading < 1 || options.full_up_to < 0 || options.input_side < 1)
    engine::fail("inspect: leading and input_side must be >= 1, full_up_to >= 0 (got {}, {} and {})", options.leading,
                 options.input_side, options.full_up_to);
  if (options.rank_tolerance && !(*options.rank_tolerance >= 0.0))
    engine::fail("inspect: rank_tolerance must be >= 0 (got {})", *options.rank_tolerance);
}

}  // namespace

MatrixSummary inspect(const Tensor& w, const InspectOptions& options) {
  check_inspect(w, options);
  const NoGrad guard;
  const bool exact = w.dim() > 2 && options.kernel == linalg::KernelView::Exact;
  const auto view = exact ? linalg::KernelView::Rows : options.kernel;
  const Tensor matrix = w.dim() == 2 ? w.detach() : linalg::kernel_matrix(w.detach(), view);
  MatrixSummary row;
  row.rows = matrix.size(0);
  row.columns = matrix.size(1);
  engine::dispatch(w.dtype(), [&]<class T>(T) {
    const auto entries = matrix.data<T>();
    check_all_finite(entries);
    row.frobenius = frobenius_of(entries);
    if (!exact) decompose(row, entries, options);
    row.rank_tolerance = std::numeric_limits<T>::epsilon();
  });
  if (exact) decompose_convolution(row, w, options);
  row.rank_tolerance *= static_cast<double>(std::max(row.rows, row.columns));
  if (options.rank_tolerance) row.rank_tolerance = *options.rank_tolerance;
  describe(row);
  if (exact) {
    row.mp_sigma = row.mp_edge = std::nan("");
    row.spikes = -1;
  }
  if (options.fit && row.whole_spectrum) row.power_law = power_law_of(row.singular_values, options.seed);
  return row;
}

}  // namespace sigmagrad
