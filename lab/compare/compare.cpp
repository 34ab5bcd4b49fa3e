// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/compare/compare.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#include <sigmagrad/lab/compare/outcome.hpp>
#include <sigmagrad/lab/compare/setup.hpp>
#include <sigmagrad/lab/compare/tuning.hpp>

namespace sigmagrad::lab {

namespace {

using detail::Setup;

void record_tuning(Trial& t, const detail::Tuned& tuned, const Candidate& candidate) {
  t.record(compared::rate, candidate.settings[tuned.setting].rate);
  t.record(compared::setting, static_cast<double>(tuned.setting));
  for (std::size_t i = 0; i < tuned.validation.size(); ++i)
    if (const auto loss = detail::loss_of_setting(tuned.validation[i]))
      t.record(compared::tuning, static_cast<double>(i), *loss);
}

void record_outcome(Trial& t, const detail::Outcome& outcome, const Problem& problem) {
  for (const auto& [step, loss] : outcome.losses) t.record(compared::loss, static_cast<double>(step), loss);
  if (const auto loss = outcome.final_loss()) t.record(compared::final_loss, *loss);
  if (problem.target) {
    const auto steps = outcome.steps_to(*problem.target);
    t.record(compared::reached, steps ? 1 : 0);
    if (steps) t.record(compared::steps_to_target, static_cast<double>(*steps));
  }
  for (const auto& [name, value] : outcome.recorded.items()) t.record(Quantity{.name = name}, value);
  t.record(diverged, outcome.diverged ? 1 : 0);
  t.record(compared::step_time, 1e6 * outcome.step_seconds);
}

void run_trials_of(const Setup& setup, std::span<Trial> trials) {
  const auto& params = trials.front().params();
  const Problem& problem = setup.problem_of(params);
  const Candidate& candidate = setup.candidate_of(params);
  const auto steps = params[compared::steps];
  const auto tuned = detail::tune(problem, candidate, trials, steps, setup.comparison.tuning_seeds);
  std::vector<detail::Attempt> attempts;
  for (std::size_t k = 0; k < trials.size(); ++k)
    attempts.push_back({detail::comparison_trial(trials[k].key()), tuned[k].setting});
  const auto outcomes = detail::train_all(problem, candidate, attempts, {.steps = steps});
  for (std::size_t k = 0; k < trials.size(); ++k) {
    record_tuning(trials[k], tuned[k], candidate);
    record_outcome(trials[k], outcomes[k], problem);
  }
}

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  for (const auto& one : all) names.push_back(one.name);
  return names;
}

std::vector<Parameter> parameters_of(const Setup& setup) {
  auto candidate = compared::candidate;
  candidate.paper = candidate.choices = names_of(setup.candidates);
  candidate.quick = setup.comparison.quick.empty() ? candidate.paper : setup.comparison.quick;
  auto problem = compared::problem;
  problem.quick = names_of(setup.problems);
  auto steps = compared::steps;
  const bool any_reduced =
      std::ranges::any_of(setup.problems, [](const Problem& one) { return one.steps.reduced != 0; });
  for (const Problem& one : setup.problems)
    for (auto [preset, values] : {std::pair(Preset::Quick, &steps.quick), std::pair(Preset::Reduced, &steps.reduced),
                                  std::pair(Preset::Paper, &steps.paper)})
      if (std::ranges::find(*values, one.steps[preset]) == values->end() && (preset != Preset::Reduced || any_reduced))
        values->push_back(one.steps[preset]);
  std::vector<Parameter> all{problem};
  all.insert(all.end(), setup.problems.front().parameters.begin(), setup.problems.front().parameters.end());
  all.push_back(steps);
  all.push_back(candidate);
  return all;
}

// Problems with budgets of their own meet each other's in the grid; a user's number is for all.
bool is_budget_of(const Setup& setup, const Params& params) {
  const auto steps = params[compared::steps];
  const auto has = [steps](const Problem& one) {
    return one.steps.quick == steps || one.steps[Preset::Reduced] == steps || one.steps[Preset::Paper] == steps;
  };
  return has(setup.problem_of(params)) || std::ranges::none_of(setup.problems, has);
}

std::vector<FigureSource> figures_of(const std::shared_ptr<const Setup>& setup) {
  const auto facets = setup->facets();
  std::vector<FigureSource> all{
      figure("",
             "The validation loss of each candidate at its tuned settings, on seeds that no tuning has seen; the final "
             "loss of the settings that were tried, on the tuning seeds, against the rate; and what half of those end "
             "below who try so many settings drawn at random. Medians; bands, of up to nine candidates, are quartiles.")
          .panels([setup](const Results& results) { return detail::comparison_panels(*setup, results); })
          .each(facets),
      figure("tries",
             "The median of the best of so many settings, with a band that holds for all numbers of tries at once with "
             "95%, whatever the distribution of a setting's loss, if settings are drawn at random, which those of a "
             "grid are not. Where it is open it ends at the panel's edge.")
          .panels([setup](const Results& results) { return detail::tries_panels(*setup, results); })
          .each(facets)};
  if (std::ranges::any_of(setup->problems, [](const Problem& one) { return one.target.has_value(); }))
    all.emplace_back(figure("profile",
                            "The part of all trials, each on its problem and seed, in which a candidate reached the "
                            "target within a multiple of the fewest steps that any candidate took.")
                         .panels([setup](const Results& results) { return detail::profile_panels(*setup, results); })
                         .whole());
  return all;
}

}  // namespace

Experiment compare(std::string id, std::vector<Problem> problems, std::vector<Candidate> candidates,
                   ComparisonOptions comparison) {
  const auto setup = std::make_shared<const Setup>(
      Setup{std::move(id), std::move(problems), std::move(candidates), std::move(comparison)});
  const auto& what = setup->comparison;
  Experiment experiment{.id = setup->id,
                        .title = what.title,
                        .question = what.question,
                        .observe = what.observe,
                        .source = what.source,
                        .trials = what.trials,
                        .seconds = what.seconds,
                        .batch = [setup](std::span<Trial> trials) { run_trials_of(*setup, trials); },
                        .claims = what.claims,
                        .wrong = detail::what_is_wrong(*setup)};
  if (!experiment.wrong.empty()) return experiment;
  experiment.parameters = parameters_of(*setup);
  experiment.valid = [setup](const Params& params) { return is_budget_of(*setup, params); };
  experiment.valid_rule = "each problem has its own budget of steps";
  experiment.figures = figures_of(setup);
  experiment.tables = {[setup](const Results& results) { return detail::comparison_tables(*setup, results); }};
  return experiment;
}

}  // namespace sigmagrad::lab
