// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <type_traits>

#include <sigmagrad/autograd/capture/capturing.hpp>

namespace sigmagrad {

/// What a Scalar meets in an expression.
template <class T>
concept Number = std::is_arithmetic_v<T>;

/// A number in an expression. Usually a value; `Scalar::reference` reads its variable whenever the expression runs, so
/// that a captured training step follows a learning-rate schedule. The variable must outlive the step.
class Scalar {
 public:
  Scalar(double value) : value_(value) {}
  template <class T>
  requires std::same_as < std::remove_const_t<T>,
  double > static Scalar reference(T& variable) {
    Scalar scalar(1.0);
    scalar.variable_ = &variable;
    return scalar;
  }
  template <class T>
  static Scalar reference(const T&& value) = delete;  // a temporary: its address would dangle
  /// The number now. Throws Error inside a captured step if this is a reference: a replay would not see later changes.
  operator double() const {
    if (variable_ && engine::capturing) engine::refuse_in_capture("Scalar", "multiply tensors by it instead");
    return now();
  }
  /// The number now, for kernels, which run at every replay.
  double now() const { return variable_ ? value_ * *variable_ + added_ : value_; }

  /// A linear function of a reference is a reference: `0.5 * group.lr()`, `1.0 - group.lr() * weight_decay`.
  template <Number T>
  friend Scalar operator*(Scalar a, T b) {
    a.value_ *= static_cast<double>(b);
    a.added_ *= static_cast<double>(b);
    return a;
  }
  template <Number T>
  friend Scalar operator*(T a, Scalar b) {
    return b * a;
  }
  template <Number T>
  friend Scalar operator/(Scalar a, T b) {
    a.value_ /= static_cast<double>(b);
    a.added_ /= static_cast<double>(b);
    return a;
  }
  template <Number T>
  friend Scalar operator+(Scalar a, T b) {
    (a.variable_ ? a.added_ : a.value_) += static_cast<double>(b);
    return a;
  }
  template <Number T>
  friend Scalar operator+(T a, Scalar b) {
    return b + a;
  }
  template <Number T>
  friend Scalar operator-(Scalar a, T b) {
    return a + -static_cast<double>(b);
  }
  template <Number T>
  friend Scalar operator-(T a, Scalar b) {
    return -b + a;
  }
  friend Scalar operator-(Scalar a) { return a * -1.0; }

 private:
  double value_;  // of a reference, the factor
  double added_ = 0.0;
  const double* variable_ = nullptr;
};

}  // namespace sigmagrad
