// SPDX-License-Identifier: BSD-3-Clause
// Are matrices of the sizes of a language model more distorted than small ones?
#include <sigmagrad/experiments/spectral/component_plots.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

void trial(Trial& t) {
  const auto generator = t.generator();
  const auto target = heterogeneous_target(t[d], *generator);
  const auto model = small_start(t[d], *generator);
  optim::SGD optimizer(model.parameters(), {.lr = t[lr]});
  train(optimizer, t[steps], [&] { return loss_on_batch(model, target, *generator, t[noise]); });
  record_errors(t, relative_errors(model.weight, target));
}

const Statistic rows_in_theory = expected("closed form", row_norms_at_end);

const Register width{
    {.id = "spectral/width",
     .title = "Large matrices",
     .question = "Are matrices of the sizes of a language model more distorted than small ones?",
     .observe = "Norms and singular values of a 2048 x 2048 matrix are learned like those of a small one, as closed "
                "forms say; the overall error grows to 0.19, since a batch of 64 says little about so many entries.",
     .source = "paper 001, section 5.1",
     .parameters = {d.with({128, 256}, {512, 1024, 2048}), lr, steps, noise},
     .printed_at = lr == 0.01 && steps == 200 && noise == label_noise,
     .trials = {.quick = 4, .paper = 2},
     .seconds = {.quick = 1, .paper = 20},
     .trial = trial,
     .figures = {figure("", "Errors of the eight components of a large matrix. Theory has no free parameter.")
                     .panel("Spectrum beside the norms", spectrum_beside_norms())
                     .panel("Norms, singular values and overall error", norms_beside_theory())},
     .claims = {
         {.claim = "The spectrum of large matrices is severely distorted",
          .says = "d = 4096 and more: severely distorted",
          .holds = above(mean(singular_value_error).at(any(d)), 2.0 * mean(row_norm_error).at(any(d))),
          .why = "Severely: singular values twice as far from the target's as the norms are. The condition number is a "
                 "statement about the smallest of them alone."},
         {.claim = "Norm errors stay at 0.13 for large matrices, too",
          .source = "paper 001, sections 1 and 5.1",
          .says = "dimension-independent",
          .holds = of_each(norm_errors, [](const Quantity& e) { return within(mean(e).at(any(d)), 0.125, 0.135); }),
          .in_shape = near(mean(row_norm_error).at(any(d)), rows_in_theory.at(any(d)), 0.02),
          .why = "Between 0.125 and 0.135. The noise of the batches grows with d and makes the rows of W longer, and "
                 "so their "
                 "error smaller. In shape: row norms as theory without a free parameter has them, to 2%."},
         {.claim = "The overall error follows from step size, steps and batch alone at these sizes as well",
          .source = "closed form",
          .says = "0.146 at d = 512 to 0.187 at d = 2048",
          .holds = near(mean(overall_error).at(any(d)), expected("closed form", overall_at_end).at(any(d)), 0.02),
          .why = "Second moments of SGD on Gaussian batches, without a fitted constant."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
