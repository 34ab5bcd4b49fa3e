// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/compare/tuning.hpp>

#include <utility>

namespace sigmagrad::lab::detail {

std::vector<Outcome> train_all(const Problem& problem, const Candidate& candidate, const std::vector<Attempt>& attempts,
                               const Budget& budget) {
  std::vector<Outcome> outcomes(attempts.size());
  for (std::size_t v = 0; v < candidate.variants.size(); ++v) {
    const Variant& variant = candidate.variants[v];
    std::vector<std::size_t> places;
    std::vector<Run> runs;
    for (std::size_t k = 0; k < attempts.size(); ++k) {
      const Setting& setting = candidate.settings[attempts[k].setting];
      if (setting.variant != v) continue;
      places.push_back(k);
      runs.push_back({attempts[k].trial, setting.rate});
    }
    if (runs.empty()) continue;
    if (train_together(problem, variant, runs.front().trial)) {
      auto together = train_ensemble(problem, variant, runs, budget);
      for (std::size_t i = 0; i < places.size(); ++i) outcomes[places[i]] = std::move(together[i]);
    } else {
      for (std::size_t i = 0; i < places.size(); ++i) outcomes[places[i]] = train(problem, variant, runs[i], budget);
    }
  }
  return outcomes;
}

std::vector<Tuned> tune(const Problem& problem, const Candidate& candidate, std::span<const Trial> trials,
                        std::int64_t steps, std::int64_t seeds) {
  std::vector<Attempt> attempts;
  for (const Trial& t : trials)
    for (std::size_t i = 0; i < candidate.settings.size(); ++i)
      for (std::int64_t j = 0; j < seeds; ++j) attempts.push_back({tuning_trial(t.key(), j, seeds), i});
  const auto outcomes = train_all(problem, candidate, attempts, tuning_budget(steps));
  auto outcome = outcomes.begin();
  std::vector<Tuned> all(trials.size());
  for (Tuned& tuned : all) {
    tuned.validation.resize(candidate.settings.size());
    for (auto& losses : tuned.validation)
      for (std::int64_t j = 0; j < seeds; ++j) losses.push_back((outcome++)->final_loss());
    tuned.setting = best_setting(tuned.validation);
  }
  return all;
}

}  // namespace sigmagrad::lab::detail
