// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>
#include <sigmagrad/linalg/kernels/matrix.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>
#include <sigmagrad/linalg/solve.hpp>

// With a = U diag(s) V' the cofactors are det(U) det(V) U diag(c) V', c_i the product of the other singular values, and
// their derivative along x is det(U) det(V) U D V' with Y = U' x V, D_ij = -p_ij Y_ji beside the diagonal and
// D_ii = sum_j p_ij Y_jj on it, p_ij the product without s_i and s_j. Nothing is divided.
namespace sigmagrad::linalg {
namespace {

using engine::Saved;

// The product of all others for each of s; `except` counts as 1.
template <class T>
void products_of_others(const T* s, std::int64_t n, std::int64_t except, double* to) {
  const auto factor = [=](std::int64_t i) { return i == except ? 1.0 : static_cast<double>(s[i]); };
  double before = 1.0, after = 1.0;
  for (std::int64_t i = 0; i < n; before *= factor(i++)) to[i] = before;
  for (std::int64_t i = n; i-- > 0; after *= factor(i)) to[i] *= after;
}

// c.
template <class T>
void cofactors_of_diagonal(const T* s, std::int64_t n, T* to) {
  const engine::Scratch<double> products(n);
  products_of_others(s, n, -1, products.data());
  std::transform(products.begin(), products.end(), to, [](double x) { return static_cast<T>(x); });
}

// D.
template <class T>
void derivative_of_diagonal(const T* s, const T* y, std::int64_t n, T* to) {
  const engine::Scratch<double> products(n);
  for (std::int64_t i = 0; i < n; ++i) {
    products_of_others(s, n, i, products.data());
    double total = 0.0;
    for (std::int64_t j = 0; j < n; ++j) {
      if (j == i) continue;
      total += products[j] * static_cast<double>(y[j * n + j]);
      to[i * n + j] = static_cast<T>(-products[j] * static_cast<double>(y[j * n + i]));
    }
    to[i * n + i] = static_cast<T>(total);
  }
}

// Matrices in units of a power of two near the largest entry of each, decomposed.
struct Units {
  explicit Units(const Tensor& a) : scales(detail::scales_of(a)), usv(detail::svd("det", a * scales)) {
    sign = (slogdet(usv.U).sign * slogdet(usv.Vt).sign).unsqueeze(-1).unsqueeze(-1);
  }

  // core(s, in..., n, out) for each matrix.
  template <class Core, class... Inputs>
  Tensor of_diagonals(const Shape& shape, const Core& core, const Inputs&... inputs) const {
    Tensor out = engine::make_tensor(shape, usv.S.dtype());
    const std::int64_t n = usv.S.size(-1), count = n == 0 ? 0 : usv.S.numel() / n,
                       step = count == 0 ? 0 : out.numel() / count;
    engine::dispatch(out.dtype(), [&]<class T>(T) {
      engine::launch([s = engine::read<T>(usv.S), to = engine::fresh<T>(out), n, count, step, core,
                      ... in = engine::read<T>(inputs)] {
        for (std::int64_t i = 0; i < count; ++i) core(s + i * n, (in + i * n * n)..., n, to + i * step);
      });
    });
    return out;
  }

  // det(U) det(V) x V', of an x with U on its left, in the units of a to a power.
  Tensor back(const Tensor& x, std::int64_t power) const {
    const Tensor value = sign * matmul(x, usv.Vt);
    Tensor out = engine::make_tensor(value.shape(), value.dtype());
    engine::dispatch(out.dtype(), [&]<class T>(T) {
      engine::launch([from = engine::read<T>(value), c = engine::read<T>(scales), to = engine::fresh<T>(out),
                      n = out.numel(), area = out.size(-1) * out.size(-1), power] {
        for (std::int64_t i = 0; i < n; ++i) {
          const std::int64_t exponent = -std::ilogb(c[i / area]) * power;
          to[i] = std::ldexp(from[i], static_cast<int>(std::clamp<std::int64_t>(exponent, -10000, 10000)));
        }
      });
    });
    return out;
  }

  Tensor scales;
  SVD usv;
  Tensor sign;
};

// The derivative of the cofactors along x.
Tensor cofactors_along(const Tensor& a, const Tensor& x) {
  Tensor value;
  {
    const NoGrad guard;
    const Units units(a);
    const auto core = [](const auto* s, const auto* y, std::int64_t n, auto* to) {
      derivative_of_diagonal(s, y, n, to);
    };
    const Tensor y = matmul(matmul(units.usv.U.t(), x), units.usv.Vt.t());
    value = units.back(matmul(units.usv.U, units.of_diagonals(y.shape(), core, y)), a.size(-1) - 2);
  }
  return engine::make_node<2>(
      "det", {&a, &x}, std::move(value), engine::saves_inputs,
      [](const Saved&, const Tensor&) -> Tensor { engine::fail("det: has no third derivative"); },
      [](const Saved& saved, const Tensor& g) { return cofactors_along(saved.input(0), g); });
}

Tensor cofactors(const Tensor& a) {
  Tensor value;
  {
    const NoGrad guard;
    const Units units(a);
    const auto core = [](const auto* s, std::int64_t n, auto* to) { cofactors_of_diagonal(s, n, to); };
    const Tensor c = units.of_diagonals(units.usv.S.shape(), core);
    value = units.back(detail::columns_times(units.usv.U, c), a.size(-1) - 1);
  }
  return engine::make_node<1>("det", {&a}, std::move(value), engine::saves_input,
                              [](const Saved& saved, const Tensor& g) { return cofactors_along(saved.input(), g); });
}

}  // namespace

Tensor det(const Tensor& A) {
  detail::check_square("det", A);
  const detail::Sizes size(A);
  Tensor out = engine::make_tensor(size.batch, A.dtype());
  engine::dispatch(A.dtype(), [&]<class T>(T) {
    engine::launch([a = engine::read<T>(A), to = engine::fresh<T>(out), count = size.batch.numel(), n = size.rows] {
      for (std::int64_t i = 0; i < count; ++i) detail::determinant(a + i * n * n, n, to + i);
    });
  });
  return engine::make_node<1>(
      "det", {&A}, std::move(out), engine::saves_input,
      [](const Saved& saved, const Tensor& g) { return g.unsqueeze(-1).unsqueeze(-1) * cofactors(saved.input()); });
}

}  // namespace sigmagrad::linalg
