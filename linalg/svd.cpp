// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/svd.hpp>

#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>

namespace sigmagrad::linalg {
namespace {

using detail::columns_times;
using detail::differences;
using detail::divide_or_zero;
using detail::outside_columns;
using detail::outside_rows;
using detail::rows_times;
using detail::sums;

// U diag(g) Vt with the singular vectors of w: the gradient of the singular values.
Tensor spectral_outer(const Tensor& w, const Tensor& g);

// The derivative of U diag(g) Vt along x, for fixed g. With Y = U' x V, split into symmetric and antisymmetric parts P
// and K, its entries are (g_j - g_i)/(s_j - s_i) P_ij + (g_j + g_i)/(s_j + s_i) K_ij: only differences of g are divided
// by gaps (Lewis and Sendov 2005 have the symmetric case). Outside the square block the partner has s = g = 0.
Tensor turn_vectors(const Tensor& x, const Tensor& w, const Tensor& g) {
  const auto [U, S, Vt] = svd(w);
  const auto Y = matmul(matmul(U.t(), x), Vt.t());
  const auto P = 0.5 * (Y + Y.t()), K = 0.5 * (Y - Y.t());
  const auto D = divide_or_zero(differences(g), differences(S)) * P + divide_or_zero(sums(g), sums(S)) * K;
  auto result = matmul(matmul(U, D), Vt);
  const auto ratio = divide_or_zero(g, S);
  if (w.size(-2) > w.size(-1))
    result = result + matmul(columns_times(outside_columns(U, matmul(x, Vt.t())), ratio), Vt);
  if (w.size(-1) > w.size(-2)) result = result + matmul(U, rows_times(ratio, outside_rows(matmul(U.t(), x), Vt)));
  return result;
}

// U diag(g) Vt, which is spectral_outer(w, g) where these are singular vectors of w.
Tensor outer_of(const Tensor& U, const Tensor& g, const Tensor& Vt) { return matmul(columns_times(U, g), Vt); }

// Its place in the graph.
Tensor differentiable_outer(const Tensor& w, const Tensor& g, Tensor value) {
  return engine::make_node<2>(
      "svdvals_gradient", {&w, &g}, std::move(value), engine::saves_inputs,
      [](const engine::Saved& saved, const Tensor& x) { return turn_vectors(x, saved.input(0), saved.input(1)); },
      [](const engine::Saved& saved, const Tensor& x) {
        const auto [U, S, Vt] = svd(saved.input(0));
        return sum(matmul(U.t(), x) * Vt, -1);
      });
}

Tensor spectral_outer(const Tensor& w, const Tensor& g) {
  Tensor value;
  {
    const NoGrad guard;
    const auto [U, S, Vt] = svd(w);
    value = outer_of(U, g, Vt);
  }
  return differentiable_outer(w, g, std::move(value));
}

// Likewise, for vectors that a node saved: a gradient rule decomposes w again only for the sake of a graph. `all` makes
// of g the gradient of all singular values.
template <class All>
Tensor saved_outer(const engine::Saved& saved, const Tensor& U, const Tensor& g, const Tensor& Vt, const All& all) {
  Tensor value;
  {
    const NoGrad guard;
    value = outer_of(U, g, Vt);
  }
  if (!grad_enabled()) return value;
  return differentiable_outer(saved.input(), all(g), std::move(value));
}

// Gradient of the thin SVD (Townsend 2016, "Differentiating the singular value decomposition", eqs. 18-20): the parts
// of gU and gV within the spaces go through 1/(s_j^2 - s_i^2), those outside through 1/s. The former are s_j/(s_j +
// s_i) and s_i/(s_j + s_i) over s_j - s_i here: squares would leave the range of the dtype long before the result does.
Tensor svd_gradient(const engine::Saved& saved, const engine::Gradients& gradients) {
  const auto U = saved.output(0), S = saved.output(1), Vt = saved.output(2);
  const auto& [gU, gS, gVt] = gradients;
  Tensor result = gS.defined() ? saved_outer(saved, U, gS, Vt, [](const Tensor& g) { return g; })
                               : zeros(U.shape().with(-1, Vt.size(-1)), S.dtype());
  if (!gU.defined() && !gVt.defined()) return result;
  Tensor core = zeros(S.shape().inserted(-1, S.size(-1)), S.dtype());
  const auto gaps = differences(S), all = sums(S);
  if (gU.defined()) {
    const auto inner = matmul(U.t(), gU);
    core = core + divide_or_zero(inner - inner.t(), gaps) * divide_or_zero(S.unsqueeze(-2), all);
    if (U.size(-2) > U.size(-1)) {
      const auto scaled = divide_or_zero(outside_columns(U, gU), S.unsqueeze(-2));
      result = result + matmul(scaled, Vt);
    }
  }
  if (gVt.defined()) {
    const auto inner = matmul(Vt, gVt.t());
    core = core + divide_or_zero(inner - inner.t(), gaps) * divide_or_zero(S.unsqueeze(-1), all);
    if (Vt.size(-1) > Vt.size(-2)) {
      const auto scaled = divide_or_zero(outside_rows(gVt, Vt), S.unsqueeze(-1));
      result = result + matmul(U, scaled);
    }
  }
  return result + matmul(matmul(U, core), Vt);
}

}  // namespace

SVD detail::svd(const char* operation, const Tensor& w) {
  const Sizes size(operation, w);
  const std::array<Tensor, 3> result{engine::make_tensor(size.matrices(size.rows, size.k), w.dtype()),
                                     engine::make_tensor(size.vectors(size.k), w.dtype()),
                                     engine::make_tensor(size.matrices(size.k, size.cols), w.dtype())};
  engine::dispatch(w.dtype(), [&]<class T>(T) {
    engine::launch([operation, a = engine::read<T>(w), u = engine::fresh<T>(result[0]), s = engine::fresh<T>(result[1]),
                    vt = engine::fresh<T>(result[2]), count = size.batch.numel(), m = size.rows, n = size.cols,
                    k = size.k] {
      for (std::int64_t i = 0; i < count; ++i)
        detail::svd(a + i * m * n, m, n, u + i * m * k, s + i * k, vt + i * k * n, operation);
    });
  });
  engine::make_node<1>("svd", {&w}, std::span<const Tensor, 3>(result), engine::saves_input | engine::saves_output,
                       svd_gradient);
  return {result[0], result[1], result[2]};
}

SVD svd(const Tensor& w) { return detail::svd("svd", w); }

Tensor detail::svdvals(const char* operation, const Tensor& w, std::int64_t least) {
  const Sizes size(operation, w);
  if (size.k < least) engine::fail("{}: needs at least {} singular values, got {}", operation, least, w.shape().str());
  Tensor out = engine::make_tensor(size.vectors(size.k), w.dtype());
  engine::dispatch(w.dtype(), [&]<class T>(T) {
    engine::launch([operation, a = engine::read<T>(w), s = engine::fresh<T>(out), count = size.batch.numel(),
                    m = size.rows, n = size.cols, k = size.k] {
      for (std::int64_t i = 0; i < count; ++i) singular_values(a + i * m * n, m, n, s + i * k, operation);
    });
  });
  return engine::make_node<1>(
      "svdvals", {&w}, std::move(out), engine::saves_input,
      [](const engine::Saved& saved, const Tensor& grad) { return spectral_outer(saved.input(), grad); });
}

Tensor svdvals(const Tensor& w) { return detail::svdvals("svdvals", w); }

namespace {

// diag(g) at the ranks `which` of k values: the gradient of all of them.
Tensor among_all(const Tensor& g, const std::array<std::int64_t, 2>& which, std::int64_t k) {
  const Tensor identity = eye(k, g.dtype());
  return matmul(g, stack({identity.select(0, which[0]), identity.select(0, which[1])}, 0));
}

}  // namespace

Tensor detail::two_svdvals(const char* operation, const Tensor& w, std::int64_t first, std::int64_t second) {
  const Sizes size(operation, w);
  const std::array<std::int64_t, 2> which{first, second < 0 ? second + size.k : second};
  if (size.k <= std::max(which[0], which[1]) || which[1] < 0)
    engine::fail("{}: needs at least {} singular values, got {}", operation, std::max(first, second) + 1,
                 w.shape().str());
  const std::array<Tensor, 3> result{engine::make_tensor(size.matrices(2, size.rows), w.dtype()),
                                     engine::make_tensor(size.vectors(2), w.dtype()),
                                     engine::make_tensor(size.matrices(2, size.cols), w.dtype())};
  engine::dispatch(w.dtype(), [&]<class T>(T) {
    engine::launch([operation, which, a = engine::read<T>(w), u = engine::fresh<T>(result[0]),
                    s = engine::fresh<T>(result[1]), v = engine::fresh<T>(result[2]), count = size.batch.numel(),
                    m = size.rows, n = size.cols] {
      for (std::int64_t i = 0; i < count; ++i)
        singular_pairs(a + i * m * n, m, n, which, u + i * 2 * m, s + i * 2, v + i * 2 * n, operation);
    });
  });
  engine::make_node<1>("svdvals", {&w}, std::span<const Tensor, 3>(result), engine::saves_input | engine::saves_output,
                       [which, k = size.k](const engine::Saved& saved, const engine::Gradients& gradients) {
                         const Tensor& g = gradients[1];
                         return saved_outer(saved, saved.output(0).t(), g, saved.output(2),
                                            [&](const Tensor& some) { return among_all(some, which, k); });
                       });
  return result[1];
}

}  // namespace sigmagrad::linalg
