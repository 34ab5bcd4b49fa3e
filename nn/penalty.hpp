// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sigmagrad/nn/module.hpp>

namespace sigmagrad::nn {

/// A function of a weight that joins the loss: `1e-3 * nuclear_penalty() + 1e-2 * Penalty(flatness)`.
class Penalty {
 public:
  using Value = std::function<Tensor(const Tensor& w)>;
  /// The proximal map of the value: the x that minimises tau value(x) + ||x - w||_F^2 / 2. `tau` has one entry.
  using Prox = std::function<Tensor(const Tensor& w, const Tensor& tau)>;

  /// What `value` returns is summed: it may be one number for each matrix of a batch.
  explicit Penalty(Value value, Prox prox = {});

  /// The penalty of one weight, or of a batch of them: a scalar.
  Tensor operator()(const Tensor& w) const;
  /// Summed over the model's `named_matrices`; vectors are left alone. Error where a pattern given to `on` fits none
  /// of these.
  Tensor operator()(const Module& model) const;

  /// The penalty of those weights of a model alone whose names fit: `*` stands for any characters, dots too, and `?`
  /// for one. `0.1 * nuclear_penalty().on("hidden.*") + 0.2 * frobenius_penalty().on("*.weight")`. A weight that is
  /// given without a model has no name, and counts.
  Penalty on(const std::string& pattern) const;

  /// Error where the penalty has none, as sums and functions given without one.
  Tensor prox(const Tensor& w, Scalar tau) const;
  bool has_prox() const { return static_cast<bool>(prox_); }

  friend Penalty operator+(const Penalty& a, const Penalty& b);
  friend Penalty operator-(const Penalty& a, const Penalty& b) { return a + -b; }
  friend Penalty operator-(const Penalty& penalty) { return -1.0 * penalty; }
  friend Penalty operator*(Scalar factor, const Penalty& penalty);
  friend Penalty operator*(const Penalty& penalty, Scalar factor) { return factor * penalty; }
  friend Penalty operator/(const Penalty& penalty, Scalar divisor);

 private:
  friend Penalty clipped(const Penalty& penalty, double max_norm);

  struct Weight {
    const Tensor& value;
    const std::string* name = nullptr;  // in its model
  };
  /// Undefined where no term is for this weight.
  using Terms = std::function<Tensor(const Weight& w)>;

  Penalty(Terms terms, Prox prox, std::vector<std::string> patterns)
      : terms_(std::move(terms)), prox_(std::move(prox)), patterns_(std::move(patterns)) {}
  template <class Scale>
  Penalty scaled(Scalar number, Scale scale) const;

  Terms terms_;
  Prox prox_;
  std::vector<std::string> patterns_;
};

/// The penalty with its gradient at each matrix scaled down to the Frobenius norm max_norm, where it is larger, before
/// it joins that of the data; value and prox stay. A factor outside scales the clipped gradient, one inside what is
/// clipped: `clipped(0.005 * p, 1.0)` is paper 001's. What else the penalty depends on receives no gradient.
Penalty clipped(const Penalty& penalty, double max_norm);

}  // namespace sigmagrad::nn
