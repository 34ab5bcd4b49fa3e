// SPDX-License-Identifier: BSD-3-Clause
// Which corrections repair norms, which the condition number?
#include <sigmagrad/experiments/spectral/closed_forms.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>
#include <sigmagrad/experiments/spectral/students.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

constexpr std::uint64_t training_stream = 7;  // start and batches come from a stream of their own

void trial(Trial& t) {
  const auto target = heterogeneous_target(t[d], *t.generator());
  const auto generator = t.generator(training_stream);
  train_corrected(t, target, small_start(t[d], *generator), *generator);
}

const Selection sgd = correction == "sgd" && multiplier_lr == 0.001, multipliers = correction == "multipliers",
                spectral_penalty = correction == "spectral", svd = correction == "svd",
                combined = correction == "combined", fast_multipliers = multipliers && multiplier_lr == 0.01,
                singular_values = correction == "singular_values" && multiplier_lr == 0.01,
                fresh_trials = trial_source == "other";

Plot by_correction(const Quantity& error) {
  const auto bars = plot(correction, error).at(fresh_trials).by(multiplier_lr).bars();
  return bars.log_y().y_label("relative error, median and quartiles");
}

const Selection papers_four = multiplier_lr == 0.001 && among(correction, {"sgd", "multipliers", "spectral", "svd"});

const Printed sgd_cond = {mean(cond_error).at(sgd), 1.23}, sgd_rows = {mean(row_norm_error).at(sgd), 0.134};

// What corrections do to the condition number, trial by trial on fresh trials.
Statistic factor(const Selection& which) { return fresh(median_ratio(cond_error, sgd)).at(which); }
Statistic share_better(const Selection& which) { return fresh(share_smaller(cond_error, sgd)).at(which); }

// The norms' errors of fresh trials that differ from plain SGD's by less than one percent.
Condition keeps_norms(const Selection& which) {
  return of_each(norm_errors,
                 [=](const Quantity& e) { return near(fresh(mean(e)).at(which), fresh(mean(e)).at(sgd), 0.01); });
}

// Smaller with the first correction than with each of the others.
Condition is_best(const Statistic& error, const Selection& which, const std::vector<Selection>& others) {
  Condition all = error.at(which) < error.at(others.front());
  for (std::size_t i = 1; i < others.size(); ++i) all = all && error.at(which) < error.at(others[i]);
  return all;
}
const Condition multipliers_best_for_norms = of_each({row_norm_error, col_norm_error}, [](const Quantity& e) {
  return is_best(fresh(mean(e)), multipliers, {sgd, spectral_penalty, svd});
});

// Whether both fresh medians are below `share` of the others.
Condition better_in_both(const Selection& one, const Selection& other, double share) {
  const auto rows = fresh(median(row_norm_error)), conds = fresh(median(cond_error));
  return rows.at(one) < share * rows.at(other) && conds.at(one) < share * conds.at(other);
}

const std::string source = "paper 001, section 4.4, figure 4";

Claim norms_are_cut(const std::string& claim, const std::string& says, const Selection& which, double rows) {
  return {.claim = claim,
          .source = source,
          .printed = {sgd_rows, {mean(row_norm_error).at(which), rows}, {fresh(mean(row_norm_error)).at(which), rows}},
          .says = says,
          .tolerance = 0.1,
          .holds = printed_digits(),
          .why = "Norm errors are nearly the same in every trial."};
}

const Register corrections{
    {.id = "spectral/corrections",
     .title = "Corrections of norms and condition number",
     .question = "Which corrections repair norms, which the condition number, and is there a trade-off?",
     .observe =
         "Multipliers at learning rate 0.001 cut the row norms' error to a third, the penalty the condition number's "
         "in "
         "most trials, the pull towards the target's singular values only the norms'. Multipliers at 0.01 cut both, to "
         "0.002 and 0.04: there is no trade-off.",
     .source = source + "; paper 000, section 4",
     .parameters = {correction, multiplier_lr.with({0.001, 0.01}), lambda, d, lr, steps, noise},
     .printed_at =
         multiplier_lr == 0.001 && lambda == 0.005 && d == 64 && lr == 0.01 && steps == 200 && noise == label_noise,
     .trials = {.quick = 3, .paper = 10},
     .seconds = {.quick = 4, .paper = 14},
     .streams = {Stream::Philox, Stream::Numpy},
     // Trained singular values and the penalty take a decomposition a step.
     .fresh = [](const Params& p) { return p[correction] == "singular_values" || p[correction] == "combined" ? 3 : 6; },
     .valid = [](const Params& p) { return has_parameters(p[correction]) || p[multiplier_lr] == 0.001; },
     .valid_rule = "multiplier_lr is that of corrections with parameters; the others have 0.001",
     .trial = trial,
     .figures =
         {figure("",
                 "Corrections: the paper's four by component (sv: singular values), then all of them in "
                 "fresh trials. multiplier_lr is the learning rate of multipliers and of trained singular "
                 "values; in the last panel the higher one lies to the left.")
              .panel("As printed", error_bars().at(papers_four).by(correction))
              .panel("Row norms, fresh trials",
                     by_correction(row_norm_error).theory("(1 - lr)^T", only(multiplier_lr == 0.001, left_of_start)))
              .panel("Condition number, fresh trials", by_correction(cond_error))
              .panel("Is there a trade-off?", scatter(row_norm_error, cond_error)
                                                  .at(fresh_trials)
                                                  .by(correction)
                                                  .over(multiplier_lr)
                                                  .medians()
                                                  .log_log()
                                                  .x_label("row norm error, median")
                                                  .y_label("cond. error, median and quartiles"))
              .each({d, lr, steps, lambda, noise})},
     .claims =
         {norms_are_cut("Multipliers reduce norm errors by 67%", "", multipliers, 0.044),
          {.claim = "They barely affect the condition number",
           .source = source,
           .printed = {sgd_cond, {mean(cond_error).at(multipliers), 1.11}},
           .says = "10% less",
           .tolerance = 0.01,
           .in_shape = within(factor(multipliers), 1.0 / 1.5, 1.5),
           .why = "Means follow the worst trial. At multipliers' learning rate 0.01 they cut it in most trials."},
          {.claim = "Spectral regularization leaves norm errors unchanged",
           .source = source,
           .printed = {sgd_rows, {mean(row_norm_error).at(spectral_penalty), sgd_rows.value}},
           .tolerance = 0.01,
           .holds = printed_digits() && keeps_norms(spectral_penalty),
           .in_shape = keeps_norms(spectral_penalty),
           .why = "Rows, columns, singular values and Frobenius norm, to one percent."},
          {.claim = "It reduces the condition number error by 77%",
           .source = source,
           .printed = {sgd_cond, {mean(cond_error).at(spectral_penalty), 0.29}},
           .tolerance = 0.2,
           .holds = printed_digits() && share_better(spectral_penalty) > 0.9 && factor(spectral_penalty) < 0.5,
           .in_shape = share_better(spectral_penalty) > 0.5 && factor(spectral_penalty) < 1.0,
           .why = "Not every trial is helped by the penalty, and the mean follows the worst one."},
          norms_are_cut("SVD correction reduces norm errors by 64%", "64%", svd, 0.048),
          {.claim = "It reduces the condition number error by 32%",
           .source = source,
           .printed = {sgd_cond, {mean(cond_error).at(svd), 0.84}},
           .says = "32%",
           .tolerance = 0.01,
           .holds = printed_digits() && share_better(svd) > 0.6 && factor(svd) < 0.9,
           .in_shape = share_better(svd) > 0.6 && factor(svd) < 0.9,
           .why = "A correction that does nothing would seem to help in half of the trials."},
          {.claim = "Of the four, spectral regularization is best for the condition number, multipliers for norms",
           .source = "paper 001, section 4.4, figure 6",
           .says = "best",
           .holds = is_best(fresh(median(cond_error)), spectral_penalty, {sgd, multipliers, svd}) &&
                    multipliers_best_for_norms,
           .in_shape = multipliers_best_for_norms,
           .why = "The condition number by medians, for means follow the worst trial; norms of rows and columns by "
                  "means."},
          {.claim = "Norms and condition number trade off",
           .source = source + "; section 5.2",
           .says = "trade-off",
           .holds = !better_in_both(fast_multipliers, sgd, 0.5),
           .why = "Multipliers at the weight's own learning rate improve both: at 0.001 they are not learned yet."},
          {.claim = "Corrections must combine norm and spectral mechanisms",
           .source = "paper 001, section 5.2",
           .says = "must combine",
           .holds = !better_in_both(fast_multipliers, combined, 1.0),
           .why =
               "Multipliers at 0.01 alone against both together at 0.001. The penalty's gradient, clipped to norm 1, "
               "moves the weight by up to 0.01 a step, however small its singular values are."},
          {.claim = "Learnable singular values correct the spectral flaws",
           .source = "paper 000, section 4",
           .says = "proposed, not tried",
           .holds = share_better(singular_values) > 0.5 && factor(singular_values) < 0.8,
           .why = "They add a second learning rate along the singular vectors of the weight, for norms and spectrum "
                  "alike."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
