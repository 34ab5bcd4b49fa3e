// SPDX-License-Identifier: BSD-3-Clause
// For which widths and which lambda do balanced weights exist?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {
namespace {

constexpr std::int64_t n_i = 3, n_o = 5;

const Int n_h{.name = "n_h",
              .help = "hidden units, between 3 inputs and 5 outputs",
              .quick = {2, 3, 5, 6},
              .paper = {1, 2, 3, 4, 5, 6, 7},
              .minimum = 1,
              .maximum = 12};
const Real lambda{
    .name = "lambda", .help = "W2'W2 - W1W1' = lambda I is wanted", .label = "\u03bb", .quick = {-2.0, 2.0}};

const Quantity least{.name = "least", .label = "smallest ||W2'W2 - W1W1' - \u03bbI|| / |\u03bb| that is found"};
const Quantity constructed{.name = "constructed", .label = "that of constructed weights"};

Tensor excess(const Tensor& W1, const Tensor& W2, double wanted) {
  return matmul(W2.t(), W2) - matmul(W1, W1.t()) - wanted * eye(W1.size(0));
}

void trial(Trial& t) {
  const auto generator = t.generator();
  const auto W1 = randn({t[n_h], n_i}, *generator).requires_grad_();
  const auto W2 = randn({n_o, t[n_h]}, *generator).requires_grad_();
  optim::gradient_flow([&] { return 0.25 * square(excess(W1, W2, t[lambda])).sum(); }, {W1, W2},
                       {.loss_below = 1e-18, .grad_norm_below = 1e-9, .max_steps = 20'000});
  t.record(least, linalg::norm(excess(W1, W2, t[lambda])).item() / std::abs(t[lambda]));
  if (!has_balanced_weights({n_i, t[n_h], n_o}, t[lambda])) return;
  const auto made = theory::lambda_balanced(t[lambda], {n_i, t[n_h], n_o}, {}, *generator);
  t.record(constructed, linalg::norm(excess(made.W1, made.W2, t[lambda])).item() / std::abs(t[lambda]));
}

// lambda > 0: W2'W2 has rank n_o, so that n_h - n_o eigenvalues of W2'W2 - W1W1' are at most 0; lambda < 0 likewise.
double bound(const Params& p) {
  const auto spare = p[n_h] - (p[lambda] > 0 ? n_o : n_i);
  return std::sqrt(static_cast<double>(std::max<std::int64_t>(spare, 0)));
}

const Statistic exact = expected("sqrt(n_h - n_o), or sqrt(n_h - n_i) for \u03bb < 0", bound);

const Register existence{
    {.id = "balanced/existence",
     .title = "Which networks have \u03bb-balanced weights",
     .question = "For which widths and which \u03bb do balanced weights exist?",
     .observe = "\u03bb > 0 needs n_h <= n_o, \u03bb < 0 needs n_h <= n_i, and nothing else: bottlenecks have both. "
                "Where they do not exist, the nearest weights miss \u03bbI by |\u03bb| for each unit too many.",
     .source = "paper 004, theorem 3.4.1",
     .parameters = {n_h, lambda},
     .trials = {.quick = 5, .paper = 40},
     .seconds = {.quick = 1, .paper = 1},
     .trial = trial,
     .figures = {figure("",
                        "Three inputs, five outputs: how near W2'W2 - W1W1' comes to \u03bbI, where gradient flow "
                        "lowers the distance from random weights, relative to |\u03bb|; and what eigenvalues allow.")
                     .panel("Smallest distance from \u03bbI", plot(n_h, least)
                                                                  .by(lambda)
                                                                  .points()
                                                                  .theory("exact", bound)
                                                                  .y_label("||W2'W2 - W1W1' - \u03bbI|| / |\u03bb|"))},
     .claims = {
         {.claim = "\u03bb other than 0 needs min(n_i, n_o) <= n_h <= max(n_i, n_o)",
          .source = "paper 004, theorem 3.4.1 (1)",
          .says = "implies",
          .holds = smallest(median(least).at(among(n_h, {2, 6}))) > 0.5,
          .in_shape = smallest(median(least).at(n_h == 6)) > 0.5,
          .why = Why("A bottleneck of two units has balanced weights for either sign, to {:.0e}; more units than both "
                     "sides have none. Half of |\u03bb| is our limit; the next possible distance is |\u03bb|.",
                     {largest(largest(constructed).at(n_h == 2))})},
         {.claim = "n_o > n_i implies \u03bb > 0",
          .source = "paper 004, theorem 3.4.1 (2)",
          .says = "\u03bb > 0",
          .holds = smallest(median(least).at(n_h == 3 && lambda == -2)) > 0.5,
          .why = Why("Such weights exist at (n_i, n_h, n_o) = (3, 3, 5), to {:.0e}: \u03bb < 0 needs n_h <= n_i and "
                     "nothing else.",
                     {largest(constructed).at(n_h == 3 && lambda == -2)})},
         {.claim = "\u03bb > 0 exists if and only if n_h <= n_o, \u03bb < 0 if and only if n_h <= n_i",
          .source = "in place of paper 004, theorem 3.4.1",
          .says = "not treated",
          .holds = abs(median(least) - exact) < 1e-3,
          .why = "Gradient flow on the distance itself finds weights that are balanced, or stays at what the "
                 "eigenvalues allow: n_h less the rank of the strong side of them are of the other sign."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::balanced
