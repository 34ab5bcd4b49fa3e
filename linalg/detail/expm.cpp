// SPDX-License-Identifier: BSD-3-Clause
// Scaling and squaring with Pade approximants: degrees by Higham 2005, "The scaling and squaring method for the matrix
// exponential revisited", table 2.3; squarings by Al-Mohy and Higham 2009, "A new scaling and squaring algorithm for
// the matrix exponential"; derivatives by Al-Mohy and Higham 2009, "Computing the Frechet derivative of the matrix
// exponential, with an application to condition number estimation": those of every step.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <sigmagrad/linalg/detail/expm.hpp>
#include <sigmagrad/linalg/detail/paths.hpp>
#include <sigmagrad/linalg/detail/workspace.hpp>

namespace sigmagrad::linalg::detail {
namespace {

/// The largest 1-norms for which the approximant of a degree is accurate to double precision, and its derivative.
struct Limit {
  int degree;
  double value, derivative;
};
constexpr std::array<Limit, 5> limits{{{3, 1.495585217958292e-2, 1.081338577784837e-2},
                                       {5, 2.539398330063230e-1, 1.998063206978949e-1},
                                       {7, 9.504178996162932e-1, 7.834608472962045e-1},
                                       {9, 2.097847961257068e0, 1.782448623969279e0},
                                       {13, 5.371920351148152e0, 4.740307543766807e0}}};

/// The same for what the norms of powers say, at degree 13, where the denominator stays well conditioned.
constexpr double largest_by_powers = 4.25;

struct Space : Jets {
  Matrix input, a, even, odd, product, scratch;
  std::array<Matrix, 4> powers;  // A^2, A^4, A^6, A^8
  Paths paths;
  bool reducible;  // zeros of the input are worth knowing; the matrices are sorted then

  void resize(std::int64_t rows, bool with_derivative) {
    n = rows;
    derivative = with_derivative;
    for (auto* matrix : {&input, &a, &even, &odd, &product, &scratch}) matrix->resize(size());
    for (auto& power : powers) power.resize(size());
  }
  void multiply(const Matrix& x, const Matrix& y, Matrix& z) { Jets::multiply(x, y, z, scratch); }
  bool is_finite(const Matrix& x) const {
    return std::all_of(x.begin(), x.end(), [](double entry) { return std::isfinite(entry); });
  }
};

void add(Matrix& to, double factor, const Matrix& x) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += factor * x[i];
}

/// Coefficients of the numerator: c_j = (2q - j)! q! / ((2q)! (q - j)! j!).
std::array<double, 14> coefficients(int degree) {
  std::array<double, 14> c{1.0};
  for (int j = 0; j < degree; ++j)
    c[static_cast<std::size_t>(j + 1)] = c[static_cast<std::size_t>(j)] * (degree - j) / ((2.0 * degree - j) * (j + 1));
  return c;
}

/// A^2, A^4, ... as far as the degree needs them.
void raise(Space& space, int degree) {
  space.multiply(space.a, space.a, space.powers[0]);
  const auto count = static_cast<std::size_t>(degree == 13 ? 3 : degree / 2);
  for (std::size_t j = 1; j < count; ++j) space.multiply(space.powers[j - 1], space.powers[0], space.powers[j]);
}

/// sum over j of c[2j + first] A^2j, j <= 3 or 4 powers. At degree 13 the terms from A^8 on are A^6 times another sum.
void even_sum(Space& space, int degree, std::size_t first, Matrix& result) {
  const auto c = coefficients(degree);
  const auto most = static_cast<std::size_t>(degree / 2);
  std::fill(result.begin(), result.end(), 0.0);
  if (degree == 13) {
    for (std::size_t j = 4; j <= 6; ++j) add(result, c[2 * j + first], space.powers[j - 4]);
    space.multiply(space.powers[2], result, space.product);
    std::swap(result, space.product);
  }
  for (std::size_t j = std::min<std::size_t>(most, degree == 13 ? 3 : 4); j > 0; --j)
    add(result, c[2 * j + first], space.powers[j - 1]);
  space.add_identity(result, c[first]);
}

/// a becomes r(A) = (even - odd)^-1 (even + odd), where odd = A times a sum of even powers. False, where these
/// overflow.
bool pade(Space& space, int degree) {
  even_sum(space, degree, 1, space.odd);
  space.multiply(space.a, space.odd, space.product);
  std::swap(space.odd, space.product);
  even_sum(space, degree, 0, space.even);
  for (std::size_t i = 0; i < space.odd.size(); ++i) {
    space.product[i] = space.even[i] + space.odd[i];
    space.even[i] -= space.odd[i];
  }
  if (!space.is_finite(space.even) || !space.is_finite(space.product)) return false;
  if (!space.solve(space.even, space.product, space.a, space.scratch))
    sigmagrad::detail::fail("expm: the denominator of a [{}, {}] matrix is singular", space.n, space.n);
  return true;
}

/// Halvings that bring `size` to the limit, at most `most`.
int halvings(double size, double limit, int most) {
  if (!std::isfinite(size)) return most;
  return size > limit ? std::min(most, 1 + std::ilogb(size / limit)) : 0;
}

/// As many as the rounding errors of the approximant need, which grow with |A|: the leading term of its backward error,
/// of degree 27, is to stay below 2^-53 with |A| in the place of A too (2009, section 5).
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
  constexpr double log_coefficient = -116.4470;  // 13!^2 / (26! 27!)
  return static_cast<int>(std::max(0.0, std::ceil((log_coefficient + 53 + log_growth) / 26)));
}

/// Halvings of `a`, whose powers are there, of at most `most` by its norm: with a = A 2^-s the series of the backward
/// error converges like one of numbers of size max(|a^p|^(1/p), |a^(p + 2)|^(1/(p + 2))), for p = 4, 6 or 8. A product
/// more is computed if that may save one.
int halvings_by_powers(Space& space, int most) {
  const auto root = [&](const Matrix& power, int p) { return std::pow(space.norm(power), 1.0 / p); };
  const auto count = [&](double x, double y) { return halvings(std::max(x, y), largest_by_powers, most); };
  const double fourth = root(space.powers[1], 4), sixth = root(space.powers[2], 6);
  int least = count(fourth, sixth);
  if (least == most && !space.reducible) return most;
  space.multiply(space.powers[1], space.powers[1], space.powers[3]);
  const double eighth = root(space.powers[3], 8);
  least = std::min(least, count(sixth, eighth));
  if (space.reducible || most - least > 1) {
    space.multiply(space.powers[1], space.powers[2], space.product);
    least = std::min(least, count(eighth, root(space.product, 10)));
  }
  return least < most ? std::min(most, std::max(least, halvings_for_rounding(space))) : most;
}

/// Halvings that bring the norm of the input to the limit.
int halvings_by_norm(Space& space, double norm, double limit) {
  constexpr int any = std::numeric_limits<int>::max();
  if (std::isfinite(norm)) return halvings(norm, limit, any);
  space.halve(space.a, 64, 0);  // a sum of finite entries
  const int rest = halvings(space.norm(space.a), limit, any);
  space.a = space.input;
  return 64 + rest;
}

/// a becomes exp(2^-s A), s being returned; its derivative is in units of 2^-s.
int approximate(Space& space) {
  const double norm = space.norm(space.input);
  const auto largest = [&](const Limit& limit) { return space.derivative ? limit.derivative : limit.value; };
  const auto* limit = std::find_if(limits.begin(), limits.end(), [&](const Limit& l) { return norm <= largest(l); });
  space.a = space.input;
  if (limit != limits.end()) {
    raise(space, limit->degree);
    pade(space, limit->degree);
    return 0;
  }
  const int most = halvings_by_norm(space, norm, largest(limits.back()));
  raise(space, 13);
  const int fewest = halvings_by_powers(space, most);
  space.halve(space.a, fewest, fewest);
  for (int j = 1; j <= 3; ++j) space.halve(space.powers[static_cast<std::size_t>(j - 1)], 2 * j * fewest, fewest);
  if (pade(space, 13)) return fewest;
  space.a = space.input;  // the powers are out of range
  space.halve(space.a, most, most);
  raise(space, 13);
  pade(space, 13);
  return most;
}

/// Squares a = exp(2^-times A) with `multiply`.
template <class Multiply>
void square(Space& space, int times, const Multiply& multiply) {
  if (space.reducible) space.paths.correct(space.a.data(), times);
  while (times-- > 0) {
    multiply(space.a, space.a, space.product);
    std::swap(space.a, space.product);
    if (space.reducible) space.paths.correct(space.a.data(), times);
  }
}

/// The same where a result is out of range: entries that no such one has a part in are right, once 0 times infinity is
/// 0. The others are found, relative to the largest, as a times 2^exponent, for an infinity with the right sign.
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
  std::copy_n(a, n * n, space.input.begin());
  if (e) std::transform(e, e + n * n, space.input.begin() + n * n, [&](T x) { return x * unit; });
  space.reducible = space.paths.find(space.input.data(), n);
  if (!space.reducible) return;
  space.paths.sort(space.input.data(), space.scratch);
  if (e) space.paths.sort(space.input.data() + n * n, space.scratch);
  space.paths.keep(space.input.data());
}

/// space.a becomes the exponential of the input; its derivative is in units of 2^-s, s being returned.
int exponential(Space& space) {
  const int times = approximate(space);
  space.odd = space.a;
  square(space, times, [&](const Matrix& x, const Matrix& y, Matrix& z) { space.multiply(x, y, z); });
  if (!space.is_finite(space.a)) {
    std::swap(space.a, space.odd);
    square_out_of_range(space, times);
  }
  if (!space.reducible) return times;
  space.paths.restore(space.a.data(), true, space.scratch);
  if (space.derivative) space.paths.restore(space.a.data() + space.n * space.n, false, space.scratch);
  return times;
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
