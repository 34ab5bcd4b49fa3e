// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>
#include <sigmagrad/theory/balanced_init.hpp>

// The exact gradient flow of a linear network x -> W2 W1 x on white inputs from balanced weights (paper 004, sections
// 2.2 and 3.3, with what is wrong in print put right):
//   tau W1' = W2' (Sigma - W2 W1),  tau W2' = (Sigma - W2 W1) W1',  W2' W2 - W1 W1' = lambda I.
//
//   const auto [W1, W2] = theory::lambda_balanced(2.0, {.n_i = 3, .n_h = 4, .n_o = 5});
//   const theory::BalancedDynamics flow(W1, W2, target, {.tau = 1.0 / lr});
//   flow.product({0.0, 10.0, 100.0});   // [3, 5, 3]: W2 W1 at the three times
namespace sigmagrad::theory {

/// Step: from one time to the next in exact steps short enough to lose no digits, and where that takes more than 64, in
/// one jump. OneShot: a jump from 0 to each time, whose numbers then do not depend on the other times; a jump takes 2
/// to 6 times as long as a step. Both are exact but for rounding.
enum class BalancedMethod { Step, OneShot };

struct BalancedDynamicsOptions {
  double tau = 1.0;  // 1 / learning rate; times are in its unit of time
  BalancedMethod method = BalancedMethod::Step;
};

/// Any sizes, lambda, and rank of target and weights. Weights and target may have batch axes, which broadcast: a seed
/// or a task each. The steps are taken by all of them together, jumps one after the other; a trial's bits do not depend
/// on the others. Times, one or more, are ascending, finite and >= 0, otherwise Error. No gradients flow. N = n_i +
/// n_o.
///
/// From weights where a direction of the target is missing (`condition`) the flow ends in a saddle. Exact solutions
/// stay there; in any arithmetic with rounding, gradient descent's included, they leave it after some 36 tau / rate.
class BalancedDynamics {
 public:
  using Options = BalancedDynamicsOptions;

  /// W1 [..., n_h, n_i], W2 [..., n_o, n_h], Sigma [..., n_o, n_i], f64. Error where shapes do not fit, entries are not
  /// finite, or W2' W2 - W1 W1' is further from a multiple of I than 1e-8 (||W1||_F^2 + ||W2||_F^2).
  BalancedDynamics(const Tensor& W1, const Tensor& W2, const Tensor& Sigma, Options options = {});

  /// tr(W2' W2 - W1 W1') / n_h: [...].
  const Tensor& lambda() const { return lambda_; }

  /// Q Q' with Q = [W1'; W2]: [..., T, N, N]. Its blocks are W1' W1, (W2 W1)', W2 W1 and W2 W2'.
  Tensor qqt(const std::vector<double>& times) const;
  /// W2 W1: [..., T, n_o, n_i].
  Tensor product(const std::vector<double>& times) const;
  /// W1' W1 [..., T, n_i, n_i] and W2 W2' [..., T, n_o, n_o].
  Tensor input_gram(const std::vector<double>& times) const;
  Tensor output_gram(const std::vector<double>& times) const;
  /// 1/2 ||W2 W1 - Sigma||_F^2 + constant: [..., T].
  Tensor loss(const std::vector<double>& times, double constant = 0.0) const;
  /// The tangent kernel for inputs X [P, n_i], indexed as by `sigmagrad::ntk`: [..., T, n_o P, n_o P].
  Tensor ntk(const std::vector<double>& times, const Tensor& X) const;
  /// Weights with that Q Q'. The flow's own differ from them by a rotation of the hidden layer, W1 -> R W1, W2 -> W2
  /// R', for which no closed form is known: W1 [..., T, n_h, n_i], W2 [..., T, n_o, n_h].
  TwoLayerWeights weights(const std::vector<double>& times) const;

  /// cond(B), B the matrix of theorem 3.3.1: what the weights hold of the directions that grow towards the target's
  /// modes of nonzero strength (of the n_h largest, where there are more): [...]. Infinite where a direction is
  /// missing; 1 where the target is 0.
  Tensor condition() const;
  /// 1 where condition() > 1e10, when the flow ends in a saddle as far as double precision can tell: [...].
  Tensor ends_in_saddle() const;

  /// Q Q' by theorem 3.3.1 with its misprints corrected, for n_h = min(n_i, n_o) and invertible B; otherwise Error.
  /// Loses digits with cond(B): for comparison.
  Tensor theorem_qqt(const std::vector<double>& times) const;

 private:
  /// f of Q [B, N, n_h] at each time, stacked: [..., T, ...].
  Tensor at_each(const char* operation, const std::vector<double>& times,
                 const std::function<Tensor(const Tensor&)>& f) const;
  void advance(Tensor& Y, double duration) const;
  /// W1' and W2 of Q.
  Tensor upper(const Tensor& Q) const { return Q.narrow(-2, 0, n_i_); }
  Tensor lower(const Tensor& Q) const { return Q.narrow(-2, n_i_, n_o_); }

  Options options_;
  std::int64_t n_i_, n_o_, n_h_;
  Shape batch_;
  // With the batch as one axis B:
  Tensor sigma_;     // [B, n_o, n_i]
  Tensor lambda_;    // [...]
  Tensor singular_;  // of the target: [B, m], m = min(n_i, n_o)
  Tensor O_, mu_;    // F = O diag(mu) O' drives the flow: [B, N, N], [B, N]; the first m columns grow, the next m decay
  Tensor Y_;         // O' Q(0): [B, N, n_h]
};

}  // namespace sigmagrad::theory
