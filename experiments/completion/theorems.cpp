// SPDX-License-Identifier: BSD-3-Clause
// Does what paper 002 proves hold in random cases, and how tight are its bounds?
#include <sigmagrad/experiments/completion/theorem_checks.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace sigmagrad::experiments::completion {
namespace {

const std::vector<Setup>& setups() {
  static const std::vector<Setup> all{column_setup(), disconnected_setup(), rectangles_setup(),
                                      warm_setup(),   lazy_setup(),         example_setup(),
                                      blocks_setup(), gradients_setup(),    balanced_setup()};
  return all;
}

const Setup& setup_of(const Params& p) {
  return *std::ranges::find(setups(), p.text("setup"), [](const Setup& setup) { return setup.name; });
}

Metrics trial(const Trial& t) { return setup_of(t.params).check(t); }

struct Tested {
  std::string name;
  Statistics statistics;
};

/// Every statement of a kind that was tested.
std::vector<Tested> tested(const Results& results, bool bounds) {
  std::vector<Tested> all;
  for (const Group* group : results.where())
    for (const Statement& statement : setup_of(group->params()).statements)
      if (statement.is_bound() == bounds && group->has(statement.metric))
        all.push_back({fmt::format("{} {}", statement.source, statement.metric), group->statistics(statement.metric)});
  return all;
}

Panel ranges_panel(const std::vector<Tested>& statements, std::string title, std::string y_label) {
  Panel panel{.title = std::move(title), .x_label = "statement", .y_label = std::move(y_label), .log_y = true};
  Series ranges{.label = "median, smallest and largest", .kind = Kind::Points, .role = Role::Median};
  for (const auto& [name, s] : statements) {
    if (s.max <= 0.0) continue;
    ranges.x.push_back(static_cast<double>(panel.categories.size()));
    ranges.y.push_back(std::max(s.median, 1e-18));
    ranges.low.push_back(std::max(s.min, 1e-18));
    ranges.high.push_back(s.max);
    panel.categories.push_back(name);
  }
  panel.series = {ranges};
  return panel;
}

std::vector<Figure> figures(const Results& results) {
  auto bounds = ranges_panel(tested(results, true), "Bounds: 1 is tight, above is violated", "bounded over bound");
  if (!bounds.categories.empty())
    bounds.series.push_back(theory({0.0, static_cast<double>(bounds.categories.size() - 1)}, {1.0, 1.0}, "the bound"));
  return {{.name = "theorems-bounds",
           .caption = "Random cases: the largest ratio of what each statement bounds to its bound.",
           .panels = {bounds}},
          {.name = "theorems-equalities",
           .caption = "Random cases: the largest relative error of each equality. Those met exactly are left out.",
           .panels = {ranges_panel(tested(results, false), "Equalities", "relative error")}}};
}

void judge_statement(const Results& results, const Setup& setup, const Statement& statement, Claim& claim) {
  const auto& values = results.group({{"setup", setup.name}}).values(statement.metric);
  const auto violated = std::ranges::count_if(values, [&](double value) { return value > statement.limit; });
  const auto s = statistics(values);
  claim.measured = statement.is_bound() ? fmt::format("at most {:.3g} of the bound, median {:.2g}", s.max, s.median)
                   : s.max > 0.0        ? fmt::format("off by at most {:.1g}", s.max)
                                        : std::string("never off");
  claim.verdict = violated == 0 ? Verdict::Holds : Verdict::DoesNotHold;
  claim.why = fmt::format("{} of {} random cases violate it.", violated, values.size());
}

/// Beyond its condition Theorem 4.3 promises nothing; where it fails nowhere, it would be idle.
void judge_control(const Results& results, Claim& claim) {
  const auto& values = results.group({{"setup", "example"}}).values("rank_outside");
  const auto fails = std::ranges::count_if(values, [](double value) { return value > not_above; });
  claim.measured = fmt::format("its conclusion fails in {} of {} cases beyond it", fails, values.size());
  claim.verdict = fails > 0 ? Verdict::Holds : Verdict::DoesNotHold;
  claim.why = "A control: entries c = kappa / d with kappa up to 10, where 1/12 is enough.";
}

void judge_vanishing(const Results& results, Claim& claim) {
  const auto& group = results.group({{"setup", "rectangles"}});
  claim.measured = fmt::format("{:.1g}, {:.1g}, {:.1g}", group.median("nuclear_1e-1"), group.median("nuclear_1e-3"),
                               group.median("nuclear_1e-6"));
  const bool falls = group.median("nuclear_1e-1") > group.median("nuclear_1e-3") &&
                     group.median("nuclear_1e-3") > group.median("nuclear_1e-6");
  claim.verdict = falls ? Verdict::Holds : Verdict::DoesNotHold;
  claim.why = "Median of the nuclear norm over the smallest one, less 1, for entries of size 1e-1, 1e-3, 1e-6.";
}

std::vector<Claim> claims(const Results& results) {
  std::vector<Claim> all;
  for (const Setup& setup : setups())
    for (const Statement& statement : setup.statements)
      all.push_back(judge({.claim = statement.claim,
                           .source = "paper 002, " + statement.source,
                           .printed = statement.is_bound() ? "a bound" : "exact"},
                          [&](Claim& c) { judge_statement(results, setup, statement, c); }));
  all.push_back(judge({.claim = "The condition of Theorem 4.3 is needed", .source = "control", .printed = "-"},
                      [&](Claim& c) { judge_control(results, c); }));
  all.push_back(judge({.claim = "Complete rectangles: the excess of the nuclear norm vanishes with the start",
                       .source = "paper 002, section 1, after Bai et al. 2024",
                       .printed = "to 0"},
                      [&](Claim& c) { judge_vanishing(results, c); }));
  return all;
}

Parameter setup_parameter() {
  Parameter parameter{.name = "setup", .help = "the family of random cases"};
  for (const Setup& setup : setups()) parameter.quick.emplace_back(setup.name);
  return parameter;
}

const Register theorems{Experiment{
    .id = "completion/theorems",
    .title = "Theorems and lemmas in random cases",
    .question = "Does what is proved about deep completion hold in random cases, and how tight are its bounds?",
    .observe =
        "No case violates a statement. Theorem 3.1 and the singular values of Theorem 4.2 come close to their bounds, "
        "the lazy regime of Theorem 4.3 stays far below.",
    .source = "paper 002, theorems and lemmas",
    .parameters = {setup_parameter()},
    .trials = {.quick = 200, .paper = 1000},
    .seconds = {.quick = 2, .paper = 8},
    .trial = trial,
    .figures = figures,
    .claims = claims}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
