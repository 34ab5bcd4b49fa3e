// SPDX-License-Identifier: BSD-3-Clause
// Does what paper 002 proves hold in random cases, and how tight are its bounds?
#include <algorithm>

#include <sigmagrad/experiments/completion/theorem_statements.hpp>
#include <sigmagrad/lab/model/experiment.hpp>

namespace sigmagrad::experiments::completion {
namespace {

struct Setup {
  std::string name;
  void (*check)(Trial& t);
  std::vector<Statement> statements;
};

const std::vector<Setup> setups{
    {"column", column::check, {column::alignment, column::half_zero}},
    {"disconnected", disconnected::check, {disconnected::closed_form}},
    {"rectangles", rectangles::check, {rectangles::nuclear_6}},
    {"warm",
     warm::check,
     {warm::loss, warm::rank, warm::sigma_1, warm::sigma_2, warm::symmetry, warm::positive, warm::diagonal,
      warm::shown_entry, warm::hidden_entry, warm::determinant, warm::gram}},
    {"lazy",
     lazy::check,
     {lazy::loss, lazy::distance, lazy::shift, lazy::rank, lazy::lipschitz, lazy::smallest_value, lazy::largest_value}},
    {"example", example::check, {example::spectrum, example::sufficient, example::rank_inside}},
    {"blocks",
     block_diagonal::check,
     {block_diagonal::family, block_diagonal::eigenvalues, block_diagonal::conserved, block_diagonal::sign,
      block_diagonal::decay, block_diagonal::monotone, block_diagonal::rank_growth, block_diagonal::corollary}},
    {"gradients", gradients::check, {gradients::gram, gradients::shallow, gradients::deep, gradients::coupling}},
    {"patterns",
     patterns::check,
     {patterns::isometry, patterns::all_observed, patterns::definition, patterns::block_starts, patterns::all_zero}},
    {"balanced",
     balanced::check,
     {balanced::speeds, balanced::determinant, balanced::powers, balanced::balancedness, balanced::falling_loss,
      balanced::determinants}}};

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Setup& one : setups) all.push_back(one.name);
  return all;
}

const Text setup{.name = "setup", .help = "the family of random cases", .quick = names()};

const Setup& setup_of(const Params& p) { return *std::ranges::find(setups, p[setup], &Setup::name); }

void trial(Trial& t) { setup_of(t.params()).check(t); }

// The second word of "Lemma E.2", "Lemmas D.2 to D.4" or "section 1, after Bai et al. 2024".
std::string number_of(const std::string& source) {
  const auto begin = source.find(' ') + 1;
  return source.substr(begin, source.find_first_of(" ,", begin) - begin);
}

// Adds a statement to a panel of medians and of largest values.
void add(Panel& panel, const Statement& statement, const Statistics& s) {
  if (panel.series.empty())
    panel.series = {{.label = "median, quartiles", .kind = Kind::Points, .role = Role::Median},
                    {.label = "largest", .kind = Kind::Points}};
  Series &middle = panel.series[0], &worst = panel.series[1];
  const auto x = static_cast<double>(panel.categories.size());
  panel.categories.push_back(number_of(statement.source));
  worst.x.push_back(x), worst.y.push_back(s.max);
  if (s.median <= 0.0) return;
  middle.x.push_back(x), middle.y.push_back(s.median);
  middle.low.push_back(s.q25), middle.high.push_back(s.q75);
}

// Every statement of a kind that was tested, but those met exactly: a panel for each few of them.
std::vector<Panel> panels(const Results& results, bool bounds) {
  constexpr std::size_t side_by_side = 11;
  std::vector<Panel> all;
  for (const Group* group : results.where())
    for (const Statement& statement : setup_of(group->params()).statements) {
      if (statement.is_bound() != bounds || !group->has(statement)) continue;
      const auto s = group->statistics(statement);
      if (s.max <= 0.0) continue;
      if (all.empty() || all.back().categories.size() == side_by_side)
        all.push_back({.title = bounds ? "Bounds" : "Equalities",
                       .x_label = "number in the paper",
                       .y_label = bounds ? "bounded over bound" : "relative error",
                       .log_y = true});
      add(all.back(), statement, s);
    }
  return all;
}

std::vector<Panel> bounds(const Results& results) {
  auto all = panels(results, true);
  for (Panel& panel : all)
    panel.series.push_back(
        theory_line({0.0, static_cast<double>(panel.categories.size() - 1)}, {1.0, 1.0}, "the bound"));
  return all;
}

// The one judge of all statements: no case is above the limit.
std::vector<Claim> claims() {
  std::vector<Claim> all;
  for (const Setup& one : setups)
    for (const Statement& statement : one.statements) {
      const auto worst = largest(statement).at(setup == one.name);
      const std::string text = statement.is_bound() ? "largest part of the bound" : "largest error";
      all.push_back({.claim = statement.claim,
                     .source = "paper 002, " + statement.source,
                     .says = statement.is_bound() ? "a bound" : "exact",
                     .holds = worst.called(text) <= statement.limit,
                     .why = statement.is_bound()
                                ? "The largest ratio of what is bounded to its bound, over all random cases and "
                                  "times: 1 is at the bound, and more breaks it."
                                : "The largest of all random cases counts; an inequality with 0 is met by any "
                                  "number that is not positive."});
    }
  const auto excess = [](const Quantity& of) { return median(of).at(setup == "rectangles"); };
  all.push_back(
      {.claim = "The condition of Theorem 4.3 is needed",
       .source = "control",
       .says = "-",
       .holds = share_above(example::rank_outside, not_above).at(setup == "example") > 0.0,
       .why =
           "A control: entries c = kappa / d with kappa up to 10, where 1/12 is enough. Beyond its condition Theorem "
           "4.3 promises nothing; if it failed nowhere, it would be idle."});
  all.push_back({.claim = "Complete rectangles: the excess of the nuclear norm vanishes with the start",
                 .source = "paper 002, section 1, after Bai et al. 2024",
                 .says = "to 0",
                 .holds = excess(rectangles::nuclear_1) > excess(rectangles::nuclear_3) &&
                          excess(rectangles::nuclear_3) > excess(rectangles::nuclear_6),
                 .why = "Nuclear norm over the smallest one, less 1, for entries of size 1e-1, 1e-3, 1e-6."});
  return all;
}

const Register theorems{
    {.id = "completion/theorems",
     .title = "Theorems and lemmas in random cases",
     .question = "Does what is proved about deep completion hold in random cases, and how tight are its bounds?",
     .observe =
         "No case violates a statement. Theorem 3.1 and the singular values of Theorem 4.2 come close to their bounds, "
         "the lazy regime of Theorem 4.3 stays far below.",
     .source = "paper 002, theorems and lemmas",
     .parameters = {setup},
     .trials = {.quick = 150, .paper = 1000},
     .seconds = {.quick = 1, .paper = 8},
     .trial = trial,
     .figures = {figure("bounds",
                        "Random cases, statements in the order of the claims: the largest ratio, over a flow, of what "
                        "is bounded to its bound. 1 is tight, and above a bound is violated.")
                     .panels(bounds)
                     .whole(),
                 figure("equalities",
                        "Random cases: the largest relative error, over a flow, of each equality that is not met "
                        "exactly.")
                     .panels([](const Results& r) { return panels(r, false); })
                     .whole()},
     .claims = claims()}};

}  // namespace
}  // namespace sigmagrad::experiments::completion
