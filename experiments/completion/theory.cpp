// SPDX-License-Identifier: BSD-3-Clause
// Where does gradient flow end that sees diagonal blocks only, and does theory know?
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <sigmagrad/experiments/completion/block_problem.hpp>
#include <sigmagrad/experiments/completion/summaries.hpp>
#include <sigmagrad/theory/completion_flow.hpp>

namespace sigmagrad::experiments::completion {
namespace {

constexpr double share_left = 1e-8;      // of the residual where the flow is stopped
constexpr double least_time = 1.0;       // also from a start that is the end
constexpr double noise = 1e-9;           // singular values below are not compared digit by digit
constexpr double nearly_identity = 1e9;  // from this m on

struct Setting {
  double w;
  std::int64_t n, s;
  const char* figure;
  bool is_of(const Params& p) const { return p.real("w") == w && p.integer("n") == n && p.integer("s") == s; }
};
constexpr std::array settings{Setting{1.0, 10, 1, "2"}, Setting{1.0, 5, 2, "5"}, Setting{10.0, 10, 1, "6"},
                              Setting{0.1, 10, 1, "7"}, Setting{1.0, 3, 1, "8"}};

// Of the values that the figures have, their combinations; any others of the user's own.
bool is_setting(const Params& p) {
  const auto has = [&](auto member, auto value) {
    return std::ranges::any_of(settings, [&](const Setting& setting) { return setting.*member == value; });
  };
  const bool printed =
      has(&Setting::w, p.real("w")) && has(&Setting::n, p.integer("n")) && has(&Setting::s, p.integer("s"));
  return !printed || std::ranges::any_of(settings, [&](const Setting& setting) { return setting.is_of(p); });
}

Metrics trial(const Trial& t) {
  const auto problem = block_problem(t.params);
  const auto model = block_model(problem);
  const double time = std::max(least_time, theory::completion_time(problem, share_left));
  const auto flow = follow_flow(model, block_task(problem), {.t_end = time, .rtol = t.params.real("rtol")});
  auto metrics = block_metrics(model, problem);
  const auto L = static_cast<double>(problem.depth);
  const auto states = theory::completion_flow(problem, {flow.t.item(), std::numeric_limits<double>::infinity()});
  const auto limits = theory::completion_limits(problem);
  metrics.add("lemma_error", std::max(std::abs(std::pow(states.back().first, L) / limits.sigma_1 - 1.0),
                                      std::abs(std::pow(states.back().second, L) / limits.sigma_rest - 1.0)));
  metrics.add("lemma_sigma_within", problem.s > 1 ? std::pow(states.front().third, L) : 0.0);
  return metrics.add("loss", flow.loss.item())
      .add("time_to_stop", flow.t.item())
      .add("steps_to_stop", flow.steps.item());
}

std::vector<Figure> figures(const Results& results) {
  std::vector<Figure> all;
  for (const Value& w : results.values_of("w"))
    for (const Value& n : results.values_of("n"))
      for (const Value& s : results.values_of("s")) {
        const Selection setting{{"w", w}, {"n", n}, {"s", s}};
        const auto groups = results.where(setting);
        if (groups.empty()) continue;
        const auto& p = groups.front()->params();
        const auto known = std::ranges::find_if(settings, [&](const Setting& c) { return c.is_of(p); });
        Figure figure{.name = fmt::format("completion-theory-{}", all.size() + 1),
                      .caption = fmt::format("Limits of the singular values against the initial scale: {} observed "
                                             "diagonal blocks of size {} with entries {}{}. Above the largest one, "
                                             "below the next {}, which are equal.",
                                             to_text(n), to_text(s), to_text(w),
                                             known == settings.end() ? "" : fmt::format(" (figure {})", known->figure),
                                             p.integer("n") - 1)};
        for (const Value& m : results.values_of("m"))
          figure.panels.push_back(limits_panel(results, {{"w", w}, {"n", n}, {"s", s}, {"m", m}},
                                               fmt::format("m = {:g}", std::get<double>(m))));
        all.push_back(figure);
      }
  return all;
}

// The largest value of a metric over groups.
double largest(const Groups& groups, const std::string& metric) {
  double result = 0.0;
  for (const Group* group : groups) result = std::max(result, group->statistics(metric).max);
  return result;
}

void judge_limits(const Results& results, Claim& claim) {
  const auto all = results.where();
  if (all.empty()) throw NotRun("a group");
  double rest = 0.0;
  for (const Group* group : all)
    if (group->median("sigma_rest") > noise) rest = std::max(rest, group->statistics("sigma_rest_error").max);
  const double first = largest(all, "sigma_1_error");
  claim.measured = fmt::format("relative error at most {:.1g} of \u03c3_1, {:.1g} of the others", first, rest);
  claim.verdict = verdict(first < 1e-5 && rest < 1e-5);
  claim.why = fmt::format("Flow of the factors in {} settings, stopped where theory's own residual is {:.0g} of w s.",
                          all.size(), share_left);
}

void judge_lemma(const Results& results, Claim& claim) {
  const double error = largest(results.where(), "lemma_error");
  if (results.where().empty()) throw NotRun("a group");
  claim.measured = fmt::format("relative error at most {:.1g}", error);
  claim.verdict = verdict(error < 1e-6);
  claim.why = "Two numbers are integrated instead of L d\u00b2; the limits solve the equations that are conserved.";
}

void judge_beyond(const Results& results, Claim& claim) {
  double value = 0.0, error = 0.0;
  for (const Group* group : results.where()) {
    if (group->params().integer("s") == 1) continue;
    const double expected = group->median("lemma_sigma_within");
    value = std::max(value, group->median("sigma_within"));
    error = std::max(error, std::abs(group->median("sigma_within") / expected - 1.0));
  }
  if (value == 0.0) throw NotRun("blocks of size 2 or more");
  claim.measured = fmt::format("at most {:.1g} where the others have converged", value);
  claim.verdict = verdict(error < 0.01);
  claim.why = fmt::format(
      "They fall by a power law, ((2L-2)t)^(-L/(2L-2)), long after the others stand still: within {:.1g} of it.",
      error);
}

double ratio(const Group& group) { return group.median("sigma_rest") / group.median("sigma_1"); }

struct Steps {
  int down = 0, all = 0;
  void count(double before, double after) {
    if (before < noise) return;
    ++all;
    down += after < before;
  }
};

// Steps along one parameter, upwards or downwards and all others the same, that lower the ratio.
Steps steps_along(const Results& results, const std::string& parameter, bool upwards) {
  Steps steps;
  auto values = results.values_of(parameter);
  std::ranges::sort(values);
  if (!upwards) std::ranges::reverse(values);
  for (std::size_t i = 0; i + 1 < values.size(); ++i)
    for (const Group* group : results.where({{parameter, values[i]}})) {
      const auto& p = group->params();
      if (p.integer("depth") < 3 || p.real("m") > nearly_identity) continue;
      auto selection = p.items();
      for (auto& [name, value] : selection)
        if (name == parameter) value = values[i + 1];
      for (const Group* next : results.where(selection)) steps.count(ratio(*group), ratio(*next));
    }
  if (steps.all == 0) throw NotRun("several values of " + parameter + " at depth 3 or more");
  return steps;
}

void judge_bias(const Results& results, Claim& claim) {
  const auto depth = steps_along(results, "depth", true), scale = steps_along(results, "scale", false);
  claim.measured = fmt::format("\u03c3_i/\u03c3_1 falls in {} of {} steps to more depth, {} of {} to a smaller scale",
                               depth.down, depth.all, scale.down, scale.all);
  const bool holds = depth.down == depth.all && scale.down == scale.all;
  claim.verdict = verdict(holds, 10 * (depth.down + scale.down) >= 9 * (depth.all + scale.all));
  claim.why = "Neighbours in the grid that differ in this alone, from depth 3 on and with m < 1e9.";
}

void judge_shallow(const Results& results, Claim& claim) {
  double spread = 0.0;
  const auto scales = results.values_of("scale");
  if (scales.size() < 2) throw NotRun("two scales");
  for (const Group* group : results.where({{"depth", 2}, {"scale", scales.front()}})) {
    auto selection = group->params().items();
    std::erase_if(selection, [](const auto& item) { return item.first == "scale"; });
    for (const Group* other : results.where(selection))
      spread = std::max(spread, std::abs(ratio(*other) / ratio(*group) - 1.0));
  }
  if (results.where({{"depth", 2}}).empty()) throw NotRun("depth 2");
  claim.measured = fmt::format("\u03c3_i/\u03c3_1 changes by at most {:.1g} of itself", spread);
  claim.verdict = verdict(spread < 1e-5);
  claim.why = "The ratio of the factors' eigenvalues is conserved at depth 2, ((m-1)/(m+d-1))\u00b2.";
}

// How far sigma_1 is from s w, relative to it, from depth 3 on.
double off_full_rank(const Results& results, double m) {
  double off = 0.0;
  int groups = 0;
  for (const Group* group : results.where({{"m", m}})) {
    const auto& p = group->params();
    if (p.integer("depth") < 3) continue;
    ++groups;
    off = std::max(off, std::abs(group->median("sigma_1") / (p.real("w") * static_cast<double>(p.integer("s"))) - 1.0));
  }
  if (groups == 0) throw NotRun(fmt::format("m = {:g} at depth 3 or more", m));
  return off;
}

void judge_nearly_identity(const Results& results, Claim& claim) {
  const double off = off_full_rank(results, 1e10);
  claim.measured = fmt::format("\u03c3_1 is off s w by at most {:.2g} of it", off);
  claim.verdict = verdict(off < 1e-6, off < 0.05);
  claim.why = "A finite m is coupled, however weakly: at the smallest scales the digits begin to show it.";
}

void judge_identity(const Results& results, Claim& claim) {
  const double off = off_full_rank(results, std::numeric_limits<double>::infinity());
  claim.measured = fmt::format("\u03c3_1 is off s w by at most {:.1g} of it", off);
  claim.verdict = verdict(off < 1e-6);
  claim.why = "Blocks that start decoupled stay so: each learns its own entries alone.";
}

std::vector<Claim> claims(const Results& results) {
  const std::string theorem = "paper 002, Theorem 3.3", caption = "paper 002, figures 2 and 5 to 8";
  return judge_all(
      results,
      {{{.claim = "Gradient flow ends at the singular values of Theorem 3.3", .source = theorem, .printed = "="},
        judge_limits},
       {{.claim = "So does the flow of three eigenvalues", .source = "paper 002, Lemma D.6", .printed = "="},
        judge_lemma},
       {{.claim = "Singular values beyond the number of blocks are 0", .source = theorem, .printed = "0"},
        judge_beyond},
       {{.claim = "Depth and a small start strengthen the low-rank bias for finite m",
         .source = caption,
         .printed = "both strengthen it"},
        judge_bias},
       {{.claim = "At depth 2 the scale does not matter", .source = theorem, .printed = "independent of \u03b1"},
        judge_shallow},
       {{.claim = "m = 1e10 ends at full rank, whatever depth and scale",
         .source = caption,
         .printed = "independent of both L and \u03b1"},
        judge_nearly_identity},
       {{.claim = "From the identity it ends at s w exactly", .source = theorem, .printed = "\u03c3_i = s w"},
        judge_identity}});
}

const Register theory_lines{Experiment{
    .id = "completion/theory",
    .title = "Limits under block-diagonal observations",
    .question = "Where does gradient flow end that sees diagonal blocks only, and does theory know?",
    .observe =
        "The flow ends on the lines of Theorem 3.3 to six digits. Ten observed ones (m = 100): from a scale of 1e-7 "
        "depth 2 ends at 1.187 and 0.979, depth 3 at 9.9989 and 1.2e-4, rank one.",
    .source = "paper 002, section 3.2 and appendix C.1, figures 2 and 5 to 8",
    .parameters =
        {{.name = "w", .help = "every observed entry", .quick = {1.0}, .paper = {1.0, 10.0, 0.1}, .minimum = 1e-9},
         {.name = "n", .help = "number of blocks", .quick = {10, 5, 3}, .minimum = 2},
         {.name = "s", .help = "size of a block", .quick = {1, 2}, .minimum = 1},
         {.name = "depth", .help = "number of factors", .quick = {2, 3, 4, 5}, .minimum = 2},
         {.name = "m",
          .help = "diagonal of a factor at the start over its other entries; inf: the identity",
          .quick = {2.0, 10.0, 100.0, 1e10, std::numeric_limits<double>::infinity()},
          .minimum = 1.001},
         {.name = "scale",
          .help = "initial scale alpha^depth",
          .quick = {1e-1, 1e-3, 1e-5, 1e-7, 1e-10},
          .minimum = 1e-30},
         {.name = "rtol", .help = "error of a step of the flow", .quick = {1e-8}, .minimum = 1e-13}},
    .trials = {.quick = 1, .paper = 1},
    .seconds = {.quick = 1, .paper = 2},
    .valid = is_setting,
    .trial = trial,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
