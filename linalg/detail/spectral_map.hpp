// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <limits>

#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/detail/closed_forms.hpp>
#include <sigmagrad/linalg/detail/spectral_kinds.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>

// F(W) = U diag(f(s)) V' for an odd f, with f(0) = 0 outside W's rows and columns. As the upper right block of f at the
// symmetric matrix [[0, W], [W', 0]], whose eigenvalues are +-s_i and zeros, F has the derivatives of a function of a
// symmetric matrix (Daleckii and Krein 1965): divided differences of f, no gaps. The first is self-adjoint and the
// second symmetric in its arguments, so that each is the gradient rule of the one before.
namespace sigmagrad::linalg::detail {

/// The exponent of the largest of some entries, as scale_for takes it; 0 where there is none.
template <class T>
int exponent(const T* x, std::int64_t n) {
  double largest = 0.0;
  for (std::int64_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(static_cast<double>(x[i])));
  return largest > 0.0 && std::isfinite(largest) ? -std::ilogb(engine::scale_for(largest)) : 0;
}

/// Singular values and f in units of a power of two near the largest of them: F(w) = c^-degree F'(c w), exactly.
template <class F>
struct Units {
  template <class T>
  Units(const T* s, std::int64_t k, const F& f)
      : power(exponent(s, 1)), unit(std::ldexp(1.0, -power)), scaled(f.in_units(unit)), points(k) {
    for (std::int64_t i = 0; i < k; ++i) {
      const Point p = f.point(s, i);
      points[i] = {unit * p.x, p.kept};
    }
  }

  int power;
  double unit;
  F scaled;
  engine::Scratch<Point> points;
};

/// A direction of derivation in units of its own, so that no product leaves the range while the result does not.
struct Direction {
  template <class T>
  Direction(const T* x, std::int64_t size)
      : k(size), power(exponent(x, k * k)), unit(std::ldexp(1.0, -power)), entries(k * k) {
    std::transform(x, x + k * k, entries.begin(), [this](T entry) { return unit * entry; });
  }
  double operator()(std::int64_t row, std::int64_t col) const { return entries[row * k + col]; }

  std::int64_t k;
  int power;
  double unit;
  engine::Scratch<double> entries;
};

/// D of `first`: of Y = U' x V the symmetric part times f[s_i, s_j] plus the antisymmetric part times f[s_i, -s_j].
template <class T, class F>
void first_core(const T* s, const T* y, std::int64_t k, T* d, const F& f) {
  if (k == 0) return;
  const Units<F> units(s, k, f);
  const int power = exponent(y, k * k);
  const double unit = 0.5 * std::ldexp(1.0, -power);
  for (std::int64_t i = 0; i < k; ++i)
    for (std::int64_t j = 0; j < k; ++j) {
      const Point a = units.points[i], b = units.points[j];
      const double even = unit * (y[i * k + j] + y[j * k + i]), odd = unit * (y[i * k + j] - y[j * k + i]);
      const double entry = units.scaled.first(a, b) * even + units.scaled.first(a, -b) * odd;
      d[i * k + j] = static_cast<T>(std::ldexp(entry, power - (1 - F::degree) * units.power));
    }
}

/// The entry of second_core at i, j. In the eigenvectors (u_i, +-v_i)/sqrt 2 of [[0, W], [W', 0]] the directions have
/// the entries (r Y_ij + q Y_ji)/2 for signs q of i and r of j; the sum runs over all eigenvalues in the middle.
template <class F>
double second_entry(const Units<F>& s, const Direction& y, const Direction& z, std::int64_t i, std::int64_t j) {
  const auto entry = [](const Direction& m, std::int64_t row, std::int64_t col, int q, int r) {
    return 0.5 * (r * m(row, col) + q * m(col, row));
  };
  double total = 0.0;
  for (std::int64_t l = 0; l < y.k; ++l)
    for (const int q : {1, -1})
      for (const int r : {1, -1}) {
        const Point a = s.points[i], b = s.points[l], c = s.points[j];
        const double slope = s.scaled.second(a, q > 0 ? b : -b, r > 0 ? c : -c);
        if (slope == 0.0) continue;
        total +=
            r * slope * (entry(y, i, l, 1, q) * entry(z, l, j, q, r) + entry(z, i, l, 1, q) * entry(y, l, j, q, r));
      }
  return total;
}

template <class T, class F>
void second_core(const T* s, const T* x, const T* w, std::int64_t k, T* d, const F& f) {
  if (k == 0) return;
  const Units<F> units(s, k, f);
  const Direction y(x, k), z(w, k);
  const int power = y.power + z.power - (2 - F::degree) * units.power;
  for (std::int64_t i = 0; i < k; ++i)
    for (std::int64_t j = 0; j < k; ++j)
      d[i * k + j] = static_cast<T>(std::ldexp(second_entry(units, y, z, i, j), power));
}

/// to[i] = value(s, i) for the singular values s of each matrix: [..., k].
template <class Value>
Tensor each_value(const Tensor& S, const Value& value) {
  using namespace engine;
  Tensor out = engine::make_tensor(S.shape(), S.dtype());
  engine::dispatch(S.dtype(), [&]<class T>(T) {
    launch([s = read<T>(S), to = fresh<T>(out), k = S.size(-1), n = S.numel(), value] {
      for (std::int64_t i = 0; i < n; ++i) to[i] = static_cast<T>(value(s + i / k * k, i % k));
    });
  });
  return out;
}

template <class F>
Tensor spectral_values(const Tensor& S, const F& f) {
  return each_value(S, [f](const auto* s, std::int64_t i) { return f.value(f.point(s, i)); });
}

/// x with each column times f(s)/s, which is f[s, 0], or with each row.
template <class F>
Tensor times_slopes(const Tensor& x, const Tensor& S, const F& f, int axis) {
  const auto unit = [](const auto* s) { return std::ldexp(1.0, -exponent(s, 1)); };
  const auto slopes = each_value(S, [f, unit](const auto* s, std::int64_t i) {
    const Point p = f.point(s, i);
    return f.in_units(unit(s)).first(Point{unit(s) * p.x, p.kept}, Point{0.0, false});
  });
  Tensor result = x * slopes.unsqueeze(axis);
  if (F::degree == 1) return result;
  const auto units = each_value(S, [unit]<class T>(const T* s, std::int64_t) {
    return std::min(unit(s), static_cast<double>(std::numeric_limits<T>::max()) / 4);
  });
  for (int power = F::degree; power < 1; ++power) result = result * units.unsqueeze(axis);
  return result;
}

/// `core(s, in..., k, out)` for each matrix of the batch.
template <class Core, class... Inputs>
Tensor spectral_core(const Tensor& S, const Core& core, const Inputs&... inputs) {
  using namespace engine;
  Tensor out = engine::make_tensor(S.shape().inserted(-1, S.size(-1)), S.dtype());
  const auto count = S.shape().head(S.dim() - 1).numel();
  engine::dispatch(S.dtype(), [&]<class T>(T) {
    launch([s = read<T>(S), d = fresh<T>(out), k = S.size(-1), count, core, ... in = read<T>(inputs)] {
      for (std::int64_t i = 0; i < count; ++i) core(s + i * k, (in + i * k * k)..., k, d + i * k * k);
    });
  });
  return out;
}

template <class F>
Tensor spectral_first(const char* name, const Tensor& w, const Tensor& x, F f);

/// w with zero rows or columns that make it square.
inline Tensor squared(const Tensor& w) {
  const Sizes size(w);
  const auto missing = std::max(size.rows, size.cols) - size.k;
  if (missing == 0) return w;
  const bool tall = size.rows > size.cols;
  const auto shape = tall ? size.matrices(size.rows, missing) : size.matrices(missing, size.cols);
  return cat({w, zeros(shape, w.dtype())}, tall ? -1 : -2);
}

/// The second derivative of F at w along x and y.
template <class F>
Tensor spectral_second(const char* name, const Tensor& w, const Tensor& x, const Tensor& y, F f) {
  Tensor value;
  {
    const NoGrad guard;
    const auto [U, S, Vt] = svd(name, squared(w));
    const auto core = spectral_core(
        S, [f](const auto* s, const auto* a, const auto* b, std::int64_t k, auto* d) { second_core(s, a, b, k, d, f); },
        matmul(matmul(U.t(), squared(x)), Vt.t()), matmul(matmul(U.t(), squared(y)), Vt.t()));
    value = matmul(matmul(U, core), Vt).narrow(-2, 0, w.size(-2)).narrow(-1, 0, w.size(-1));
  }
  return engine::make_node<3>(
      name, {&w, &x, &y}, std::move(value), engine::saves_inputs,
      [name](const engine::Saved&, const Tensor&) -> Tensor { engine::fail("{}: has no third derivative", name); },
      [name, f](const auto& saved, const Tensor& g) {
        return spectral_second(name, saved.input(0), g, saved.input(2), f);
      },
      [name, f](const auto& saved, const Tensor& g) {
        return spectral_second(name, saved.input(0), saved.input(1), g, f);
      });
}

/// The derivative of F at w along x.
template <class F>
Tensor spectral_first(const char* name, const Tensor& w, const Tensor& x, F f) {
  Tensor value;
  {
    const NoGrad guard;
    const auto [U, S, Vt] = svd(name, w);
    const auto left = matmul(U.t(), x), right = matmul(x, Vt.t());
    const auto core = spectral_core(
        S, [f](const auto* s, const auto* a, std::int64_t k, auto* d) { first_core(s, a, k, d, f); },
        matmul(left, Vt.t()));
    value = matmul(matmul(U, core), Vt);
    if (w.size(-2) > w.size(-1)) value = value + matmul(times_slopes(outside_columns(U, right), S, f, -2), Vt);
    if (w.size(-1) > w.size(-2)) value = value + matmul(U, times_slopes(outside_rows(left, Vt), S, f, -1));
  }
  return engine::make_node<2>(
      name, {&w, &x}, std::move(value), engine::saves_inputs,
      [name, f](const auto& saved, const Tensor& g) {
        return spectral_second(name, saved.input(0), saved.input(1), g, f);
      },
      [name, f](const auto& saved, const Tensor& g) { return spectral_first(name, saved.input(0), g, f); });
}

/// F(w).
template <class F>
Tensor spectral_map(const char* name, const Tensor& w, F f) {
  Tensor value;
  {
    const NoGrad guard;
    const auto [U, S, Vt] = svd(name, w);
    value = matmul(columns_times(U, spectral_values(S, f)), Vt);
  }
  return engine::make_node<1>(
      name, {&w}, std::move(value), engine::saves_input,
      [name, f](const auto& saved, const Tensor& g) { return spectral_first(name, saved.input(), g, f); });
}

}  // namespace sigmagrad::linalg::detail
