// SPDX-License-Identifier: BSD-3-Clause
// Can the rank of a completed matrix fall only by its norm growing without end?
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/completion/flow_runs.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::completion {
namespace {

const Text sign{.name = "sign",
                .help = "of the product's determinant at the start, which the flow keeps",
                .quick = {"positive", "negative"}};
const Real goal{.name = "goal",
                .help = "loss at which the flow is stopped",
                .label = "loss at the end",
                .quick = {1e-1, 3e-2, 1e-2, 3e-3, 1e-3},
                .minimum = 1e-12};
const Quantity norm{.name = "norm", .label = "spectral norm of the product"};
const Quantity reached{.name = "reached", .label = "loss reached over the goal"};

// w12 = w21 = 1 and w22 = 0 are shown, w11 is not. Where det W > 0 is kept, w11 w22 > w12 w21: w11 has no bound as w22
// comes to 0. It goes as the cube root of time, while the second singular value falls exponentially in a power of it:
// of losses below some 1e-4 rounding decides, which may turn the determinant's sign. Explicit steps keep the symmetry
// of the factors that forbids it at even depths.
void trial(Trial& t) {
  const StartSize size{2, t[depth], t[scale]};
  std::vector<Tensor> start(static_cast<std::size_t>(size.depth), size.alpha() * eye(2));
  if (t[sign] == "negative") start.front() = size.alpha() * tensor({{1, 0}, {0, -1}});
  const Factorization model(start);
  const Completion task{tensor({{0, 1}, {1, 0}}), tensor({{0, 1}, {1, 1}})};
  const auto flow =
      follow_flow(model, task, {.rtol = 1e-9, .loss_below = t[goal], .method = optim::FlowMethod::Explicit});
  const NoGrad guard;
  const auto product = model.product();
  t.record(norm, linalg::norm(product, 2).item());
  t.record(effective_rank, linalg::effective_rank(product).item());
  t.record(stable_rank, linalg::stable_rank(product).item());
  t.record(reached, flow.loss.item() / t[goal]);
}

const Statistic rank = median(effective_rank), size = median(norm);
const Selection kept = sign == "positive";

// At a loss l the shown entries are within e = sqrt(2 l) of the target. With det W > 0, w11 is above (1 - e)^2 / e, and
// W within e of rank one.
double least_norm(const Params& p) {
  const double e = std::sqrt(2.0 * p[goal]);
  return (1.0 - e) * (1.0 - e) / e;
}
double largest_rank(const Params& p) {
  const double ratio = std::min(1.0, std::sqrt(2.0 * p[goal]) / least_norm(p));
  const double first = 1.0 / (1.0 + ratio), second = ratio / (1.0 + ratio);
  return std::exp(-first * std::log(first) - second * std::log(second));
}

// From each goal to the next smaller one; a rank of 1 to all digits may stay.
Condition never_rises(const Statistic& of) {
  return of.at(goal == 3e-2) <= of.at(goal == 1e-1) && of.at(goal == 1e-2) <= of.at(goal == 3e-2) &&
         of.at(goal == 3e-3) <= of.at(goal == 1e-2) && of.at(goal == 1e-3) <= of.at(goal == 3e-3);
}

const Register unseen{
    {.id = "completion/unseen",
     .title = "A rank that falls as a norm grows",
     .question = "Can the rank of a completed matrix fall only by its norm growing without end?",
     .observe =
         "Yes, from a start with a positive determinant: at a loss of 1e-3 the effective rank is 1 to three digits and "
         "the norm 22, at every depth and scale alike. From a negative one the norm stays small.",
     .source = "paper 002, appendix A.1, after Razin and Cohen 2020",
     .parameters = {sign, depth.with({2, 3, 4}), scale.with({1e-1, 1e-3}, {1e-1, 1e-3, 1e-6}), goal},
     .trials = {.quick = 1, .paper = 1},
     .seconds = {.quick = 1, .paper = 2},
     .trial = trial,
     .figures = {figure(
                     "",
                     "A 2 x 2 matrix of which w12 = w21 = 1 and w22 = 0 are observed, by gradient flow down to a "
                     "loss: multiples of the identity at the start, one with its sign turned where the determinant is "
                     "negative.")
                     .panel_each(sign, {plot(goal, effective_rank).by(depth).log_x()})
                     .panel_each(sign, {plot(goal, norm).by(depth).log_log()})
                     .each(scale)},
     .claims = {
         {.claim = "As the loss vanishes the effective rank goes to its infimum, 1, at any depth and scale",
          .says = "converges to its infimum",
          .holds = never_rises(rank.at(kept)) && rank.at(kept) <= expected("its largest", largest_rank).at(kept) &&
                   at_most(largest(reached).at(kept), 1.0),
          .why = {"It falls with the loss, and below what the three entries and a positive determinant leave room for: "
                  "1 + O(l log l), {:.4f} at a loss l of 1e-3.",
                  {largest(expected("", largest_rank).at(kept && goal == 1e-3))}}},
         {.claim = "The norm grows without end",
          .source = "Razin and Cohen 2020, Theorem 1",
          .says = "norms go to infinity",
          .holds = size.at(kept) >= expected("its least", least_norm).at(kept) &&
                   near(growth_exponent(size.at(kept), goal), -0.5, 0.1),
          .why = "w11 w22 is above w12 w21, so that the norm is at least (1 - e)\u00b2 / e with e = sqrt(2 l): the "
                 "power -1/2 of the loss, to a tenth, which is ours."},
         {.claim = "The bias is stronger, the smaller the start",
          .source = "paper 002, appendix A.1",
          .says = "low-rank bias becomes stronger as the initialization scale decreases",
          .holds = increases(rank.at(kept && goal == 1e-1), scale),
          .why = "Effective rank at a loss of 0.1: the theorem says the same of every scale, and at smaller losses two "
                 "factors have a rank of 1 to all digits."},
         {.claim = "From a negative determinant the norm stays bounded",
          .source = "control",
          .says = "-",
          .holds = below(size.at(sign == "negative" && goal == 1e-3),
                         smallest(expected("what a positive one asks for", least_norm).at(kept&& goal == 1e-3))),
          .why = "Then w22 = 0 can be met with any w11: at the smallest loss the norm is below what a positive "
                 "determinant asks for."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
