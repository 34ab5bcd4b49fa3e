// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/shampoo.hpp>

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/kernels/gemm.hpp>
#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>
#include <sigmagrad/optim/detail/gradient_check.hpp>
#include <sigmagrad/optim/detail/model_rates.hpp>

namespace sigmagrad::optim {
namespace {

// out = (a + eps I)^power for a symmetric positive semidefinite a.
template <class T>
void power_of(const T* a, std::int64_t n, double eps, double power, T* out) {
  const engine::Scratch<T> values(n), vectors(n * n), scaled(n * n);
  linalg::detail::eigh(a, n, values.data(), vectors.data());
  for (auto& value : values) value = static_cast<T>(std::pow(std::max(static_cast<double>(value), 0.0) + eps, power));
  for (std::int64_t i = 0; i < n * n; ++i) scaled[i] = vectors[i] * values[i % n];
  engine::Gemm{n, n, n, false, true}(1, scaled.data(), 0, vectors.data(), 0, out);
}

}  // namespace

void ShampooOptions::check() const {
  if (!(lr >= 0.0)) engine::fail("Shampoo: lr must be >= 0 (got {})", lr);
  if (!(momentum >= 0.0)) engine::fail("Shampoo: momentum must be >= 0 (got {})", momentum);
  if (!(weight_decay >= 0.0)) engine::fail("Shampoo: weight_decay must be >= 0 (got {})", weight_decay);
  if (!(eps > 0.0)) engine::fail("Shampoo: eps must be > 0 (got {})", eps);
  if (update_every < 1) engine::fail("Shampoo: update_every must be >= 1 (got {})", update_every);
}

ShampooOptions ShampooGroup::over(ShampooOptions o) const {
  take_given(std::tie(o.lr, o.momentum, o.weight_decay, o.eps, o.update_every, o.lr_scale),
             std::tie(lr, momentum, weight_decay, eps, update_every, lr_scale));
  check_matrices_of_models("Shampoo", o.lr_scale, params);
  return o;
}

// (eps I + the sum of all `gram` so far)^power, as of the last step that computed it.
Tensor Shampoo::inverse_root(State& state, const char* side, const Tensor& gram, double power, const Options& o) {
  Tensor total = state.buffer(side, gram);
  total.add_(gram);
  Tensor root = state.buffer(std::string(side) + "_root", gram);
  engine::dispatch(gram.dtype(), [&]<class T>(T) {
    const T* from = engine::read<T>(total);
    const auto n = gram.size(-1), count = n == 0 ? 0 : gram.numel() / (n * n);
    engine::launch([from, to = engine::write<T>(root), n, count, power, step = state.step.address(), o = &o] {
      if ((*step - 1) % o->update_every != 0) return;
      for (std::int64_t i = 0; i < count; ++i) power_of(from + i * n * n, n, o->eps, power, to + i * n * n);
    });
  });
  return root;
}

// grad + weight_decay p, as matrices.
Tensor Shampoo::matrices(const Tensor& parameter, const Tensor& grad, const Options& o) {
  const Tensor G = o.weight_decay > 0.0 ? grad + o.weight_decay * parameter : grad;
  return parameter.dim() >= 2 ? G : G.reshape({G.numel(), 1});
}

// No entry and no eigenvalue of L and R exceeds their common trace, the sum of all squares so far.
void Shampoo::check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  const Options& o = options(group);
  const Tensor G = matrices(parameter, grad, o);
  const auto m = G.size(-2), n = G.size(-1);
  const auto kept = [&](const char* side, std::int64_t size) {
    const Shape shape = G.shape().with(-2, size).with(-1, size);
    Tensor sum = state.buffer(side, shape, G.dtype());
    state.buffer(std::string(side) + "_root", shape, G.dtype());
    return sum;
  };
  const Tensor left = kept("left", m);
  if (parameter.dim() >= 2) kept("right", n);
  if (o.momentum > 0.0) state.buffer("momentum_buffer", parameter);
  engine::dispatch(G.dtype(), [&]<class T>(T) {
    const T *sums = engine::read<T>(left), *entries = engine::read<T>(G), *given = engine::read<T>(grad);
    engine::launch([sums, entries, given, m, n, number, shape = grad.shape()] {
      for (std::int64_t from = 0; from < shape.numel(); from += m * n) {
        T trace = engine::sum_entries<T>(from, m * n, [entries](std::int64_t i) { return entries[i] * entries[i]; });
        for (std::int64_t i = 0; i < m; ++i) trace += sums[from / n * m + i * (m + 1)];
        if (!std::isfinite(trace)) detail::refuse_gradient("Shampoo", number, shape, given);
      }
    });
  });
}

void Shampoo::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  const Options& o = options(group);
  const bool matrix = parameter.dim() >= 2;
  const Tensor G = matrices(parameter, grad, o);
  const Tensor left = inverse_root(state, "left", matmul(G, G.t()), matrix ? -0.25 : -0.5, o);
  Tensor D = matmul(left, G);
  if (matrix) D = matmul(D, inverse_root(state, "right", matmul(G.t(), G), -0.25, o));
  D = D.reshape(parameter.shape());
  if (o.momentum > 0.0) {
    Tensor buffer = state.buffer("momentum_buffer", parameter);
    D = buffer.mul_(o.momentum).add_(D);
  }
  parameter.sub_(group.lr() * D);
}

}  // namespace sigmagrad::optim
