// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/spectral_functions.hpp>

#include <limits>

#include <sigmagrad/linalg/detail/spectral_map.hpp>

namespace sigmagrad::linalg {

namespace {

// The part of the largest singular value up to which one may be rounding alone.
double rounding(const char* name, const Tensor& w) {
  const detail::Sizes size(name, w);
  const double epsilon = w.dtype() == f64 ? std::numeric_limits<double>::epsilon()
                                          : static_cast<double>(std::numeric_limits<float>::epsilon());
  return static_cast<double>(std::max(size.rows, size.cols)) * epsilon;
}

}  // namespace

Tensor prox_nuclear(const Tensor& w, Scalar tau) {
  detail::check_matrix("prox_nuclear", w);
  if (!(tau.now() >= 0.0)) engine::fail("prox_nuclear: tau must be >= 0 (got {})", tau.now());
  return detail::spectral_map("prox_nuclear", w, detail::SoftThreshold{tau});
}

Tensor low_rank_approximation(const Tensor& w, std::int64_t k) {
  const detail::Sizes size("low_rank_approximation", w);
  if (k < 0) engine::fail("low_rank_approximation: k must be >= 0 (got {})", k);
  if (k >= size.k) return w.clone();
  return detail::spectral_map("low_rank_approximation", w, detail::Truncation{k});
}

Tensor polar_factor(const Tensor& w) {
  return detail::spectral_map("polar_factor", w, detail::Unit{rounding("polar_factor", w)});
}

Tensor pinv(const Tensor& w) { return pinv(w, rounding("pinv", w)); }

Tensor pinv(const Tensor& w, double rcond) {
  detail::check_matrix("pinv", w);
  if (!(rcond >= 0.0)) engine::fail("pinv: rcond must be >= 0 (got {})", rcond);
  return detail::spectral_map("pinv", w, detail::Reciprocal{rcond}).t();
}

}  // namespace sigmagrad::linalg
