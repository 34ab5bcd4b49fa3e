// SPDX-License-Identifier: BSD-3-Clause
// The library's own log, sin and cos: free of branches and tables, hence vectorised, and of calls into libm, whose
// last bits differ from version to version and from processor to processor.
#include <sigmagrad/autograd/random/detail/box_muller.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <numbers>

#include <sigmagrad/autograd/kernels/multiversion.hpp>

namespace sigmagrad::engine {
namespace {

constexpr std::uint64_t mantissa = (std::uint64_t{1} << 52) - 1;

// c[0] + c[1] x + c[2] x^2 + ... as even(x^2) + x odd(x^2), two chains of half the length side by side.
template <std::size_t N>
double polynomial(const std::array<double, N>& c, double x) {
  const double y = x * x;
  double last = c[N - 1], other = c[N - 2];
  for (std::size_t k = N - 2; k >= 2; k -= 2) {
    last = last * y + c[k - 1];
    other = other * y + c[k - 2];
  }
  return other + x * last;
}

template <std::size_t N>
constexpr std::array<double, N> atanh_coefficients() {
  std::array<double, N> c{};
  for (std::size_t k = 0; k < N; ++k) c[k] = 1.0 / static_cast<double>(2 * k + 1);
  return c;
}

// (-1)^k / (2k + first)!: cosine for first = 0, sine for first = 1.
template <std::size_t N>
constexpr std::array<double, N> circle_coefficients(std::size_t first) {
  std::array<double, N> c{};
  double term = 1.0;
  for (std::size_t k = 0; k < N; ++k) {
    c[k] = 1.0 / term;
    const auto next = static_cast<double>(2 * k + first + 1);
    term *= -next * (next + 1.0);
  }
  return c;
}

// Terms enough for the first neglected one to be below 1e-17 at the ends of the intervals below.
constexpr auto atanh_series = atanh_coefficients<10>();
constexpr auto sine_series = circle_coefficients<8>(1);
constexpr auto cosine_series = circle_coefficients<10>(0);

// log(u) for a normal u > 0: u = 2^e m with m in [sqrt(1/2), sqrt(2)), log m = 2 atanh((m - 1) / (m + 1)).
double natural_log(double u) {
  constexpr auto one = std::bit_cast<std::uint64_t>(1.0);
  constexpr auto root_half = std::bit_cast<std::uint64_t>(std::numbers::sqrt2 / 2);
  const std::uint64_t shifted = std::bit_cast<std::uint64_t>(u) + (one - root_half);
  const double m = std::bit_cast<double>((shifted & mantissa) + root_half);
  // An integer below 2^52 put into the mantissa of 2^52 is 2^52 + the integer: conversion without an instruction for it
  const double biased = std::bit_cast<double>((shifted >> 52) | std::bit_cast<std::uint64_t>(0x1p52));
  const double e = biased - (0x1p52 + 1023.0);
  const double s = (m - 1.0) / (m + 1.0);
  return e * std::numbers::ln2 + 2.0 * s * polynomial(atanh_series, s * s);
}

// 52 low bits of the word -> [1, 2).
double one_to_two(std::uint64_t word) {
  return std::bit_cast<double>((word & mantissa) | std::bit_cast<std::uint64_t>(1.0));
}

}  // namespace

// Radius sqrt(-2 log u), angle uniform on the circle. The angle is made on the arc |x| <= pi/4 around (1, 0), where the
// series are short; two further bits of its word choose among that arc and its images under (c, s) -> (-c, -s), (s, c).
// The square root has a pass of its own: it may set errno, which would keep the rest out of vector registers.
SIGMAGRAD_MULTIVERSION void box_muller(const std::uint64_t* words, double* out, std::size_t pairs) {
  for (std::size_t i = 0; i < pairs; ++i)
    out[2 * i] = -2.0 * natural_log(2.0 - one_to_two(words[2 * i]));  // u in (0, 1]
  for (std::size_t i = 0; i < pairs; ++i) out[2 * i] = std::sqrt(out[2 * i]);
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::uint64_t word = words[2 * i + 1];
    const double x = (one_to_two(word) - 1.5) * (std::numbers::pi / 2);
    const auto c = std::bit_cast<std::uint64_t>(polynomial(cosine_series, x * x));
    const auto s = std::bit_cast<std::uint64_t>(x * polynomial(sine_series, x * x));
    const std::uint64_t swap = (c ^ s) & (std::uint64_t{0} - (word >> 62 & 1));
    const std::uint64_t sign = word & std::bit_cast<std::uint64_t>(-0.0);
    const double radius = out[2 * i];
    out[2 * i] = radius * std::bit_cast<double>(c ^ swap ^ sign);
    out[2 * i + 1] = radius * std::bit_cast<double>(s ^ swap ^ sign);
  }
}

}  // namespace sigmagrad::engine
