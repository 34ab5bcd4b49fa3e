// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/penalties.hpp>

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>
#include <sigmagrad/linalg/norms.hpp>

namespace sigmagrad::nn {
namespace {

// U diag(f(s)) V'
template <class F>
Tensor with_singular_values(const Tensor& w, const F& f) {
  const auto [U, S, Vt] = linalg::svd(w);
  return matmul(linalg::detail::columns_times(U, f(S)), Vt);
}

Tensor nuclear_prox(const Tensor& w, const Tensor& tau) {
  return with_singular_values(w, [&](const Tensor& s) { return relu(s - tau); });
}

Tensor length_prox(const Tensor& w, const Tensor& tau) {
  const auto length = linalg::norm(w);
  return w * linalg::detail::divide_or_zero(relu(length - tau), length).unsqueeze(-1).unsqueeze(-1);
}

// s minus its projection on {0 <= x <= tau, sum x <= bound}: x = min(max(s - theta, 0), tau), with theta = 0 or the
// one at which the sum, which falls along straight lines between s_i - tau and s_i, passes the bound.
Tensor outside_of_box(const Tensor& s, const Tensor& tau, const Tensor& bound) {
  const auto projection = [&](const Tensor& theta) { return minimum(relu(s.unsqueeze(-2) - theta), tau); };
  const auto corners = relu(cat({s, s - tau}, -1));
  const auto above = sum(projection(corners.unsqueeze(-1)), -1) >= bound;
  const auto corner = max(corners * above, -1, true);
  const auto x = projection(corner.unsqueeze(-1)).squeeze(-2);
  const auto moving = sum(((s - tau) <= corner) * (s > corner), -1, true);
  const auto theta = corner + linalg::detail::divide_or_zero(relu(sum(x, -1, true) - bound), moving);
  return s - projection(theta.unsqueeze(-1)).squeeze(-2);
}

void check_count(const Tensor& w, std::int64_t k) {
  const linalg::detail::Sizes size("ky_fan_penalty", w);
  if (k > size.k) engine::fail("ky_fan_penalty: k must be in 1 ... {} for {} (got {})", size.k, w.shape().str(), k);
}

Penalty::Prox ky_fan_prox(std::int64_t k) {
  return [k](const Tensor& w, const Tensor& tau) {
    check_count(w, k);
    const auto bound = static_cast<double>(k) * tau;
    return with_singular_values(w, [&](const Tensor& s) { return outside_of_box(s, tau, bound); });
  };
}

}  // namespace

Penalty frobenius_penalty() {
  const auto value = [](const Tensor& w) {
    linalg::detail::check_matrix("frobenius_penalty", w);
    return square(w).sum();
  };
  return Penalty(value, [](const Tensor& w, const Tensor& tau) { return w / (1.0 + 2.0 * tau); });
}

Penalty nuclear_penalty() {
  return Penalty([](const Tensor& w) { return linalg::detail::svdvals("nuclear_penalty", w).sum(); }, nuclear_prox);
}

Penalty spectral_penalty() {
  return Penalty([](const Tensor& w) { return linalg::detail::two_svdvals("spectral_penalty", w, 0, 0).select(-1, 0); },
                 ky_fan_prox(1));
}

Penalty schatten_penalty(double p) {
  if (!(p > 0.0)) engine::fail("schatten_penalty: p must be > 0 (got {})", p);
  Penalty::Prox prox;
  if (p == 1.0) prox = nuclear_prox;
  if (p == 2.0) prox = length_prox;
  if (std::isinf(p)) prox = ky_fan_prox(1);
  return Penalty([p](const Tensor& w) { return linalg::schatten_norm(w, p); }, prox);
}

Penalty ky_fan_penalty(std::int64_t k) {
  if (k < 1) engine::fail("ky_fan_penalty: k must be >= 1 (got {})", k);
  const auto value = [k](const Tensor& w) {
    check_count(w, k);
    return linalg::ky_fan_norm(w, k);
  };
  return Penalty(value, ky_fan_prox(k));
}

Penalty log_cond_penalty(double target, double shift, double guard) {
  if (!(target >= 1.0)) engine::fail("log_cond_penalty: target must be >= 1 (got {})", target);
  if (!(shift >= 0.0 && guard >= 0.0))
    engine::fail("log_cond_penalty: shift and guard must be >= 0 (got {} and {})", shift, guard);
  return Penalty([=](const Tensor& w) {
    const auto s = linalg::detail::two_svdvals("log_cond_penalty", w, 0, -1);
    const auto k = s.select(-1, 0) / (s.select(-1, -1) + guard);
    return square(log(k + shift) - std::log(target + shift));
  });
}

Penalty spectral_ratio_penalty() {
  return Penalty([](const Tensor& w) {
    const auto s = linalg::detail::svdvals("spectral_ratio_penalty", w);
    return sum(s, -1) / linalg::norm(w);
  });
}

Penalty stable_rank_penalty() { return Penalty(linalg::stable_rank); }

Penalty effective_rank_penalty(linalg::EntropyOf kind) {
  return Penalty([kind](const Tensor& w) { return linalg::effective_rank(w, kind); });
}

Penalty spectral_gap_penalty() { return Penalty(linalg::spectral_gap); }

Penalty energy_share_penalty(std::int64_t k) {
  if (k < 1) engine::fail("energy_share_penalty: k must be >= 1 (got {})", k);
  return Penalty([k](const Tensor& w) { return linalg::energy_share(w, k); });
}

Penalty orthogonality_penalty() {
  return Penalty([](const Tensor& w) {
    const linalg::detail::Sizes size("orthogonality_penalty", w);
    const auto gram = size.rows < size.cols ? matmul(w, w.t()) : matmul(w.t(), w);
    return square(gram - eye(size.k, w.dtype())).sum();
  });
}

}  // namespace sigmagrad::nn
