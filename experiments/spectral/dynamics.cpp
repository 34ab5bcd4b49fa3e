// SPDX-License-Identifier: BSD-3-Clause
// How do the components' errors go down during training?
#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/experiments/harness/experiment.hpp>
#include <sigmagrad/experiments/spectral/closed_forms.hpp>
#include <sigmagrad/experiments/spectral/groups.hpp>
#include <sigmagrad/experiments/spectral/regression.hpp>

namespace sigmagrad::experiments::spectral {
namespace {

constexpr std::int64_t stride = 10;

Metrics trial(const Trial& given) {
  const Trial t = sampled(given);
  const std::int64_t d = t.params.integer("d"), steps = t.params.integer("steps");
  const auto generator = t.generator();
  const auto target = heterogeneous_target(d, *generator);
  const auto model = small_start(d, *generator);
  Metrics metrics;
  const auto record = [&](std::int64_t step) { add_errors_at(metrics, step, relative_errors(model.weight, target)); };
  optim::SGD optimizer(model.parameters(), {.lr = t.params.real("lr")});
  train(
      optimizer, steps, [&] { return loss_by_gradient(model, target, *generator, t.params); },
      [&](std::int64_t step) {
        if (step == 1 || (step > 0 && step % stride == 0)) record(step);
      });
  record(steps);
  return metrics;
}

std::int64_t trials_factor(const Params& p) { return is_other_sample(p) ? 6 : 1; }

// Means along a curve with one standard deviation to either side, as the paper draws them.
Series mean_curve(const Group& group, const std::string& metric, std::string label) {
  Series series{.label = std::move(label), .role = Role::Mean};
  for (const auto& [at, s] : group.curve(metric)) {
    series.x.push_back(at), series.y.push_back(s.mean);
    series.low.push_back(s.mean - s.std), series.high.push_back(s.mean + s.std);
  }
  return series;
}

Panel empty_panel(std::string title) {
  return {.title = std::move(title), .x_label = "step", .y_label = "relative error", .log_y = true};
}

Panel as_printed(const Group& group) {
  auto panel = empty_panel("As printed: mean \u00b1 std");
  for (const auto& [metric, label] : {std::pair{"cond_error", "condition number"},
                                      {"row_norm_error", "row norms"},
                                      {"singular_value_error", "singular values"},
                                      {"gap_error", "spectral gap"},
                                      {"overall_error", "overall"}})
    panel.series.push_back(mean_curve(group, metric, label));
  return panel;
}

Panel with_closed_forms(const Group& group) {
  auto panel = empty_panel("Medians, quartiles, closed forms");
  panel.series = {curve(group, "cond_error", "condition number"), curve(group, "row_norm_error", "row norms"),
                  curve(group, "overall_error", "overall")};
  const auto form = closed_form(group.params());
  const Series measured = panel.series.front();
  panel.series.push_back(along(measured, "overall, theory", [&](double step) { return form.overall_error(step); }));
  panel.series.push_back(along(measured, "(1 - lr)^t", [&](double step) { return form.norm_error(step); }));
  return panel;
}

// The points of one trial's curve.
Series path(const Group& group, const std::string& metric, std::size_t trial) {
  Series series{.label = {}, .kind = Kind::Line};
  for (const auto& [at, s] : group.curve(metric)) {
    series.x.push_back(at);
    series.y.push_back(group.values(fmt::format("{}@{}", metric, at))[trial]);
  }
  return series;
}

Panel paths(const Group& group, const std::string& title) {
  auto panel = empty_panel(title);
  constexpr std::size_t most = 10;
  const auto trials = group.values("cond_error@1").size();
  for (std::size_t trial = 0; trial < std::min(most, trials); ++trial)
    panel.series.push_back(path(group, "cond_error", trial));
  return panel;
}

// One for each setting of the paper's trials.
std::vector<Figure> figures(const Results& results) {
  std::vector<Figure> all;
  for (const Selection& setting : settings_of(results, {"d", "lr", "steps", "noise"})) {
    const auto groups = [&](const char* gradient) {
      return results.where(with(setting, {{"gradient", gradient}, {"sample", "paper"}}));
    };
    const auto batch = groups("batch"), exact = groups("population");
    if (batch.empty()) continue;
    Figure figure{.name = numbered("spectral-dynamics", all.size()),
                  .caption = fmt::format("Component errors during training, {}. The closed forms have no free "
                                         "parameter. Below, ten trials one by one.",
                                         to_text(setting)),
                  .panels = {as_printed(*batch.front()), with_closed_forms(*batch.front()),
                             paths(*batch.front(), "Condition number, each trial, gradients of batches")}};
    if (!exact.empty()) figure.panels.push_back(paths(*exact.front(), "Condition number, each trial, exact gradient"));
    all.push_back(std::move(figure));
  }
  return all;
}

const Group& papers_group(const Results& results, const char* gradient, const char* sample) {
  return results.group(
      {{"gradient", gradient}, {"d", 64}, {"lr", 0.01}, {"steps", 200}, {"noise", label_noise}, {"sample", sample}});
}

// Of all stretches between two points of the trials' curves the share along which the error goes up.
double share_of_rises(const Group& group, const std::string& metric) {
  double rises = 0.0, stretches = 0.0;
  const auto trials = group.values(metric + "@1").size();
  for (std::size_t trial = 0; trial < trials; ++trial) {
    const auto y = path(group, metric, trial).y;
    for (std::size_t i = 1; i < y.size(); ++i) {
      rises += y[i] > y[i - 1];
      stretches += 1.0;
    }
  }
  return rises / stretches;
}

void judge_norms(const Results& r, Claim& claim) {
  const double paper = share_of_rises(papers_group(r, "batch", "paper"), "row_norm_error");
  const double other = share_of_rises(papers_group(r, "batch", "other"), "row_norm_error");
  claim.measured = fmt::format("up in {:.0f}% of all stretches of 10 steps, in other trials in {:.0f}%", 100.0 * paper,
                               100.0 * other);
  claim.verdict = verdict(paper == 0.0 && other == 0.0);
  claim.why = "They follow (1 - lr)^t once W has outgrown its start.";
}

void judge_erratic(const Results& r, Claim& claim) {
  const Group &paper = papers_group(r, "batch", "paper"), &other = papers_group(r, "batch", "other");
  const auto s = paper.statistics("cond_error@200"), more = other.statistics("cond_error@200");
  claim.measured = fmt::format("up in {:.0f}% of all stretches of 10 steps, {} at the end; in other trials {:.0f}%, {}",
                               100.0 * share_of_rises(paper, "cond_error"), mean_and_std(s),
                               100.0 * share_of_rises(other, "cond_error"), mean_and_std(more));
  claim.verdict = verdict(share_of_rises(other, "cond_error") > 0.2 && more.std > more.mean);
  claim.why = "It is a ratio whose denominator comes close to 0: single trials spike, the median falls.";
}

void judge_weak_signal(const Results& r, Claim& claim) {
  const Group &batch = papers_group(r, "batch", "other"), &exact = papers_group(r, "population", "other");
  const double noisy = share_of_rises(batch, "cond_error"), clean = share_of_rises(exact, "cond_error");
  claim.measured = fmt::format("with the exact gradient up in {:.0f}% of all stretches, {} at the end, in other trials",
                               100.0 * clean, mean_and_std(exact.statistics("cond_error@200")));
  claim.verdict = verdict(clean < 0.5 * noisy);
  claim.why =
      "With the exact gradient W moves on a straight line to the target, every direction at the same rate, and the "
      "condition number spikes all the same: the smallest singular value passes near 0 on the way.";
}

std::vector<Claim> claims(const Results& results) {
  const std::string source = "paper 001, section 4.5, figure 5";
  return judge_all(
      results,
      {{{.claim = "Norm errors decrease smoothly and monotonically", .source = source, .printed = "monotone"},
        judge_norms},
       {{.claim = "Condition number errors are erratic, with high variance", .source = source, .printed = "erratic"},
        judge_erratic},
       {{.claim = "That comes from a weak gradient signal",
         .source = source,
         .printed = "consistent with a weak gradient signal"},
        judge_weak_signal}});
}

const Register dynamics{Experiment{
    .id = "spectral/dynamics",
    .title = "Component errors during training",
    .question = "How do the components' errors go down during training, and why is the condition number's erratic?",
    .observe =
        "Norm errors fall in every trial and at every point, as (1 - lr)^t. The condition number's error goes up along "
        "a third of all stretches of ten steps and spikes in single trials; it does so without any noise in the "
        "gradient, too.",
    .source = "paper 001, section 4.5, figure 5",
    .parameters = {gradient_parameter(),
                   {.name = "d", .help = "matrix size", .quick = {64}, .minimum = 2},
                   lr_parameter(),
                   steps_parameter(),
                   noise_parameter(),
                   sample_parameter()},
    .trials = {.quick = 10, .paper = 10},
    .seconds = {.quick = 1, .paper = 1},
    .streams = {Stream::Philox, Stream::Numpy},
    .trial = trial,
    .trials_factor = trials_factor,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::spectral
