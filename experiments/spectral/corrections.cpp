// SPDX-License-Identifier: BSD-3-Clause
// Which corrections repair norms, which the condition number?
#include <limits>

#include <fmt/format.h>

#include <sigmagrad/experiments/spectral/closed_forms.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>
#include <sigmagrad/experiments/spectral/students.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

const Text correction{
    .name = "correction",
    .help =
        "none (sgd), multipliers, spectral (penalty), svd (pulled towards the target's), singular_values (trained), "
        "combined (multipliers and penalty)",
    .quick = {"sgd", "multipliers", "spectral", "svd", "singular_values", "combined"}};
const Real multiplier_lr{
    .name = "multiplier_lr",
    .help = "learning rate of multipliers and trained singular values (0.001 for corrections without)",
    .quick = {0.001, 0.01},
    .minimum = 0};
const Real lambda{.name = "lambda", .help = "weight of the spectral penalty", .quick = {0.005}, .minimum = 0};

constexpr std::uint64_t training_stream = 7;  // start and batches come from a stream of their own
constexpr std::int64_t pull_every = 20;       // steps
constexpr double pull = 0.1;                  // of the way to the target's singular values

bool has_multipliers(const std::string& name) { return name == "multipliers" || name == "combined"; }
bool has_penalty(const std::string& name) { return name == "spectral" || name == "combined"; }
// Whether it trains parameters beside the weight.
bool has_parameters(const std::string& name) { return has_multipliers(name) || name == "singular_values"; }

Student make_student(const nn::Linear& layer, const std::string& name) {
  if (has_multipliers(name)) return nn::parametrize(layer, nn::Multipliers{});
  if (name == "singular_values") return nn::parametrize(layer, nn::SingularValues{});
  return Student(layer);
}

// Moves the singular values of `weight` towards those given.
void pull_singular_values(Tensor weight, const Tensor& wanted) {
  const auto [U, S, Vt] = linalg::svd(weight);
  weight.copy_(matmul(U * (S + pull * (wanted - S)), Vt));
}

void trial(Trial& t) {
  const auto target = heterogeneous_target(t[d], *t.generator());
  const auto generator = t.generator(training_stream);
  const auto student = make_student(small_start(t[d], *generator), t[correction]);
  optim::SGD optimizer(parameter_groups(student, t.params()));

  if (t[correction] == "svd")
    optimizer.after_step([original = student.original, wanted = linalg::svdvals(target), step = 0]() mutable {
      if (++step % pull_every == 0) pull_singular_values(original, wanted);
    });
  const auto penalty = nn::clipped(t[lambda] * nn::log_cond_penalty(components(target).cond, 1.0, 1e-10), 1.0);
  train(optimizer, t[steps], [&] {
    const auto loss = loss_on_batch(student, target, *generator, t[noise]);
    return has_penalty(t[correction]) ? loss + penalty(student) : loss;
  });
  record_errors(t, relative_errors(student.weight(), target));
}

const Selection sgd = correction == "sgd" && multiplier_lr == 0.001, multipliers = correction == "multipliers",
                spectral_penalty = correction == "spectral", svd = correction == "svd",
                combined = correction == "combined", singular_values = correction == "singular_values",
                fast_multipliers = multipliers && multiplier_lr == 0.01, fresh_trials = sample == "other";

Plot by_correction(const Quantity& error) {
  return plot(correction, error)
      .at(fresh_trials)
      .by(multiplier_lr)
      .bars()
      .log_y()
      .y_label("relative error, median and quartiles");
}

// The norms' error of SGD alone, once for all bars.
double without_correction(const Params& p) {
  return p[multiplier_lr] == 0.001 ? left_of_start(p) : std::numeric_limits<double>::quiet_NaN();
}

// The two errors that are said to trade off, a point a learning rate.
Panel trade_off(const Results& results) {
  Panel panel{.title = "Is there a trade-off?",
              .x_label = "row norm error, median",
              .y_label = "cond. error, median and quartiles",
              .log_x = true,
              .log_y = true};
  for (const Value& name : results.values_of(correction)) {
    Series series{.label = to_text(name), .kind = Kind::Points, .role = Role::Median};
    for (const Group* group : results.where(fresh_trials && correction == to_text(name))) {
      const auto cond = group->statistics(cond_error);
      series.x.push_back(group->median(row_norm_error)), series.y.push_back(cond.median);
      series.low.push_back(cond.q25), series.high.push_back(cond.q75);
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

const Printed sgd_cond = {mean(cond_error).at(sgd), 1.23}, sgd_rows = {mean(row_norm_error).at(sgd), 0.134};

// What corrections do to the condition number, trial by trial on fresh trials.
Statistic factor(const Selection& which) { return fresh(median_ratio(cond_error, sgd)).at(which); }
Statistic share_better(const Selection& which) { return fresh(share_smaller(cond_error, sgd)).at(which); }

// Whether both fresh medians are below `share` of the others.
Condition better_in_both(const Selection& one, const Selection& other, double share) {
  const auto rows = fresh(median(row_norm_error)), conds = fresh(median(cond_error));
  return rows.at(one) < share * rows.at(other) && conds.at(one) < share * conds.at(other);
}

const Condition multipliers_barely_matter = within(factor(multipliers), 1.0 / 1.5, 1.5);
const Condition penalty_helps = share_better(spectral_penalty) > 0.5 && factor(spectral_penalty) < 1.0;

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
     .parameters = {correction, multiplier_lr, lambda, d, lr, steps, noise},
     .printed_at =
         multiplier_lr == 0.001 && lambda == 0.005 && d == 64 && lr == 0.01 && steps == 200 && noise == label_noise,
     .trials = {.quick = 10, .paper = 10},
     .seconds = {.quick = 10, .paper = 10},
     .streams = {Stream::Philox, Stream::Numpy},
     // Trained singular values take a decomposition a step.
     .fresh = [](const Params& p) { return p[correction] == "singular_values" ? 3 : 6; },
     .valid = [](const Params& p) { return has_parameters(p[correction]) || p[multiplier_lr] == 0.001; },
     .trial = trial,
     .figures = {figure("",
                        "Corrections: the paper's four by component (sv: singular values), then all of them in "
                        "fresh trials. multiplier_lr is the learning rate of multipliers and of trained singular "
                        "values; in the last panel the higher one lies to the left.")
                     .panel("As printed", components(all_errors)
                                              .at(among(correction, {"sgd", "multipliers", "spectral", "svd"}) &&
                                                  multiplier_lr == 0.001)
                                              .by(correction)
                                              .means()
                                              .log_y()
                                              .y_label("relative error"))
                     .panel("Row norms, fresh trials",
                            by_correction(row_norm_error).theory("(1 - lr)^T", without_correction))
                     .panel("Condition number, fresh trials", by_correction(cond_error))
                     .panel(trade_off)
                     .each({d, lr, steps, lambda, noise})},
     .claims =
         {norms_are_cut("Multipliers reduce norm errors by 67%", "", multipliers, 0.044),
          {.claim = "They barely affect the condition number",
           .source = source,
           .printed = {sgd_cond, {mean(cond_error).at(multipliers), 1.11}},
           .says = "10% less",
           .tolerance = 0.01,
           .holds = multipliers_barely_matter && printed_digits(),
           .in_shape = multipliers_barely_matter,
           .why = "Means follow the worst trial. At multipliers' learning rate 0.01 they cut it in most trials."},
          {.claim = "Spectral regularization reduces the condition number error by 77% and leaves norms alone",
           .source = source,
           .printed = {sgd_cond,
                       {mean(cond_error).at(spectral_penalty), 0.29},
                       {mean(row_norm_error).at(spectral_penalty), sgd_rows.value}},
           .tolerance = 0.2,
           .holds = penalty_helps && printed_digits() && share_better(spectral_penalty) > 0.9 &&
                    factor(spectral_penalty) < 0.5,
           .in_shape = penalty_helps,
           .why = "Not every trial is helped by the penalty, and the mean follows the worst one."},
          norms_are_cut("SVD correction reduces norm errors by 64%", "64%", svd, 0.048),
          {.claim = "It reduces the condition number error by 32%",
           .source = source,
           .says = "32%",
           .holds = share_better(svd) > 0.6 && factor(svd) < 0.9,
           .why = "Chance alone would help in half of the trials."},
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
           .holds = share_better(singular_values && multiplier_lr == 0.01) > 0.5 &&
                    factor(singular_values&& multiplier_lr == 0.01) < 0.8,
           .why = "They add a second learning rate along the singular vectors of the weight, for norms and spectrum "
                  "alike."}}}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
