// SPDX-License-Identifier: BSD-3-Clause
// Does what paper 002 proves hold in random cases, and how tight are its bounds?
#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/experiments/completion/summaries.hpp>
#include <sigmagrad/experiments/completion/theorem_checks.hpp>

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
  std::string number;
  Statistics statistics;
};

// The second word of "Lemma E.2", "Lemmas D.2 to D.4" or "section 1, after Bai et al. 2024".
std::string number_of(const std::string& source) {
  const auto begin = source.find(' ') + 1;
  return source.substr(begin, source.find_first_of(" ,", begin) - begin);
}

// Every statement of a kind that was tested, but those met exactly.
std::vector<Tested> tested(const Results& results, bool bounds) {
  std::vector<Tested> all;
  for (const Group* group : results.where())
    for (const Statement& statement : setup_of(group->params()).statements)
      if (statement.is_bound() == bounds && group->has(statement.metric))
        if (const auto s = group->statistics(statement.metric); s.max > 0.0)
          all.push_back({number_of(statement.source), s});
  return all;
}

constexpr std::size_t side_by_side = 11;

// A panel for each few statements.
std::vector<Panel> panels_of(const std::vector<Tested>& statements, const std::string& title,
                             const std::string& y_label) {
  std::vector<Panel> panels;
  for (std::size_t first = 0; first < statements.size(); first += side_by_side) {
    Panel panel{.title = title, .x_label = "number in the paper", .y_label = y_label, .log_y = true};
    Series middle{.label = "median, quartiles", .kind = Kind::Points, .role = Role::Median};
    Series worst{.label = "largest", .kind = Kind::Points};
    for (std::size_t i = first; i < std::min(first + side_by_side, statements.size()); ++i) {
      const auto& [number, s] = statements[i];
      const auto x = static_cast<double>(panel.categories.size());
      panel.categories.push_back(number);
      worst.x.push_back(x), worst.y.push_back(s.max);
      if (s.median <= 0.0) continue;
      middle.x.push_back(x), middle.y.push_back(s.median);
      middle.low.push_back(s.q25), middle.high.push_back(s.q75);
    }
    panel.series = {middle, worst};
    panels.push_back(panel);
  }
  return panels;
}

std::vector<Figure> figures(const Results& results) {
  Figure bounds{.name = "completion-theorems-bounds",
                .caption =
                    "Random cases, statements in the order of the claims: the largest ratio, over a flow, of "
                    "what is bounded to its bound. 1 is tight, and above a bound is violated.",
                .panels = panels_of(tested(results, true), "Bounds", "bounded over bound")};
  for (Panel& panel : bounds.panels)
    panel.series.push_back(theory({0.0, static_cast<double>(panel.categories.size() - 1)}, {1.0, 1.0}, "the bound"));
  return {
      bounds,
      {.name = "completion-theorems-equalities",
       .caption = "Random cases: the largest relative error, over a flow, of each equality that is not met exactly.",
       .panels = panels_of(tested(results, false), "Equalities", "relative error")}};
}

void judge_statement(const Results& results, const Setup& setup, const Statement& statement, Claim& claim) {
  const auto& values = results.group({{"setup", setup.name}}).values(statement.metric);
  const auto violated = std::ranges::count_if(values, [&](double value) { return value > statement.limit; });
  const auto s = statistics(values);
  claim.measured = statement.is_bound() ? fmt::format("at most {:.3g} of the bound, median {:.2g}", s.max, s.median)
                   : s.max > 0.0        ? fmt::format("off by at most {:.1g}", s.max)
                                        : std::string("never off");
  claim.verdict = verdict(violated == 0);
  claim.why = fmt::format("{} of {} random cases violate it.", violated, values.size());
}

// Beyond its condition Theorem 4.3 promises nothing; where it fails nowhere, it would be idle.
void judge_control(const Results& results, Claim& claim) {
  const auto& values = results.group({{"setup", "example"}}).values("rank_outside");
  const auto fails = std::ranges::count_if(values, [](double value) { return value > not_above; });
  claim.measured = fmt::format("its conclusion fails in {} of {} cases beyond it", fails, values.size());
  claim.verdict = verdict(fails > 0);
  claim.why = "A control: entries c = kappa / d with kappa up to 10, where 1/12 is enough.";
}

void judge_vanishing(const Results& results, Claim& claim) {
  const auto& group = results.group({{"setup", "rectangles"}});
  claim.measured = fmt::format("{:.1g}, {:.1g}, {:.1g}", group.median("nuclear_1e-1"), group.median("nuclear_1e-3"),
                               group.median("nuclear_1e-6"));
  const bool falls = group.median("nuclear_1e-1") > group.median("nuclear_1e-3") &&
                     group.median("nuclear_1e-3") > group.median("nuclear_1e-6");
  claim.verdict = verdict(falls);
  claim.why = "Median of the nuclear norm over the smallest one, less 1, for entries of size 1e-1, 1e-3, 1e-6.";
}

std::vector<Claim> claims(const Results& results) {
  std::vector<Judgement> all;
  for (const Setup& setup : setups())
    for (const Statement& statement : setup.statements)
      all.push_back({{.claim = statement.claim,
                      .source = "paper 002, " + statement.source,
                      .printed = statement.is_bound() ? "a bound" : "exact"},
                     [&setup, &statement](const Results& r, Claim& c) { judge_statement(r, setup, statement, c); }});
  all.push_back(
      {{.claim = "The condition of Theorem 4.3 is needed", .source = "control", .printed = "-"}, judge_control});
  all.push_back({{.claim = "Complete rectangles: the excess of the nuclear norm vanishes with the start",
                  .source = "paper 002, section 1, after Bai et al. 2024",
                  .printed = "to 0"},
                 judge_vanishing});
  return judge_all(results, all);
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
