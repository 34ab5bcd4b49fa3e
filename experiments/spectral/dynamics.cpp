// SPDX-License-Identifier: BSD-3-Clause
// How do the components' errors go down during training?
#include <fmt/format.h>

#include <sigmagrad/experiments/spectral/closed_forms.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

constexpr std::int64_t stride = 10;

void trial(Trial& t) {
  const auto generator = t.generator();
  const auto target = heterogeneous_target(t[d], *generator);
  const auto model = small_start(t[d], *generator);
  const auto record = [&](std::int64_t step) { record_errors_at(t, step, relative_errors(model.weight, target)); };
  optim::SGD optimizer(model.parameters(), {.lr = t[lr]});
  train(
      optimizer, t[steps], [&] { return loss_by_gradient(model, target, *generator, t); },
      [&](std::int64_t step) {
        if (step == 1 || (step > 0 && step % stride == 0)) record(step);
      });
  record(t[steps]);
}

const Selection by_batch = gradient_of == "batch", exact = gradient_of == "population";

// The share of the stretches between two points of the trials' curves along which the error goes up.
Statistic share_of_rises(const Quantity& error) {
  return of_trials(fmt::format("share of stretches of 10 steps along which the {} goes up", error.label),
                   [curve = over_steps(error)](const Sample& trials) {
                     auto before = trials.values(curve.at(1));
                     double rises = 0.0, stretches = 0.0;
                     for (std::int64_t step = stride; step <= trials[steps]; step += stride) {
                       auto after = trials.values(curve.at(static_cast<double>(step)));
                       for (std::size_t i = 0; i < after.size(); ++i) rises += after[i] > before[i];
                       stretches += static_cast<double>(after.size());
                       before = std::move(after);
                     }
                     return rises / stretches;
                   });
}

Condition never_rises(const Quantity& error) {
  const auto rises = share_of_rises(error).at(by_batch);
  return rises <= 0.0 && fresh(rises) <= 0.0;
}
const Statistic cond_rises = fresh(share_of_rises(cond_error));
const Quantity last_cond_error = over_steps(cond_error).at(200);

Plot errors_of(const std::vector<Quantity>& errors) {
  std::vector<Curve> curves;
  for (const Quantity& error : errors) curves.push_back(over_steps(error));
  return plot(curves).at(by_batch).log_y().y_label("relative error");
}

const Plot each_trial = plot(over_steps(cond_error)).trials(10).log_y();

const Register dynamics{
    {.id = "spectral/dynamics",
     .title = "Component errors during training",
     .question = "How do the components' errors go down during training, and why is the condition number's erratic?",
     .observe =
         "Norm errors fall in every trial and at every point, as (1 - lr)^t. The condition number's error goes up "
         "along a third of all stretches of ten steps and spikes in single trials; it does so without any noise in "
         "the gradient, too.",
     .source = "paper 001, section 4.5, figure 5",
     .parameters = {gradient_of, d, lr, steps, noise},
     .printed_at = d == 64 && lr == 0.01 && steps == 200 && noise == label_noise,
     .trials = {.quick = 4, .paper = 10},
     .seconds = {.quick = 1, .paper = 4},
     .streams = {Stream::Philox, Stream::Numpy},
     .fresh = [](const Params&) { return 6; },
     .trial = trial,
     .figures =
         {figure("",
                 "Errors of the eight components during training; those of norms and singular values nearly coincide. "
                 "The closed forms have no free parameter. Below, ten trials one by one.")
              .panel("As printed, spectrum: mean \u00b1 std",
                     errors_of({cond_error, gap_error, rank_error, row_norm_error}).means())
              .panel(
                  "As printed, norms: mean \u00b1 std",
                  errors_of({row_norm_error, col_norm_error, singular_value_error, fro_error, overall_error}).means())
              .panel("Medians, quartiles, closed forms", errors_of({cond_error, row_norm_error, overall_error})
                                                             .theory("overall, theory", overall_error_at)
                                                             .theory("(1 - lr)^t", left_at))
              .panel("Condition number, each trial, gradients of batches", each_trial.at(by_batch))
              .panel("Condition number, each trial, exact gradient", each_trial.at(exact))
              .each({d, lr, steps, noise})},
     .claims = {
         {.claim = "Norm errors decrease smoothly and monotonically",
          .says = "monotone",
          .holds = of_each(norm_errors, never_rises),
          .why = "Norms of rows, of columns and of the matrix, and singular values follow (1 - lr)^t once W has "
                 "outgrown its start."},
         {.claim = "Condition number errors are erratic, with high variance",
          .says = "erratic",
          .holds = cond_rises.at(by_batch) > 0.2 &&
                   fresh(lab::std(last_cond_error)).at(by_batch) > fresh(mean(last_cond_error)).at(by_batch),
          .why = "It is a ratio whose denominator comes close to 0: single trials spike, the median falls."},
         {.claim = "That comes from a weak gradient signal",
          .says = "consistent with a weak gradient signal",
          .holds = cond_rises.at(exact) < 0.5 * cond_rises.at(by_batch),
          .why = "With the exact gradient W moves on a straight line to the target, every direction at the same rate, "
                 "and the condition number spikes all the same: the smallest singular value passes near 0 on the "
                 "way."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
