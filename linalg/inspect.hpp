// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include <sigmagrad/linalg/kernel_matrix.hpp>
#include <sigmagrad/linalg/power_law.hpp>

namespace sigmagrad {

struct InspectOptions {
  /// The part of s1 above which a singular value counts for the numerical rank; by default max(rows, columns) times the
  /// machine epsilon of the tensor's dtype, as NumPy's matrix_rank has it.
  std::optional<double> rank_tolerance = std::nullopt;
  /// Fits a power law to the eigenvalues s^2.
  bool fit = false;
  /// All singular values up to this many, else the `leading` ones.
  std::int64_t full_up_to = 8192;
  std::int64_t leading = 100;
  /// How a tensor of three and more axes, a kernel [out, in, k...], is made a matrix.
  linalg::KernelView kernel = linalg::KernelView::Rows;
  /// The side of the inputs for KernelView::Exact, or the kernel's where that is larger.
  std::int64_t input_side = 16;
  /// Keys the draws of the fit.
  std::uint64_t seed = 0;
};

/// What a matrix is like, in one row. Ratios of a matrix of zeros are NaN; the condition number is infinite where the
/// least singular value came out as 0, there too. What the leading values alone do not tell is NaN, or -1 for a count.
struct MatrixSummary {
  std::int64_t rows = 0, columns = 0;
  std::vector<double> singular_values{};  // descending
  bool whole_spectrum = true;             // whether these are all, else the leading ones
  double s1 = NAN, sn = NAN, cond = NAN;  // cond = s1 / sn
  double frobenius = NAN, nuclear = NAN;
  double stable_rank = NAN;             // ||W||_F^2 / s1^2
  double effective_rank = NAN;          // exp of the entropy of s / sum s
  double effective_rank_squares = NAN;  // and of s^2 / sum s^2
  std::int64_t numerical_rank = 0;      // singular values above rank_tolerance s1
  double rank_tolerance = NAN;
  double gap = NAN;  // (s1 - s2) / s1; NaN where there is one value
  /// The largest value's, the ten largest values', and the largest tenth's (their number rounded up) part of the sum of
  /// s^2.
  double energy_top_1 = NAN, energy_top_10 = NAN, energy_top_tenth = NAN;
  double mp_sigma = NAN;                                     // ||W||_F / sqrt(rows columns)
  double mp_edge = NAN;                                      // marchenko_pastur_edge of mp_sigma and this shape
  std::int64_t spikes = 0;                                   // singular values above it
  std::optional<linalg::PowerLaw> power_law = std::nullopt;  // where it was asked for and there is a fit
};

/// The summary of a matrix, or of a kernel seen as one. Computed in f64 from the entries as they are; values only, and
/// with one copy of the matrix in f64 beside it. Above `full_up_to` the leading values come from Lanczos's method, each
/// within 1e-8 s1, and the sums from the entries. The exact spectrum of a convolution is one of another kind of matrix:
/// rows and columns are those of the map of whole inputs, and Marchenko and Pastur's numbers are NaN and -1. Error for
/// fewer than two axes, no entries, entries that are not finite, with their number, or an exact spectrum that
/// convolution_spectrum refuses as too large. No gradient flows: what is differentiable has a function of the same name
/// in `linalg`, and a penalty in `nn`.
MatrixSummary inspect(const Tensor& w, const InspectOptions& options = {});

}  // namespace sigmagrad
