// SPDX-License-Identifier: BSD-3-Clause
// Scaling and squaring with Pade approximants: degrees by Higham 2005, "The scaling and squaring method for the matrix
// exponential revisited", table 2.3; scaling by powers from Al-Mohy and Higham 2009, "A new scaling and squaring
// algorithm for the matrix exponential"; derivatives, those of every step, from Al-Mohy and Higham 2009, "Computing the
// Frechet derivative of the matrix exponential, with an application to condition number estimation", table 6.1.
#include <sigmagrad/linalg/detail/expm.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <sigmagrad/linalg/detail/workspace.hpp>
#include <sigmagrad/linalg/detail/zero_pattern.hpp>

namespace sigmagrad::linalg::detail {
namespace {

// Coefficients of the numerator: c_j = (2q - j)! q! / ((2q)! (q - j)! j!).
constexpr std::array<double, 14> coefficients(int degree) {
  std::array<double, 14> c{1.0};
  for (int j = 0; j < degree; ++j)
    c[static_cast<std::size_t>(j) + 1] = c[static_cast<std::size_t>(j)] * (degree - j) / ((2.0 * degree - j) * (j + 1));
  return c;
}

// With the largest 1-norms for which it is accurate to double precision, and its derivative is.
struct Approximant {
  int degree;
  double value, derivative;
  std::array<double, 14> c = coefficients(degree);

  // Powers A^2, A^4, ... in its sums.
  std::size_t powers() const { return static_cast<std::size_t>(degree == 13 ? 3 : degree / 2); }
};
constexpr std::array<Approximant, 5> approximants{{{3, 1.495585217958292e-2, 1.081338577784837e-2},
                                                   {5, 2.539398330063230e-1, 1.998063206978949e-1},
                                                   {7, 9.504178996162932e-1, 7.834608472962045e-1},
                                                   {9, 2.097847961257068e0, 1.782448623969279e0},
                                                   {13, 5.371920351148152e0, 4.740307543766807e0}}};

// The limit of the last for what the norms of powers say, which keeps the denominator well conditioned.
constexpr double largest_by_powers = 4.25;

struct Space : Jets {
  Matrix input, a, even, odd, product, scratch;
  std::array<Matrix, 4> powers;  // A^2, A^4, A^6, A^8
  ZeroPattern zeros;
  bool reducible;  // zeros of the input say something; matrices are sorted then

  void resize(std::int64_t rows, bool with_derivative) {
    n = rows;
    derivative = with_derivative;
    for (auto* matrix : {&a, &even, &odd, &product, &scratch}) matrix->resize(size());
    for (auto& power : powers) power.resize(size());
  }
  void multiply(const Matrix& x, const Matrix& y, Matrix& z) { Jets::multiply(x, y, z, scratch); }
};

bool is_finite(const Matrix& x) {
  return std::all_of(x.begin(), x.end(), [](double entry) { return std::isfinite(entry); });
}

void add(Matrix& to, double factor, const Matrix& x) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += factor * x[i];
}

// A^2, A^4, ... as far as the approximant needs them.
void raise(Space& space, const Approximant& r) {
  space.multiply(space.a, space.a, space.powers[0]);
  for (std::size_t j = 1; j < r.powers(); ++j) space.multiply(space.powers[j - 1], space.powers[0], space.powers[j]);
}

// sum over j of c[2j + first] A^2j, j <= 3 or 4 powers. At degree 13 the terms from A^8 on are A^6 times another sum.
void even_sum(Space& space, const Approximant& r, std::size_t first, Matrix& result) {
  std::fill(result.begin(), result.end(), 0.0);
  if (r.degree == 13) {
    for (std::size_t j = 4; j <= 6; ++j) add(result, r.c[2 * j + first], space.powers[j - 4]);
    space.multiply(space.powers[2], result, space.product);
    std::swap(result, space.product);
  }
  for (std::size_t j = r.powers(); j > 0; --j) add(result, r.c[2 * j + first], space.powers[j - 1]);
  space.add_identity(result, r.c[first]);
}

// even and product become the denominator even - odd and the numerator even + odd; odd = A times a sum of even powers.
void expand(Space& space, const Approximant& r) {
  even_sum(space, r, 1, space.odd);
  space.multiply(space.a, space.odd, space.product);
  std::swap(space.odd, space.product);
  even_sum(space, r, 0, space.even);
  for (std::size_t i = 0; i < space.odd.size(); ++i) {
    space.product[i] = space.even[i] + space.odd[i];
    space.even[i] -= space.odd[i];
  }
}

// a becomes r(A).
void divide(Space& space) {
  if (!space.solve(space.even, space.product, space.a, space.scratch))
    engine::fail("expm: the denominator of a [{}, {}] matrix is singular", space.n, space.n);
}

// Halvings that bring `size` to the limit, at most `most`.
int halvings(double size, double limit, int most) {
  if (!std::isfinite(size)) return most;
  return size > limit ? std::min(most, 1 + std::ilogb(size / limit)) : 0;
}

int halvings_by_norm(Space& space, double norm, double limit) {
  constexpr int any = std::numeric_limits<int>::max();
  if (std::isfinite(norm)) return halvings(norm, limit, any);
  space.product = space.a;
  space.halve(space.product, 64, 0);  // a sum of finite entries
  return 64 + halvings(space.norm(space.product), limit, any);
}

// Halvings for the rounding errors of the approximant, which grow with |A|: the leading term of its backward error, of
// degree 27, is to stay below 2^-53 with |A| in the place of A too (section 5).
int halvings_for_rounding(Space& space) {
  const auto n = static_cast<std::size_t>(space.n);
  auto& row = space.even;
  auto& next = space.odd;
  std::fill_n(row.begin(), n, 1.0);
  double log_growth = 0.0;  // of ||A|^27| / |A|, base 2
  for (int power = 1; power <= 27; ++power) {
    std::fill_n(next.begin(), n, 0.0);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) next[j] += row[i] * std::abs(space.a[i * n + j]);
    const double largest = *std::max_element(next.begin(), next.begin() + space.n);
    if (largest == 0) return 0;
    if (!std::isfinite(largest)) return std::numeric_limits<int>::max();
    const int exponent = std::ilogb(largest);
    const double factor = std::ldexp(1.0, -exponent);
    for (std::size_t j = 0; j < n; ++j) row[j] = next[j] * factor;
    if (power == 1) log_growth = -std::log2(largest);
    log_growth += power < 27 ? exponent : std::log2(largest);
  }
  constexpr double log_coefficient = -116.4470;  // of 13!^2 / (26! 27!)
  return static_cast<int>(std::max(0.0, std::ceil((log_coefficient + 53 + log_growth) / 26)));
}

// Halvings by the powers, which are there, where that may save `few` of `most`, the number by the norm: the series
// of the backward error converges like one of numbers of size max(|A^p|^(1/p), |A^(p + 2)|^(1/(p + 2))), p = 4, 6
// or 8.
int halvings_by_powers(Space& space, int most) {
  constexpr int few = 3;
  if (most < few) return most;
  const auto count = [&](double x, double y) { return halvings(std::max(x, y), largest_by_powers, most); };
  const auto worthwhile = [&](int halvings) { return most - halvings >= few || space.reducible; };
  const double fourth = std::sqrt(std::sqrt(space.norm(space.powers[1])));
  if (!worthwhile(count(fourth, 0))) return most;
  const double sixth = std::sqrt(std::cbrt(space.norm(space.powers[2])));
  int least = count(fourth, sixth);
  if (!worthwhile(least)) return most;
  space.multiply(space.powers[1], space.powers[1], space.powers[3]);
  const double eighth = std::sqrt(std::sqrt(std::sqrt(space.norm(space.powers[3]))));
  space.multiply(space.powers[1], space.powers[2], space.product);
  const double tenth = std::pow(space.norm(space.product), 0.1);
  least = std::min({least, count(sixth, eighth), count(eighth, tenth)});
  return least < most ? std::min(most, std::max(least, halvings_for_rounding(space))) : most;
}

// The derivative of exp(2^-s A) is kept in units of 2^-unit, so that its direction is not lost at the largest s.
int unit_of(int s) { return std::max(0, s - 900); }

// a becomes exp(2^-s A), s <= most being returned.
int approximate_scaled(Space& space, int most) {
  const auto& r = approximants.back();
  const auto halve = [&](Matrix& x, int power, int s) { space.halve(x, power * s, unit_of(s)); };
  space.input = space.a;
  raise(space, r);
  const int fewest = halvings_by_powers(space, most);
  halve(space.a, 1, fewest);
  for (int j = 1; j <= 3; ++j) halve(space.powers[static_cast<std::size_t>(j - 1)], 2 * j, fewest);
  expand(space, r);
  const bool in_range = is_finite(space.even) && is_finite(space.product);
  if (!in_range) {
    space.a = space.input;
    halve(space.a, 1, most);
    raise(space, r);
    expand(space, r);
  }
  divide(space);
  return in_range ? fewest : most;
}

int approximate(Space& space, double norm) {
  const auto limit = [&](const Approximant& r) { return space.derivative ? r.derivative : r.value; };
  const auto* r =
      std::find_if(approximants.begin(), approximants.end(), [&](const auto& x) { return norm <= limit(x); });
  if (r == approximants.end())
    return approximate_scaled(space, halvings_by_norm(space, norm, limit(approximants.back())));
  raise(space, *r);
  expand(space, *r);
  divide(space);
  return 0;
}

// Squares a = exp(2^-times A).
template <class Multiply>
void square(Space& space, int times, const Multiply& multiply) {
  if (space.reducible) space.zeros.correct(space.a.data(), times);
  while (times-- > 0) {
    multiply(space.a, space.a, space.product);
    std::swap(space.a, space.product);
    if (space.reducible) space.zeros.correct(space.a.data(), times);
  }
}

// Squares where results are out of range. An entry in which none of those has a part is right once 0 times infinity is
// 0. The others are found relative to the largest, as a times 2^exponent, for an infinity with the right sign.
void square_out_of_range(Space& space, int times) {
  const Matrix start = space.a;
  square(space, times, [&](const Matrix& x, const Matrix& y, Matrix& z) { space.multiply_along_paths(x, y, z); });
  const Matrix plain = std::exchange(space.a, start);
  int exponent = 0;
  for (; times > 0; --times) {
    space.multiply(space.a, space.a, space.product);
    std::swap(space.a, space.product);
    const auto [low, high] = std::minmax_element(space.a.begin(), space.a.end());
    const double largest = std::max(-*low, *high);
    const int shift = largest > 1e100 ? std::ilogb(largest) : 0;
    space.halve(space.a, shift, 0);
    exponent = std::min(2 * exponent + shift, 1 << 24);
  }
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const bool known = std::isfinite(plain[i]) || (std::isinf(plain[i]) && space.a[i] == 0);
    space.a[i] = known ? plain[i] : std::ldexp(space.a[i], exponent);
  }
}

template <class T>
void load(Space& space, const T* a, const T* e, double unit, std::int64_t n) {
  space.resize(n, e != nullptr);
  std::copy_n(a, n * n, space.a.begin());
  if (e) std::transform(e, e + n * n, space.a.begin() + n * n, [&](T x) { return x * unit; });
  space.reducible = space.zeros.find(space.a.data(), n);
  if (!space.reducible) return;
  space.zeros.sort(space.a.data(), space.scratch);
  if (e) space.zeros.sort(space.a.data() + n * n, space.scratch);
  space.zeros.keep(space.a.data());
}

// a becomes exp(A); its derivative is in units of 2^-unit, which is returned.
int exponential(Space& space) {
  constexpr double safe = 600.0;  // e^safe, and a derivative of that size, are in range
  const double norm = space.norm(space.a);
  const int times = approximate(space, norm);
  if (norm > safe) space.input = space.a;
  square(space, times, [&](const Matrix& x, const Matrix& y, Matrix& z) { space.multiply(x, y, z); });
  if (norm > safe && !is_finite(space.a)) {
    std::swap(space.a, space.input);
    square_out_of_range(space, times);
  }
  if (!space.reducible) return unit_of(times);
  space.zeros.restore(space.a.data(), true, space.scratch);
  if (space.derivative) space.zeros.restore(space.a.data() + space.n * space.n, false, space.scratch);
  return unit_of(times);
}

thread_local Space shared_space;

}  // namespace

template <class T>
void expm(const T* a, std::int64_t n, T* out) {
  if (n == 0) return;
  check_input("expm", a, n, n);
  auto& space = shared_space;
  load<T>(space, a, nullptr, 1.0, n);
  exponential(space);
  std::transform(space.a.begin(), space.a.end(), out, [](double x) { return static_cast<T>(x); });
}

template <class T>
void expm_derivative(const T* a, const T* e, std::int64_t n, T* out) {
  if (n == 0) return;
  check_input("expm", a, n, n);
  check_input("expm", e, n, n);
  T largest = 0;
  for (std::int64_t i = 0; i < n * n; ++i) largest = std::max(largest, std::abs(e[i]));
  if (largest == 0) return void(std::fill_n(out, n * n, T{0}));
  const int exponent = std::max(-1000, std::ilogb(largest));
  auto& space = shared_space;
  load(space, a, e, std::ldexp(1.0, -exponent), n);
  const int unit = exponent - exponential(space);
  std::transform(space.a.begin() + n * n, space.a.end(), out,
                 [&](double x) { return static_cast<T>(std::ldexp(x, unit)); });
}

template void expm(const double*, std::int64_t, double*);
template void expm(const float*, std::int64_t, float*);
template void expm_derivative(const double*, const double*, std::int64_t, double*);
template void expm_derivative(const float*, const float*, std::int64_t, float*);

}  // namespace sigmagrad::linalg::detail
