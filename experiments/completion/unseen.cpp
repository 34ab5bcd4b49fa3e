// SPDX-License-Identifier: BSD-3-Clause
// Can the rank of a completed matrix fall only by its norm growing without end?
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

const Register unseen{
    {.id = "completion/unseen",
     .title = "A rank that falls as a norm grows",
     .question = "Can the rank of a completed matrix fall only by its norm growing without end?",
     .observe =
         "Yes, from a start with a positive determinant: at a loss of 1e-3 the effective rank is below 1.01 and the "
         "norm 22, at every depth and scale alike. From a negative one the norm stays small.",
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
          .holds = below(rank.at(kept && goal == 1e-3), 1.01) &&
                   rank.at(kept && goal == 1e-3) <= rank.at(kept && goal == 1e-1) &&
                   at_most(largest(reached).at(kept), 1.0),
          .why = "With three entries shown and a positive determinant at the start; 1.01 at a loss of 1e-3 is our "
                 "measure."},
         {.claim = "The norm grows without end",
          .source = "Razin and Cohen 2020, Theorem 1",
          .says = "norms go to infinity",
          .holds = near(growth_exponent(size.at(kept), goal), -0.5, 0.1),
          .why = "It is about 1 / w22, and the loss is w22\u00b2 / 2: the power -1/2, to a tenth."},
         {.claim = "Depth and scale do not matter for it",
          .says = "independent of the initialization scale; L = 2 and L >= 3 are not distinguished",
          .holds = below(spread(rank.at(kept && goal == 1e-3), depth), 1.02) &&
                   below(spread(rank.at(kept && goal == 1e-3), scale), 1.02),
          .why = "Largest over smallest effective rank at a loss of 1e-3."},
         {.claim = "From a negative determinant the norm stays bounded",
          .source = "control",
          .says = "-",
          .holds = below(size.at(sign == "negative"), 10.0),
          .why = "Then w22 = 0 can be met with any w11."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
