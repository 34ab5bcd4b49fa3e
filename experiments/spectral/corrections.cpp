// SPDX-License-Identifier: BSD-3-Clause
// Which corrections repair norms, which the condition number?
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/experiments/harness/experiment.hpp>
#include <sigmagrad/experiments/spectral/closed_forms.hpp>
#include <sigmagrad/experiments/spectral/component_bars.hpp>
#include <sigmagrad/experiments/spectral/groups.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>
#include <sigmagrad/experiments/spectral/students.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

constexpr std::uint64_t training_stream = 7;  // start and batches come from a stream of their own
constexpr std::int64_t pull_every = 20;       // steps
constexpr double pull = 0.1;                  // of the way to the target's singular values

bool has_multipliers(const std::string& correction) { return correction == "multipliers" || correction == "combined"; }
bool has_penalty(const std::string& correction) { return correction == "spectral" || correction == "combined"; }
// Whether it trains parameters beside the weight.
bool has_parameters(const std::string& correction) {
  return has_multipliers(correction) || correction == "singular_values";
}

Student make_student(const nn::Linear& layer, const std::string& correction) {
  if (has_multipliers(correction)) return nn::parametrize(layer, nn::Multipliers{});
  if (correction == "singular_values") return nn::parametrize(layer, nn::SingularValues{});
  return Student(layer);
}

// Moves the singular values of `weight` towards those given.
void pull_singular_values(Tensor weight, const Tensor& wanted) {
  const auto [U, S, Vt] = linalg::svd(weight);
  weight.copy_(matmul(U * (S + pull * (wanted - S)), Vt));
}

Metrics trial(const Trial& given) {
  const Trial t = sampled(given);
  const auto& correction = t.params.text("correction");
  const std::int64_t d = t.params.integer("d");
  const auto target = heterogeneous_target(d, *t.generator());
  const auto generator = t.generator(training_stream);
  const auto student = make_student(small_start(d, *generator), correction);
  optim::SGD optimizer(parameter_groups(student, t.params));

  if (correction == "svd")
    optimizer.after_step([original = student.original, wanted = linalg::svdvals(target), step = 0]() mutable {
      if (++step % pull_every == 0) pull_singular_values(original, wanted);
    });
  const auto penalty =
      nn::clipped(t.params.real("lambda") * nn::log_cond_penalty(components(target).cond, 1.0, 1e-10), 1.0);
  train(optimizer, t.params.integer("steps"), [&] {
    const auto loss = loss_on_batch(student, target, *generator, t.params.real("noise"));
    return has_penalty(correction) ? loss + penalty(student) : loss;
  });
  return error_metrics(relative_errors(student.weight(), target));
}

bool valid(const Params& p) { return has_parameters(p.text("correction")) || p.real("multiplier_lr") == 0.001; }

// Trained singular values take a decomposition a step.
std::int64_t trials_factor(const Params& p) {
  if (!is_other_sample(p)) return 1;
  return p.text("correction") == "singular_values" ? 3 : 6;
}

const Selection papers_setting = {{"lambda", 0.005}, {"d", 64}, {"lr", 0.01}, {"steps", 200}, {"noise", label_noise}};

const Group& papers_group(const Results& results, const char* correction, const char* sample,
                          double multiplier_lr = 0.001) {
  return results.group(
      with(papers_setting, {{"correction", correction}, {"multiplier_lr", multiplier_lr}, {"sample", sample}}));
}

// The four that the paper compares.
Panel as_printed(const Results& results, const Selection& setting) {
  std::vector<std::pair<std::string, Selection>> wanted;
  for (const char* correction : {"sgd", "multipliers", "spectral", "svd"})
    wanted.emplace_back(correction,
                        with(setting, {{"correction", correction}, {"multiplier_lr", 0.001}, {"sample", "paper"}}));
  return component_bars("As printed", those_run(results, wanted));
}

// Six of them fit side by side.
std::string short_name(const std::string& correction) {
  if (correction == "multipliers") return "mult.";
  if (correction == "singular_values") return "trained sv";
  return correction == "combined" ? "comb." : correction;
}

// A bar for each correction and learning rate of what it trains.
Panel by_correction(const Results& results, const Selection& setting, const std::string& metric,
                    const std::string& title) {
  Panel panel{.title = title, .y_label = "relative error, median and quartiles", .log_y = true};
  const Values corrections = results.values_of("correction");
  for (const Value& correction : corrections) panel.categories.push_back(short_name(to_text(correction)));
  for (const Value& lr : results.values_of("multiplier_lr")) {
    Series series{.label = fmt::format("multiplier_lr {}", to_text(lr)), .kind = Kind::Bars, .role = Role::Median};
    for (std::size_t i = 0; i < corrections.size(); ++i)
      for (const Group* group :
           results.where(with(setting, {{"correction", corrections[i]}, {"multiplier_lr", lr}, {"sample", "other"}}))) {
        const auto s = group->statistics(metric);
        series.x.push_back(static_cast<double>(i)), series.y.push_back(s.median);
        series.low.push_back(s.q25), series.high.push_back(s.q75);
      }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

// The row norms' error that SGD alone has.
Series sgd_norms(const Params& p, std::size_t corrections) {
  const double rate = closed_form(p).norm_error(static_cast<double>(p.integer("steps")));
  return theory({-0.5, static_cast<double>(corrections) - 0.5}, {rate, rate}, "(1 - lr)^T");
}

// The two errors that are said to trade off, a point a learning rate.
Panel trade_off(const Results& results, const Selection& setting) {
  Panel panel{.title = "Is there a trade-off?",
              .x_label = "row norm error, median",
              .y_label = "cond. error, median and quartiles",
              .log_x = true,
              .log_y = true};
  for (const Value& correction : results.values_of("correction")) {
    Series series{.label = to_text(correction), .kind = Kind::Points, .role = Role::Median};
    for (const Group* group : results.where(with(setting, {{"correction", correction}, {"sample", "other"}}))) {
      const auto cond = group->statistics("cond_error");
      series.x.push_back(group->median("row_norm_error")), series.y.push_back(cond.median);
      series.low.push_back(cond.q25), series.high.push_back(cond.q75);
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

// One for each setting run.
std::vector<Figure> figures(const Results& results) {
  std::vector<Figure> all;
  for (const Selection& setting : settings_of(results, {"d", "lr", "steps", "lambda", "noise"})) {
    auto norms = by_correction(results, setting, "row_norm_error", "Row norms, other trials");
    norms.series.push_back(sgd_norms(results.where(setting).front()->params(), norms.categories.size()));
    all.push_back({.name = numbered("spectral-corrections", all.size()),
                   .caption = fmt::format(
                       "Corrections at {}: the paper's four by component (sv: singular values), then all of them in "
                       "other trials. multiplier_lr is the learning rate of multipliers and of trained singular "
                       "values; in the last panel the higher one lies to the left.",
                       to_text(setting)),
                   .panels = {as_printed(results, setting), std::move(norms),
                              by_correction(results, setting, "cond_error", "Condition number, other trials"),
                              trade_off(results, setting)}});
  }
  return all;
}

// Trials of two groups that met the same target, start and batches: as many as the smaller group has.
struct Paired {
  double better = 0.0;            // the share in which `corrected` has the smaller error
  double median_log_ratio = 0.0;  // of corrected over plain
};
Paired paired(const Group& corrected, const Group& plain, const std::string& metric) {
  if (!corrected.failures().empty() || !plain.failures().empty())
    throw NotRun("trials are compared one by one, and some have failed");
  const auto &a = corrected.values(metric), &b = plain.values(metric);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) ratios.push_back(std::log(a[i] / b[i]));
  const auto better = static_cast<double>(std::ranges::count_if(ratios, [](double r) { return r < 0.0; }));
  return {better / static_cast<double>(ratios.size()), statistics(ratios).median};
}

// The condition number's part of a claim: means of the paper's trials, medians and pairs of the others.
Paired measure_cond(const Results& r, const char* correction, Claim& claim) {
  const Group &plain = papers_group(r, "sgd", "paper"), &corrected = papers_group(r, correction, "paper");
  const Group &more_plain = papers_group(r, "sgd", "other"), &more = papers_group(r, correction, "other");
  const auto pairs = paired(more, more_plain, "cond_error");
  claim.measured = fmt::format(
      "{:.2f} to {:.2f}; {} other trials: medians {:.2g} to {:.2g}, means {:.2g} to {:.2g}, better in {:.0f}%",
      plain.mean("cond_error"), corrected.mean("cond_error"), more.values("cond_error").size(),
      more_plain.median("cond_error"), more.median("cond_error"), more_plain.mean("cond_error"),
      more.mean("cond_error"), 100.0 * pairs.better);
  return pairs;
}

// The norms' part.
void judge_rows(const Results& r, const char* correction, double printed, Claim& claim) {
  const double plain = papers_group(r, "sgd", "paper").mean("row_norm_error");
  const double corrected = papers_group(r, correction, "paper").mean("row_norm_error");
  const double other = papers_group(r, correction, "other").mean("row_norm_error");
  claim.measured = fmt::format("{:.3f} to {:.3f}, in other trials {:.3f}", plain, corrected, other);
  claim.verdict = verdict(close({{plain, 0.134}, {corrected, printed}, {other, printed}}, 0.1));
  claim.why = "Norm errors are nearly the same in every trial.";
}

void judge_multiplier_norms(const Results& r, Claim& claim) {
  judge_rows(r, "multipliers", 0.044, claim);
  claim.why += fmt::format(" At multipliers' learning rate 0.01 they are {:.4f}.",
                           papers_group(r, "multipliers", "other", 0.01).mean("row_norm_error"));
}

void judge_multiplier_cond(const Results& r, Claim& claim) {
  const auto pairs = measure_cond(r, "multipliers", claim);
  const bool digits = close({{papers_group(r, "sgd", "paper").mean("cond_error"), 1.23},
                             {papers_group(r, "multipliers", "paper").mean("cond_error"), 1.11}},
                            0.01);
  const bool shape = std::abs(pairs.median_log_ratio) < std::log(1.5);
  claim.verdict = verdict(shape && digits, shape);
  claim.why = fmt::format(
      "Trial by trial the median change is a factor of {:.2f}; it is {:.2f} at their learning rate 0.01.",
      std::exp(pairs.median_log_ratio),
      std::exp(paired(papers_group(r, "multipliers", "other", 0.01), papers_group(r, "sgd", "other"), "cond_error")
                   .median_log_ratio));
}

void judge_spectral(const Results& r, Claim& claim) {
  const auto pairs = measure_cond(r, "spectral", claim);
  const Group& spectral = papers_group(r, "spectral", "paper");
  const bool digits = std::abs(spectral.mean("cond_error") - 0.29) < 0.06 &&
                      close({{papers_group(r, "sgd", "paper").mean("cond_error"), 1.23}}, 0.01);
  claim.measured += fmt::format("; rows {:.3f}", spectral.mean("row_norm_error"));
  const bool robust = pairs.better > 0.9 && pairs.median_log_ratio < std::log(0.5);
  const bool shape = pairs.better > 0.5 && pairs.median_log_ratio < 0.0;
  claim.verdict = verdict(shape && digits && robust, shape);
  claim.why = fmt::format(
      "Trial by trial the median factor is {:.2f}; the penalty does not help {:.0f}% of the trials, and the mean "
      "follows "
      "the worst one.",
      std::exp(pairs.median_log_ratio), 100.0 * (1.0 - pairs.better));
}

void judge_svd_norms(const Results& r, Claim& claim) { judge_rows(r, "svd", 0.048, claim); }

void judge_svd_cond(const Results& r, Claim& claim) {
  const auto pairs = measure_cond(r, "svd", claim);
  claim.verdict = verdict(pairs.better > 0.6 && pairs.median_log_ratio < std::log(0.9));
  claim.why = fmt::format(
      "Trial by trial the median factor is {:.2f}; it helps in {:.0f}% of them, where chance alone "
      "would in 50%.",
      std::exp(pairs.median_log_ratio), 100.0 * pairs.better);
}

// "rows 0.0020, condition number 0.04"
std::string both_errors(const Group& group) {
  return fmt::format("rows {:.2g}, condition number {:.2g}", group.median("row_norm_error"),
                     group.median("cond_error"));
}

// Whether both medians are below `share` of the other's.
bool better_in_both(const Group& a, const Group& b, double share) {
  return a.median("row_norm_error") < share * b.median("row_norm_error") &&
         a.median("cond_error") < share * b.median("cond_error");
}

void judge_trade_off(const Results& r, Claim& claim) {
  const Group &plain = papers_group(r, "sgd", "other"), &fast = papers_group(r, "multipliers", "other", 0.01);
  claim.measured = fmt::format("medians of other trials: {} with multipliers at lr 0.01, {} without", both_errors(fast),
                               both_errors(plain));
  claim.verdict = verdict(!better_in_both(fast, plain, 0.5));
  claim.why = "Multipliers at the weight's own learning rate improve both: at 0.001 they are not learned yet.";
}

void judge_combination(const Results& r, Claim& claim) {
  const Group &fast = papers_group(r, "multipliers", "other", 0.01), &both = papers_group(r, "combined", "other");
  claim.measured = fmt::format(
      "medians of other trials: {} combined at lr 0.001, {} combined at 0.01, {} with multipliers alone at "
      "0.01",
      both_errors(both), both_errors(papers_group(r, "combined", "other", 0.01)), both_errors(fast));
  claim.verdict = verdict(!better_in_both(fast, both, 1.0));
  claim.why =
      "Multipliers at 0.01 alone against both together at 0.001. The penalty's gradient, clipped to norm 1, moves the "
      "weight by up to 0.01 a step, however small its singular values are.";
}

void judge_singular_values(const Results& r, Claim& claim) {
  const Group &plain = papers_group(r, "sgd", "other"), &slow = papers_group(r, "singular_values", "other");
  const Group& fast = papers_group(r, "singular_values", "other", 0.01);
  const auto pairs = paired(fast, plain, "cond_error");
  claim.measured = fmt::format(
      "medians of other trials: {} at lr 0.001, {} at 0.01, {} without; better in {:.0f}%, by a median factor of "
      "{:.2f}",
      both_errors(slow), both_errors(fast), both_errors(plain), 100.0 * pairs.better, std::exp(pairs.median_log_ratio));
  claim.verdict = verdict(pairs.better > 0.5 && pairs.median_log_ratio < std::log(0.8));
  claim.why = "They add a second learning rate along the singular vectors of the weight, for norms and spectrum alike.";
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 001, section 4.4, figure 4";
  return judge_all(
      results,
      {{{.claim = "Multipliers reduce norm errors by 67%", .source = source, .printed = "rows 0.134 to 0.044"},
        judge_multiplier_norms},
       {{.claim = "They barely affect the condition number", .source = source, .printed = "1.23 to 1.11, 10% less"},
        judge_multiplier_cond},
       {{.claim = "Spectral regularization reduces the condition number error by 77% and leaves norms alone",
         .source = source,
         .printed = "1.23 to 0.29; rows 0.134"},
        judge_spectral},
       {{.claim = "SVD correction reduces norm errors by 64%", .source = source, .printed = "64%"}, judge_svd_norms},
       {{.claim = "It reduces the condition number error by 32%", .source = source, .printed = "32%"}, judge_svd_cond},
       {{.claim = "Norms and condition number trade off", .source = source + "; section 5.2", .printed = "trade-off"},
        judge_trade_off},
       {{.claim = "Corrections must combine norm and spectral mechanisms",
         .source = "paper 001, section 5.2",
         .printed = "must combine"},
        judge_combination},
       {{.claim = "Learnable singular values correct the spectral flaws",
         .source = "paper 000, section 4",
         .printed = "proposed, not tried"},
        judge_singular_values}});
}

const Register corrections{Experiment{
    .id = "spectral/corrections",
    .title = "Corrections of norms and condition number",
    .question = "Which corrections repair norms, which the condition number, and is there a trade-off?",
    .observe =
        "Multipliers at learning rate 0.001 cut the row norms' error to a third, the penalty the condition number's in "
        "most trials, the pull towards the target's singular values only the norms'. Multipliers at 0.01 cut both, to "
        "0.002 and 0.04: there is no trade-off.",
    .source = "paper 001, section 4.4, figure 4; paper 000, section 4",
    .parameters =
        {{.name = "correction",
          .help = "none (sgd), multipliers, spectral (penalty), svd (pulled towards the target's), singular_values "
                  "(trained), combined (multipliers and penalty)",
          .quick = {"sgd", "multipliers", "spectral", "svd", "singular_values", "combined"}},
         {.name = "multiplier_lr",
          .help = "learning rate of multipliers and trained singular values (0.001 for corrections without)",
          .quick = {0.001, 0.01},
          .minimum = 0},
         {.name = "lambda", .help = "weight of the spectral penalty", .quick = {0.005}, .minimum = 0},
         {.name = "d", .help = "matrix size", .quick = {64}, .minimum = 2},
         lr_parameter(),
         steps_parameter(),
         noise_parameter(),
         sample_parameter()},
    .trials = {.quick = 10, .paper = 10},
    .seconds = {.quick = 10, .paper = 10},
    .streams = {Stream::Philox, Stream::Numpy},
    .valid = valid,
    .trial = trial,
    .trials_factor = trials_factor,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
