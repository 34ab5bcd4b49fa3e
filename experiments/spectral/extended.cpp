// SPDX-License-Identifier: BSD-3-Clause
// Does the condition number's error vanish with more training, and what keeps it up?
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/spectral/closed_forms.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

const Int long_steps{.name = "long_steps", .help = "training goes on to this step", .quick = {1000}, .paper = {2000}};
const Curve cond = over_steps(cond_error), row_norms = over_steps(row_norm_error), overall = over_steps(overall_error);

constexpr std::int64_t looks_every = 50;  // steps

void trial(Trial& t) {
  const std::int64_t end = std::max(t[steps], t[long_steps]);
  const auto generator = t.generator();
  const auto target = heterogeneous_target(t[d], *generator);
  const auto model = small_start(t[d], *generator);
  optim::SGD optimizer(model.parameters(), {.lr = t[lr]});

  std::int64_t step = 0;
  optimizer.after_step([&] {
    if (++step != 1 && step % looks_every != 0 && step != t[steps] && step != end) return;
    const auto errors = relative_errors(model.weight, target);
    const auto at = static_cast<double>(step);
    t.record(row_norms, at, errors.row_norm);
    t.record(cond, at, errors.cond);
    t.record(overall, at, errors.overall);
    if (step == t[steps]) record_errors(t, errors);
  });
  train(optimizer, end, [&] { return loss_on_batch(model, target, *generator, t[noise]); });
  t.record(noise_floor, cond_floor(t.params(), components(target)));
}

const Selection noisy = noise > 0.0, noise_free = noise == 0.0;

// Condition number error over row norm error, each the mean or the median of the trials.
Statistic ratio_of_means(double step) { return ratio(mean(cond.at(step)), mean(row_norms.at(step))); }
Statistic ratio_of_medians(double step) { return fresh(ratio(median(cond.at(step)), median(row_norms.at(step)))); }
const std::vector<Printed> printed_ratios = {{ratio_of_means(1), 0.8}, {ratio_of_means(1000), 250}};

Statistic free_cond(double step) { return fresh(median(cond.at(step))).at(noise_free); }

// - d log(median) / d step between steps 200 and 1000.
Statistic rate(const Curve& error) {
  return of_trials(fmt::format("rate a step at which the median {} falls from step 200 to 1000", error.label),
                   [error](const Sample& trials) {
                     return std::log(trials.median(error.at(200)) / trials.median(error.at(1000))) / 800.0;
                   });
}

// Over the looks from the first to step 1000: the share of stretches along which a trial's error goes up.
Statistic share_of_rises(const Curve& error) {
  return of_trials(fmt::format("share of stretches of 50 steps along which the {} goes up", error.label),
                   [error](const Sample& trials) {
                     auto before = trials.values(error.at(looks_every));
                     double rises = 0.0, stretches = 0.0;
                     for (std::int64_t step = 2 * looks_every; step <= 1000; step += looks_every) {
                       auto after = trials.values(error.at(static_cast<double>(step)));
                       for (std::size_t i = 0; i < after.size(); ++i) rises += after[i] > before[i];
                       stretches += static_cast<double>(after.size());
                       before = std::move(after);
                     }
                     return rises / stretches;
                   });
}

// How many of these stretches the ratio of the medians does not grow along.
const Statistic shrinking =
    of_trials("stretches of 50 steps along which the ratio of the medians does not grow", [](const Sample& trials) {
      const auto at = [&](double step) { return trials.median(cond.at(step)) / trials.median(row_norms.at(step)); };
      double count = 0.0, before = at(1);
      for (std::int64_t step = looks_every; step <= 1000; step += looks_every) {
        const double now = at(static_cast<double>(step));
        count += now <= before;
        before = now;
      }
      return count;
    });

Plot errors(const Selection& which) {
  return plot({cond, overall, row_norms})
      .at(which)
      .theory("overall, theory", overall_error_at)
      .theory("row norms, theory", norm_error)
      .theory("noise floor, theory", median(noise_floor))
      .log_y()
      .y_label("relative error");
}

Plot means_of_cond(const Selection& which) {
  return plot(cond).at(which).means().points().called("condition number, mean \u00b1 std");
}

// The ratio of the means and of the medians, at every look.
Panel ratio_panel(const Results& results) {
  Panel panel{
      .title = "Condition number over row norms", .x_label = "step", .y_label = "ratio of errors", .log_y = true};
  for (const Group* group : results.where(trial_source == "paper")) {
    const auto label = fmt::format("noise {}", (*group)[noise]);
    Series medians{.label = label + ", medians"},
        means{.label = label + ", means", .kind = Kind::Points, .role = Role::Mean};
    for (const auto& [at, conds] : group->curve(cond)) {
      const auto norms = group->statistics(row_norms.at(at));
      for (Series* series : {&medians, &means}) series->x.push_back(at);
      medians.y.push_back(conds.median / norms.median);
      means.y.push_back(conds.mean / norms.mean);
    }
    panel.series.insert(panel.series.end(), {medians, means});
  }
  if (!results.where(results.printed()).empty())
    panel.series.push_back(printed({1, 1000}, {printed_ratios[0].value, printed_ratios[1].value}, "printed"));
  return panel;
}

const Register extended{
    {.id = "spectral/extended",
     .title = "Long training, with and without label noise",
     .question = "Does the condition number's error vanish with more training, and what keeps it up?",
     .observe =
         "With label noise of 0.01 the mean condition number error ends at 0.017 (--stream numpy) and the row norms at "
         "6.6e-5, ratio 260. Without it the condition number follows the norms down: 2.5e-4 after 1000 steps, and "
         "falling.",
     .source = "paper 001, section 4.9, figure 9",
     .parameters = {noise.with({label_noise, 0.0}), d.with({128}), lr, steps.with({1000}), long_steps},
     .printed_at = noise == label_noise && d == 128 && lr == 0.01 && steps == 1000,
     .trials = {.quick = 3, .paper = 10},
     .seconds = {.quick = 3, .paper = 16},
     .streams = {Stream::Philox, Stream::Numpy},
     .fresh = [](const Params&) { return 2; },
     .trial = trial,
     .figures = {figure("",
                        "Errors along a long training, medians with quartiles, and the ratio of the errors. Theory "
                        "has no free parameter; the floor is what label noise left in the weights does to the "
                        "smallest singular value.")
                     .panel("With label noise", {errors(noisy), means_of_cond(noisy).printed()})
                     .panel(ratio_panel)
                     .panel("Without label noise", {errors(noise_free), means_of_cond(noise_free)})
                     .each({d, lr, steps, long_steps})},
     .claims = {
         {.claim = "Row norms are learned to near zero error in 1000 steps",
          .printed = {{mean(row_norms.at(1)), 0.93}, {mean(row_norms.at(1000)), 6.6e-5}},
          .in_shape = within(fresh(ratio(mean(row_norm_error), expected("the closed form", norms_at_end))),
                             std::exp(-0.2), std::exp(0.2)),
          .why = "(1 - lr)^1000 = 4.3e-5 and the noise along a row together give 6.5e-5; without label noise the first "
                 "alone is left."},
         {.claim = "The condition number error stays far larger",
          .printed = {{mean(cond.at(1)), 0.75}, {mean(cond.at(1000)), 0.017}},
          .tolerance = 0.05,
          .in_shape = fresh(ratio(median(cond_error), median(row_norm_error))) > 10.0,
          .why = {"The noise of the labels alone leaves a median of {:.2g} in fresh trials; measured is {:.2g}.",
                  {fresh(median(noise_floor)), fresh(median(cond_error))}}},
         {.claim = "The condition number error is no matter of convergence speed: it plateaus",
          .source = "paper 001, sections 4.9 and 5.1",
          .says = "plateau at 0.017",
          .holds = free_cond(1000) > 0.5 * free_cond(500),
          .why = {"The plateau is the label noise, not a limit of training: with it the median is {:.2g} at step 500 "
                  "and {:.2g} at 1000, without it {:.2g} and {:.2g}.",
                  {median(cond.at(500)), median(cond.at(1000)), free_cond(500), free_cond(1000)}}},
         {.claim = "The ratio of condition number error to norm error widens with training",
          .printed = printed_ratios,
          .tolerance = 0.06,
          .in_shape = ratio_of_medians(1000) > 10.0 * ratio_of_medians(1),
          .why = {"Each error goes to a noise floor of its own, and a ratio of means follows the worst trial. Without "
                  "label noise the ratio of the medians of fresh trials is {:.1f}.",
                  {ratio_of_medians(1000).at(noise_free)}}},
         {.claim = "It widens throughout training",
          .source = "paper 001, section 4.9, figure 11",
          .says = "widens",
          .holds = fresh(shrinking) <= 0.0,
          .in_shape = ratio_of_medians(400) > ratio_of_medians(200) && ratio_of_medians(600) > ratio_of_medians(400) &&
                      ratio_of_medians(800) > ratio_of_medians(600) && ratio_of_medians(1000) > ratio_of_medians(800),
          .why = "At every look, 50 steps apart; in shape where it does from each fifth of the training to the next."},
         {.claim = "The condition number error oscillates erratically along the way",
          .source = "paper 001, section 4.9",
          .says = "erratic oscillations",
          .holds = fresh(share_of_rises(cond)) > 0.2 && fresh(share_of_rises(row_norms)) < 0.05,
          .why = {"As in 200 steps, an error counts as erratic that goes up along more than a fifth of the stretches. "
                  "Without label noise the share is {:.2f}: there it falls with the norms.",
                  {fresh(share_of_rises(cond)).at(noise_free)}}},
         {.claim = "Norms converge exponentially, the condition number slowly and erratically",
          .says = "slow",
          .holds = rate(cond).at(noise_free) < 0.5 * rate(row_norms).at(noise_free),
          .why = "Both follow -log(1 - lr) = 0.0101; with noise the condition number does until it meets its "
                 "floor."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
