// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

// How NumPy writes floating-point numbers: one of its own, or all of an array in one notation.
namespace sigmagrad::engine {

/// A number as "-12", "5" and "e+03"; the last is empty in positional notation.
struct Digits {
  explicit Digits(std::string_view text) {
    const auto e = std::min(text.find('e'), text.size()), point = std::min(text.find('.'), e);
    whole = text.substr(0, point);
    if (point < e) fraction = text.substr(point + 1, e - point - 1);
    exponent = text.substr(e);
  }
  std::string whole, fraction, exponent;
};

/// v with the shortest digits that read back as v, or with as many after the point as given.
template <class T, class... Precision>
Digits exact_digits(T v, std::chars_format format, Precision... digits) {
  std::array<char, 512> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), v, format, digits...).ptr;
  return Digits({buffer.data(), end});
}

inline constexpr int precision = 8;  // digits after the point, in an array

/// v with its shortest digits, rounded to `precision` after the point where those are more.
template <class T>
Digits digits_of(T v, std::chars_format format) {
  Digits digits = exact_digits(v, format);
  if (std::ssize(digits.fraction) <= precision) return digits;
  digits = exact_digits(v, format, precision);
  digits.fraction.erase(digits.fraction.find_last_not_of('0') + 1);
  return digits;
}

template <class T>
std::string not_finite(T v) {
  return std::isnan(v) ? "nan" : v < 0 ? "-inf" : "inf";
}

/// One notation for all entries of a tensor, with aligned points.
template <class T>
class Notation {
 public:
  explicit Notation(const std::vector<T>& shown) {
    T smallest = std::numeric_limits<T>::max(), largest = 0;
    for (const T v : shown) {
      if (!std::isfinite(v) || v == 0) continue;
      largest = std::max(largest, std::abs(v));
      smallest = std::min(smallest, std::abs(v));
    }
    const T many = sizeof(T) == sizeof(double) ? T(1e8) : T(1e6);
    if (largest != 0 && (largest >= many || smallest < T(1e-4) || largest / smallest > T(1000)))
      format_ = std::chars_format::scientific;
    for (const T v : shown) {
      if (!std::isfinite(v)) continue;
      const Digits digits = digits_of(v, format_);
      whole_ = std::max(whole_, digits.whole.size());
      fraction_ = std::max(fraction_, digits.fraction.size());
      exponent_ = std::max(exponent_, digits.exponent.size());
    }
    const std::size_t rest = 1 + fraction_ + exponent_;
    for (const T v : shown)
      if (!std::isfinite(v)) whole_ = std::max(whole_ + rest, not_finite(v).size()) - rest;
  }

  std::string operator()(T v) const {
    if (!std::isfinite(v)) return fmt::format("{:>{}}", not_finite(v), whole_ + 1 + fraction_ + exponent_);
    const bool scientific = format_ == std::chars_format::scientific;
    Digits digits = scientific ? exact_digits(v, format_, static_cast<int>(fraction_)) : digits_of(v, format_);
    digits.fraction.resize(fraction_, ' ');
    if (scientific) digits.exponent.insert(2, exponent_ - digits.exponent.size(), '0');
    return fmt::format("{:>{}}.{}{}", digits.whole, whole_, digits.fraction, digits.exponent);
  }

 private:
  std::chars_format format_ = std::chars_format::fixed;
  std::size_t whole_ = 0, fraction_ = 0, exponent_ = 0;
};

/// A single number keeps all its digits, and one after the point at least.
template <class T>
std::string format_scalar(T v) {
  if (!std::isfinite(v)) return not_finite(v);
  const T many = sizeof(T) == sizeof(double) ? T(1e16) : T(1e6);
  const bool scientific = v != 0 && (std::abs(v) < T(1e-4) || std::abs(v) >= many);
  const Digits digits = exact_digits(v, scientific ? std::chars_format::scientific : std::chars_format::fixed);
  if (digits.fraction.empty()) return digits.whole + (scientific ? digits.exponent : ".0");
  return fmt::format("{}.{}{}", digits.whole, digits.fraction, digits.exponent);
}

}  // namespace sigmagrad::engine
