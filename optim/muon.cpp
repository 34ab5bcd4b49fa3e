// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/muon.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/spectral_functions.hpp>
#include <sigmagrad/optim/detail/gradient_check.hpp>
#include <sigmagrad/optim/detail/model_rates.hpp>

namespace sigmagrad::optim {
namespace {

using linalg::detail::divide_or_zero;

Tensor newton_schulz(const Tensor& w, int steps) {
  const bool tall = w.size(-2) > w.size(-1);
  Tensor X = tall ? w.t() : w;
  // Over the largest entry first: squares of tiny or huge entries would leave the range of the numbers.
  for (const auto kind : {linalg::Max, linalg::Fro})
    X = divide_or_zero(X, linalg::norm(X, kind).unsqueeze(-1).unsqueeze(-1));
  for (int i = 0; i < steps; ++i) {
    const Tensor A = matmul(X, X.t());
    X = 3.4445 * X + matmul(-4.7750 * A + 2.0315 * matmul(A, A), X);
  }
  return tall ? X.t() : X;
}

}  // namespace

void MuonOptions::check() const {
  if (!(lr >= 0.0)) engine::fail("Muon: lr must be >= 0 (got {})", lr);
  if (!(momentum >= 0.0 && momentum < 1.0)) engine::fail("Muon: momentum must be in [0, 1) (got {})", momentum);
  if (ns_steps < 1) engine::fail("Muon: ns_steps must be >= 1 (got {})", ns_steps);
  if (!(weight_decay >= 0.0)) engine::fail("Muon: weight_decay must be >= 0 (got {})", weight_decay);
}

MuonOptions MuonGroup::over(MuonOptions o) const {
  for (const auto& parameter : params)
    if (parameter.dim() < 2)
      engine::fail("Muon: parameters must be matrices (got {}); give the others to another optimiser",
                   parameter.shape().str());
  take_given(std::tie(o.lr, o.momentum, o.nesterov, o.ns_steps, o.weight_decay, o.exact, o.lr_scale),
             std::tie(lr, momentum, nesterov, ns_steps, weight_decay, exact, lr_scale));
  check_matrices_of_models("Muon", o.lr_scale, params);
  return o;
}

// The buffer is at most 1 / (1 - momentum) times the largest gradient.
void Muon::check(std::size_t number, const Tensor& parameter, const Tensor& grad, State&, const Group& group) {
  const double largest = parameter.dtype() == f64 ? std::numeric_limits<double>::max()
                                                  : static_cast<double>(std::numeric_limits<float>::max());
  detail::refuse_beyond(0.5 * (1.0 - options(group).momentum) * largest, {"Muon", number, parameter, grad});
}

void Muon::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  const Options& o = options(group);
  Tensor buffer = state.buffer("momentum_buffer", parameter);
  buffer.mul_(o.momentum).add_(grad);
  const Tensor direction = o.nesterov ? grad + o.momentum * buffer : buffer;
  const Tensor O = o.exact ? linalg::polar_factor(direction) : newton_schulz(direction, o.ns_steps);
  const auto rows = static_cast<double>(parameter.size(-2)), cols = static_cast<double>(parameter.size(-1));
  Tensor change = std::sqrt(std::max(1.0, rows / cols)) * O;
  if (o.weight_decay > 0.0) change.add_(o.weight_decay * parameter);
  parameter.sub_(group.lr() * change);
}

}  // namespace sigmagrad::optim
