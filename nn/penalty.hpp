// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>

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
  /// Summed over the model's `named_weights` of two or more axes; vectors are left alone.
  Tensor operator()(const Module& model) const;

  /// Error where the penalty has none, as sums and functions given without one.
  Tensor prox(const Tensor& w, Scalar tau) const;
  bool has_prox() const { return static_cast<bool>(prox_); }

  friend Penalty operator+(const Penalty& a, const Penalty& b);
  friend Penalty operator*(Scalar factor, const Penalty& penalty);
  friend Penalty operator*(const Penalty& penalty, Scalar factor) { return factor * penalty; }

 private:
  friend Penalty clipped(const Penalty& penalty, double max_norm);

  Value value_;
  Prox prox_;
};

/// The penalty with its gradient at each matrix scaled down to the Frobenius norm max_norm, where it is larger, before
/// it joins that of the data; value and prox stay. A factor outside scales the clipped gradient, one inside what is
/// clipped: `clipped(0.005 * p, 1.0)` is paper 001's. What else the penalty depends on receives no gradient.
Penalty clipped(const Penalty& penalty, double max_norm);

}  // namespace sigmagrad::nn
