// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::detail {

template <class T>
void take_option(T& option, const std::optional<T>& given) {
  if (given) option = *given;
}
inline void take_option(Tensor& option, const Tensor& given) {
  if (given.defined()) option = given;
}

}  // namespace sigmagrad::detail

namespace sigmagrad::optim {

/// Parameters that share a learning rate, for an optimiser of any kind. Those of the library have groups that override
/// every option: `AdamGroup`.
struct GroupOptions {
  std::vector<Tensor> params;
  std::optional<double> lr{};  // the optimiser's own unless given
  /// Many models at once: factors [M] of the rate, one a model, along the first axis of each parameter.
  Tensor lr_scale{};
};

/// The rate of a group, read whenever an expression with it runs, so that schedules reach captured steps too. A tensor
/// [M, ...] that it multiplies has a rate for each of M models where the group has an `lr_scale`. As a number it is
/// then the rate that all of them share, which `update` must not use: an Error there.
class LearningRate {
 public:
  LearningRate(const LearningRate&) = default;
  LearningRate& operator=(const LearningRate&) = delete;  // it would change nothing: group.set_lr(x)
  operator Scalar() const;
  operator double() const { return operator Scalar(); }

  friend Tensor operator*(const LearningRate& rate, const Tensor& x);
  friend Tensor operator*(const Tensor& x, const LearningRate& rate) { return rate * x; }
  template <class T>
  requires std::is_arithmetic_v<T>
  friend LearningRate operator*(LearningRate rate, T factor) {
    rate.lr_ = rate.lr_ * factor;
    return rate;
  }
  template <class T>
  requires std::is_arithmetic_v<T>
  friend LearningRate operator*(T factor, LearningRate rate) { return rate * factor; }
  template <class T>
  requires std::is_arithmetic_v<T>
  friend LearningRate operator/(LearningRate rate, T divisor) {
    rate.lr_ = rate.lr_ / divisor;
    return rate;
  }
  friend LearningRate operator-(LearningRate rate) { return rate * -1.0; }
  // What a Scalar makes of a sum.
  template <class T>
  requires std::is_arithmetic_v<T>
  friend auto operator+(const LearningRate& a, T b) { return a.operator Scalar() + b; }
  template <class T>
  requires std::is_arithmetic_v<T>
  friend auto operator+(T a, const LearningRate& b) { return a + b.operator Scalar(); }
  template <class T>
  requires std::is_arithmetic_v<T>
  friend auto operator-(const LearningRate& a, T b) { return a.operator Scalar() - b; }
  template <class T>
  requires std::is_arithmetic_v<T>
  friend auto operator-(T a, const LearningRate& b) { return a - b.operator Scalar(); }

 private:
  friend class Group;
  template <class F>
  friend void with_rates(const LearningRate& lr, const Tensor& parameter, F f);
  LearningRate(Scalar lr, const Tensor& scale, bool updating) : lr_(lr), scale_(&scale), updating_(updating) {}
  bool scaled() const { return scale_->defined(); }

  Scalar lr_;
  const Tensor* scale_;  // of the group, undefined where all models share the rate
  bool updating_;
};

/// A parameter group as the optimiser holds it.
class Group {
 public:
  /// Throws Error for a negative lr or NaN, as set_lr does, and for an lr_scale that has such an entry or not one for
  /// each model of every parameter.
  Group(GroupOptions options, std::size_t number);
  Group(Group&&) = default;
  Group& operator=(Group&&) = delete;
  const std::vector<Tensor>& params() const { return params_; }
  /// Its place among the optimiser's groups.
  std::size_t number() const { return number_; }
  LearningRate lr() const { return {Scalar::reference(*lr_), lr_scale_, updating_}; }
  void set_lr(double lr);
  /// A copy of the factors [M] of the models' rates, f64; undefined where all share one.
  const Tensor& lr_scale() const { return lr_scale_; }

 private:
  friend class Optimizer;
  std::vector<Tensor> params_;
  std::unique_ptr<double> lr_;  // its address must not change
  Tensor lr_scale_;
  std::size_t number_;
  bool updating_ = false;
};

/// Replaces the options that a group gives: take_given(std::tie(o.lr, o.momentum), std::tie(lr, momentum)).
template <class... Options, class... Given>
void take_given(std::tuple<Options&...> options, std::tuple<Given&...> given) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (sigmagrad::detail::take_option(std::get<I>(options), std::get<I>(given)), ...);
  }
  (std::index_sequence_for<Options...>{});
}

}  // namespace sigmagrad::optim
