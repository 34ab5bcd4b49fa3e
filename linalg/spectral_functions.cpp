// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/spectral_functions.hpp>

#include <sigmagrad/linalg/detail/spectral_map.hpp>

namespace sigmagrad::linalg {

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
  return detail::spectral_map("polar_factor", w, detail::Unit{detail::rank_tolerance("polar_factor", w)});
}

Tensor pinv(const Tensor& w) { return pinv(w, detail::rank_tolerance("pinv", w)); }

Tensor pinv(const Tensor& w, double rcond) {
  detail::check_matrix("pinv", w);
  if (!(rcond >= 0.0)) engine::fail("pinv: rcond must be >= 0 (got {})", rcond);
  return detail::spectral_map("pinv", w, detail::Reciprocal{rcond}).t();
}

}  // namespace sigmagrad::linalg
