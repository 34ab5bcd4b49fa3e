// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/detail/best_signs.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <sigmagrad/linalg/kernels/matrix.hpp>
#include <sigmagrad/linalg/norms.hpp>

namespace sigmagrad::linalg::detail {
namespace {

constexpr std::int64_t most_starts = 64;
constexpr int most_turns = 100;  // each turn raises the value; ties alone could go on for ever

using Vector = std::vector<double>;

// ||x||_2^2, which rises with the norm, and the y of which <y, x> rises fastest: x itself.
struct Euclidean {
  double operator()(const Vector& x) const {
    double sum = 0.0;
    for (const double value : x) sum += value * value;
    return sum;
  }
  void dual(Vector&) const {}
};

// Likewise ||x||_q^q, or the largest entry for q = infinity, with sign(x) |x|^(q - 1).
struct PowerSum {
  double q;

  double operator()(const Vector& x) const {
    double sum = 0.0;
    for (const double value : x)
      sum = std::isinf(q) ? std::max(sum, std::abs(value)) : sum + std::pow(std::abs(value), q);
    return sum;
  }
  void dual(Vector& x) const {
    const double most = PowerSum{std::numeric_limits<double>::infinity()}(x);
    for (double& value : x) {
      const double size = std::abs(value);
      value = std::copysign(std::isinf(q) ? (size == most ? 1.0 : 0.0) : std::pow(size, q - 1.0), value);
      if (size == 0.0) value = 0.0;
    }
  }
};

template <class T>
void add_row(Vector& x, double factor, const T* a, std::int64_t n, std::int64_t i) {
  for (std::int64_t j = 0; j < n; ++j) x[static_cast<std::size_t>(j)] += factor * static_cast<double>(a[i * n + j]);
}

// All signs but the last row's, which may stay +1, in the order of a Gray code: one row changes sign at a time.
template <class T, class Norm>
void best_of_all(const T* a, std::int64_t m, std::int64_t n, const Norm& norm, T* signs) {
  std::vector<T> s(static_cast<std::size_t>(m), T{1});
  Vector x(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < m; ++i) add_row(x, 1.0, a, n, i);
  double best = norm(x);
  std::copy(s.begin(), s.end(), signs);
  for (std::uint64_t code = 1; code < std::uint64_t{1} << (m - 1); ++code) {
    const auto i = static_cast<std::size_t>(__builtin_ctzll(code));
    s[i] = -s[i];
    add_row(x, 2.0 * static_cast<double>(s[i]), a, n, static_cast<std::int64_t>(i));
    const double value = norm(x);
    if (value <= best) continue;
    best = value;
    std::copy(s.begin(), s.end(), signs);
  }
}

// s = sign(A x) is the best for x, and x = dual(A' s) (up to its length) for s: neither step lowers the value.
template <class T, class Norm>
double climb(const T* a, std::int64_t m, std::int64_t n, const Norm& norm, Vector x, std::vector<T>& s) {
  double value = -1.0;
  for (int turn = 0; turn < most_turns; ++turn) {
    for (std::int64_t i = 0; i < m; ++i) {
      double dot = 0.0;
      for (std::int64_t j = 0; j < n; ++j) dot += static_cast<double>(a[i * n + j]) * x[static_cast<std::size_t>(j)];
      s[static_cast<std::size_t>(i)] = dot < 0 ? T{-1} : T{1};
    }
    std::fill(x.begin(), x.end(), 0.0);
    for (std::int64_t i = 0; i < m; ++i) add_row(x, static_cast<double>(s[static_cast<std::size_t>(i)]), a, n, i);
    const double next = norm(x);
    if (next <= value) break;
    value = next;
    norm.dual(x);
  }
  return value;
}

// From rows spread over the matrix.
template <class T, class Norm>
void best_of_some(const T* a, std::int64_t m, std::int64_t n, const Norm& norm, T* signs) {
  const auto starts = std::min(m, most_starts);
  std::vector<T> s(static_cast<std::size_t>(m));
  double best = -1.0;
  for (std::int64_t start = 0; start < starts; ++start) {
    Vector x(static_cast<std::size_t>(n));
    add_row(x, 1.0, a, n, start * m / starts);
    const double value = climb(a, m, n, norm, x, s);
    if (value <= best) continue;
    best = value;
    std::copy(s.begin(), s.end(), signs);
  }
}

template <class Norm>
Tensor signs_for(const Tensor& w, const Norm& norm) {
  const Sizes size(w);
  Tensor out = engine::make_tensor(size.vectors(size.rows), w.dtype());
  engine::dispatch(w.dtype(), [&]<class T>(T) {
    engine::launch([a = engine::read<T>(w), s = engine::fresh<T>(out), count = size.batch.numel(), m = size.rows,
                    n = size.cols, norm] {
      for (std::int64_t i = 0; i < count && m > 0; ++i)
        if (m <= norm_2_to_1_exact_rows)
          best_of_all(a + i * m * n, m, n, norm, s + i * m);
        else
          best_of_some(a + i * m * n, m, n, norm, s + i * m);
    });
  });
  return out;
}

}  // namespace

Tensor best_signs(const Tensor& w, double q) {
  const Tensor scaled = w.detach() * scales_of(w);
  return q == 2.0 ? signs_for(scaled, Euclidean{}) : signs_for(scaled, PowerSum{q});
}

}  // namespace sigmagrad::linalg::detail
