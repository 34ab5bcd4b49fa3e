// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/losses.hpp>

#include <cmath>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/pointwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/nn/detail/reduction.hpp>

namespace sigmagrad {

detail::Share detail::share_of(const char* name, Reduction reduction, std::int64_t count) {
  switch (reduction) {
    case Reduction::Mean:
      return {.count = static_cast<double>(count)};
    case Reduction::Sum:
      return {};
    case Reduction::HalfSum:
      return {.times = 0.5};
    case Reduction::None:
      return {.each = true};
    case Reduction::MeanObserved:
      engine::fail("{}: MeanObserved needs a mask (see masked_mse_loss)", name);
  }
  engine::fail("{}: unknown reduction {}", name, static_cast<int>(reduction));
}

Tensor detail::reduced(const char* name, const Tensor& terms, Reduction reduction) {
  const Share share = share_of(name, reduction, terms.numel());
  if (share.each) return terms;
  const Tensor total = sum(terms);
  return share.count == 1.0 ? share.times * total : total / share.count;
}

void detail::check_alike(const char* name, const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) engine::fail("{}: shapes differ: {} and {}", name, a.shape().str(), b.shape().str());
  engine::check_same_dtype(name, a, b);
}

namespace {

// The cross-entropy of sigmoid(x) and y is |x| w + log(1 + e) with e = exp(-|x|), where w is the share of the class
// that x speaks against: 1 - y where x > 0, else y. Nothing cancels, for neither term is negative where 0 <= y <= 1.

// w, without a branch: `side` is the sign of x.
template <class T>
T share_against(T side, T y) {
  return side * ((T(0.5) + T(0.5) * side) - y);
}

// sigmoid(x) - y, from e where both are close to 1.
Tensor bce_slope(const Tensor& x, const Tensor& y) {
  return engine::binary(
      "bce_slope", x, y, engine::saves_input,
      [](auto v, auto t) {
        const auto e = std::exp(-std::abs(v)), side = std::copysign(decltype(v)(1), v);
        return side * (share_against(side, t) - e / (1 + e));
      },
      [](const engine::Saved& s, const Tensor& grad) {
        return grad * engine::sigmoid_slope(s.input(), sigmoid(s.input()));
      },
      [](const engine::Saved&, const Tensor& grad) { return -grad; });
}

Tensor binary_cross_entropies(const Tensor& x, const Tensor& y) {
  return engine::binary(
      "bce_with_logits", x, y, engine::saves_inputs,
      [](auto v, auto t) {
        const auto size = std::abs(v), side = std::copysign(decltype(v)(1), v);
        return engine::masked_product(size, share_against(side, t)) + std::log1p(std::exp(-size));
      },
      [](const engine::Saved& s, const Tensor& grad) { return grad * bce_slope(s.input(0), s.input(1)); },
      [](const engine::Saved& s, const Tensor& grad) { return -grad * s.input(0); });
}

// y (log y - x), and 0 where y is 0. The slope in y is log y + 1 - x.
Tensor divergences(const Tensor& x, const Tensor& y) {
  return engine::binary(
      "kl_div", x, y, engine::saves_inputs,
      [](auto q, auto p) { return p == 0 ? decltype(q)(0) : p * (std::log(p) - q); },
      [](const engine::Saved& s, const Tensor& grad) { return engine::masked(-grad, s.input(1)); },
      [](const engine::Saved& s, const Tensor& grad) { return grad * ((log(s.input(1)) - s.input(0)) + 1.0); });
}

}  // namespace

Tensor bce_with_logits(const Tensor& logits, const Tensor& targets, Reduction reduction) {
  detail::check_alike("bce_with_logits", logits, targets);
  return detail::reduced("bce_with_logits", binary_cross_entropies(logits, targets), reduction);
}

Tensor kl_div(const Tensor& log_probabilities, const Tensor& target, Reduction reduction) {
  detail::check_alike("kl_div", log_probabilities, target);
  return detail::reduced("kl_div", divergences(log_probabilities, target), reduction);
}

}  // namespace sigmagrad
