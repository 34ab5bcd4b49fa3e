// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/spectrum.hpp>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/detail/solve.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>

namespace sigmagrad::linalg {
namespace {

Tensor count_above(const char* name, const Tensor& w, double fraction) {
  const auto s = detail::svdvals(name, w.detach(), 1);
  return sum(s > fraction * s.narrow(-1, 0, 1), -1);
}

}  // namespace

Tensor cond(const Tensor& w, NormKind kind) {
  if (kind.name == NormKind::MaxNorm) engine::fail("cond: kind must be 1, 2, Inf, Fro or Nuclear (got Max)");
  if (kind.name != NormKind::Two)
    return norm(w, kind) * norm(detail::inv("cond", w, detail::IfSingular::Infinity), kind);
  const auto s = detail::two_svdvals("cond", w, 0, -1);
  return s.select(-1, 0) / s.select(-1, -1);
}

Tensor log_cond(const Tensor& w) {
  const auto s = log(detail::two_svdvals("log_cond", w, 0, -1));
  return s.select(-1, 0) - s.select(-1, -1);
}

Tensor distance_to_singularity(const Tensor& w, Distance kind) {
  const auto s = detail::two_svdvals("distance_to_singularity", w, 0, -1);
  return kind == Distance::Absolute ? s.select(-1, 1) : s.select(-1, 1) / s.select(-1, 0);
}

Tensor spectral_gap(const Tensor& w) {
  const auto s = detail::two_svdvals("spectral_gap", w, 0, 1);
  return 1.0 - s.select(-1, 1) / s.select(-1, 0);
}

Tensor stable_rank(const Tensor& w) {
  const auto largest = detail::two_svdvals("stable_rank", w, 0, 0).select(-1, 0);
  const auto scale = engine::scales_for(largest.detach());  // the ratio does not depend on it
  return sum(sum(square(w * scale.unsqueeze(-1).unsqueeze(-1)), -1), -1) / square(largest * scale);
}

Tensor effective_rank(const Tensor& w, EntropyOf kind) {
  const auto values = detail::svdvals("effective_rank", w, 1);
  const auto s = values * engine::scales_for(values.detach().narrow(-1, 0, 1));
  const auto weights = kind == EntropyOf::Values ? s : square(s);
  const auto p = weights / sum(weights, -1, true);
  return exp(-sum(p * log(p + (p == 0.0)), -1));  // 0 log 0 = 0
}

Tensor energy_share(const Tensor& w, std::int64_t k) {
  const auto values = detail::svdvals("energy_share", w, 1);
  if (k < 1 || k > values.size(-1))
    engine::fail("energy_share: k must be in 1 ... {} for {} (got {})", values.size(-1), w.shape().str(), k);
  const auto energy = square(values * engine::scales_for(values.detach().narrow(-1, 0, 1)));
  return sum(energy.narrow(-1, 0, k), -1) / sum(energy, -1);
}

int rank_above(const Tensor& w, double fraction) {
  if (w.dim() != 2) engine::fail("rank_above: needs one matrix, got {}", w.shape().str());
  return static_cast<int>(count_above("rank_above", w, fraction).item());
}

Tensor ranks_above(const Tensor& w, double fraction) { return count_above("ranks_above", w, fraction); }

}  // namespace sigmagrad::linalg
