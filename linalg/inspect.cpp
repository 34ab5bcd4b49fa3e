// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/inspect.hpp>

#include <algorithm>
#include <cmath>
#include <span>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/kernels/euclidean.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/detail/lanczos.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>
#include <sigmagrad/linalg/summary.hpp>

namespace sigmagrad {
namespace {

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
  const auto side = linalg::detail::input_side({kernel.shape().begin(), kernel.shape().end()}, options);
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
  if (const auto text = linalg::detail::non_finite_text(matrix); !text.empty()) engine::fail("inspect: {}", text);
  MatrixSummary row;
  row.rows = matrix.size(0);
  row.columns = matrix.size(1);
  engine::dispatch(w.dtype(), [&]<class T>(T) {
    const auto entries = matrix.data<T>();
    row.frobenius = frobenius_of(entries);
    if (!exact) decompose(row, entries, options);
  });
  if (exact) decompose_convolution(row, w, options);
  row.rank_tolerance = linalg::detail::rank_tolerance(row.rows, row.columns, w.dtype(), options);
  linalg::detail::describe(row);
  if (exact) {
    row.mp_sigma = row.mp_edge = std::nan("");
    row.spikes = -1;
  }
  if (options.fit && row.whole_spectrum) row.power_law = power_law_of(row.singular_values, options.seed);
  return row;
}

}  // namespace sigmagrad
