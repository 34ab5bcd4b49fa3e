// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include <sigmagrad/lab/compare/standings.hpp>
#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::lab::detail {

namespace {

// "0.0123 [0.0119, 0.013]"
std::string with_interval(double value, const Interval& interval) {
  const bool open = interval.low <= 0 && (interval.low == 0 || std::isinf(interval.low)) && std::isinf(interval.high);
  if (open) return fmt::format("{} [too few trials]", short_number(value));
  return fmt::format("{} [{}, {}]", short_number(value), short_number(interval.low), short_number(interval.high));
}

// The median of numbers of which those that are missing count as infinite.
std::string median_text(const std::vector<double>& values, const std::string& if_infinite) {
  if (values.empty()) return "-";
  const double median = statistics(values).median;
  return std::isfinite(median) ? with_interval(median, median_interval(values)) : if_infinite;
}

// What tells the settings from each other.
std::vector<std::string> varying_of(const std::vector<Standings>& all) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < all.front().where.size(); ++i)
    if (std::ranges::any_of(all, [&](const Standings& one) { return one.where[i] != all.front().where[i]; }))
      names.push_back(all.front().where[i].first);
  return names;
}

std::vector<std::string> place_of(const Standings& standings, const std::vector<std::string>& names) {
  std::vector<std::string> cells;
  for (const auto& [name, value] : standings.where)
    if (std::ranges::find(names, name) != names.end()) cells.push_back(to_text(value));
  return cells;
}

double median_step_time(const Standing& standing) {
  const auto times = values_of(recorded(*standing.group, compared::step_time.name));
  return times.empty() ? NAN : statistics(times).median;
}

// "rate 0.01 in 9 of 12 (largest rate tried)": the setting that most trials were tuned to, the first of several.
std::string setting_text(const Standing& standing) {
  const auto& chosen = standing.group->values(compared::setting);
  std::map<std::size_t, std::size_t> counts;
  for (const double setting : chosen) ++counts[static_cast<std::size_t>(setting)];
  const auto [setting, count] = *std::ranges::max_element(counts, {}, [](const auto& one) { return one.second; });
  const auto edge = standing.candidate->edge_of(setting);
  return standing.candidate->text_of(setting) +
         (count == chosen.size() ? "" : fmt::format(" in {} of {}", count, chosen.size())) +
         (edge.empty() ? "" : " (" + edge + ")");
}

// A time of this machine: the steps to the target times what a step of the same trial took.
std::string seconds_text(const Standing& standing) {
  auto seconds = standing.steps;
  const auto times = recorded(*standing.group, compared::step_time.name);
  for (auto& [trial, steps] : seconds)
    if (const auto time = times.find(trial); time != times.end()) steps *= 1e-6 * time->second;
  return median_text(values_of(seconds), "not reached");
}

std::string names_of_worse(const Standing& standing, const std::vector<Versus>& pairs) {
  std::vector<std::string> names;
  for (const Versus& pair : pairs)
    if (pair.better() == &standing) names.push_back((pair.one == &standing ? pair.other : pair.one)->candidate->name);
  return names.empty() ? "-" : fmt::format("{}", fmt::join(names, "; "));
}

std::vector<std::string> standing_row(const Standings& standings, const Standing& standing,
                                      const std::vector<Versus>& pairs) {
  const auto& settings = standing.candidate->settings;
  const auto sgd =
      std::ranges::find_if(standings.all, [](const Standing& one) { return one.candidate->name == "sgd"; });
  const auto& first = sgd == standings.all.end() ? standings.all.front() : *sgd;
  const bool target = standings.problem->target.has_value();
  const auto finite = std::ranges::count_if(standing.steps, [](const auto& one) { return std::isfinite(one.second); });
  const auto lost = recorded(*standing.group, diverged.name);
  const auto lost_count = std::ranges::count_if(lost, [](const auto& one) { return one.second > 0; });
  const auto trials = standing.final_loss.size();
  return {standing.candidate->name,
          setting_text(standing),
          fmt::format("{}", settings.size()),
          median_text(values_of(standing.final_loss), "diverged"),
          names_of_worse(standing, pairs),
          target ? median_text(values_of(standing.steps), "not reached") : "-",
          target ? fmt::format("{} of {}", finite, trials) : "-",
          fmt::format("{} of {}", lost_count, trials),
          target ? seconds_text(standing) : "-",
          fmt::format("{} us, {:.2f} x {}", short_number(median_step_time(standing)),
                      median_step_time(standing) / median_step_time(first), first.candidate->name)};
}

// A target that nobody reached says nothing of anybody.
std::string unreached_note(const std::vector<Standings>& all, const std::vector<std::string>& varying) {
  std::string note;
  for (const Standings& standings : all) {
    const bool reached = std::ranges::any_of(standings.all, [](const Standing& one) {
      return std::ranges::any_of(one.steps, [](const auto& steps) { return std::isfinite(steps.second); });
    });
    if (reached || !standings.problem->target) continue;
    Assignments told;
    for (const auto& item : standings.where)
      if (std::ranges::find(varying, item.first) != varying.end()) told.push_back(item);
    note += fmt::format(" No candidate reached the target of {} in any trial{}: steps to it compare nobody.",
                        short_number(*standings.problem->target), told.empty() ? "" : " at " + to_text(told));
  }
  return note;
}

std::string seeds_text(std::int64_t count) {
  return count == 1 ? "a tuning seed" : fmt::format("{} tuning seeds", count);
}

Table candidates_table(const Setup& setup, const std::vector<Standings>& all) {
  const auto varying = varying_of(all);
  Table table{.name = "candidates", .title = "Candidates", .header = varying};
  for (const auto* name : {"candidate", "tuned setting", "settings tried", "final validation loss", "better than",
                           "steps to target", "reached", "diverged", "seconds to target", "time of a step"})
    table.header.emplace_back(name);
  table.clocks = {table.header.size() - 2, table.header.size() - 1};
  for (const Standings& standings : all) {
    const auto pairs = versus_all(standings);
    for (const Standing& standing : standings.all) {
      table.rows.push_back(place_of(standings, varying));
      std::ranges::move(standing_row(standings, standing, pairs), std::back_inserter(table.rows.back()));
    }
  }
  table.note = fmt::format(
      "Each trial chose its setting by the final validation loss on {} of its own, and was then trained on another; "
      "the one that most chose is listed. Medians over the trials [with intervals that cover them with 95% or more]; a "
      "trial that diverged, or did not reach the target, "
      "counts as infinite. Better: by the test of the table of pairs. Seconds and times are processor times of this "
      "machine; of models that were trained as an ensemble they are a model's share.{}",
      seeds_text(setup.comparison.tuning_seeds), unreached_note(all, varying));
  return table;
}

// The smallest p of n trials is 2^(1 - n), before it is corrected for the number of pairs.
std::string too_few_note(const std::vector<Standings>& all) {
  std::size_t trials = all.front().all.front().final_loss.size(), needed = 0;
  for (const Standings& standings : all) {
    const auto candidates = static_cast<double>(standings.all.size());
    const double pairs = candidates * (candidates - 1.0) / 2.0;
    needed = std::max(needed, static_cast<std::size_t>(1.0 + std::ceil(std::log2(std::max(pairs, 1.0) / 0.05))));
    for (const Standing& standing : standings.all) trials = std::min(trials, standing.final_loss.size());
  }
  if (trials >= needed) return {};
  return fmt::format(" With so many pairs it takes {} trials to call one better (there are {}).", needed, trials);
}

Table pairs_table(const std::vector<Standings>& all) {
  const auto varying = varying_of(all);
  Table table{.name = "pairs", .title = "Pairs of candidates", .header = varying};
  for (const auto* name : {"one", "other", "final loss of one over that of the other", "p", "verdict"})
    table.header.emplace_back(name);
  bool ratios = true;
  for (const Standings& standings : all)
    for (const Versus& pair : versus_all(standings)) {
      const Standing* better = pair.better();
      ratios = ratios && pair.is_ratio;
      table.rows.push_back(place_of(standings, varying));
      const std::vector<std::string> cells{pair.one->candidate->name, pair.other->candidate->name,
                                           with_interval(pair.centre.value, pair.centre.interval),
                                           fmt::format("{:.2g}", pair.p),
                                           better == nullptr ? "tie" : better->candidate->name + " is better"};
      std::ranges::copy(cells, std::back_inserter(table.rows.back()));
    }
  table.note = fmt::format(
      "{} on the same seeds: centre (Hodges and Lehmann) [interval that covers it with 95%]; p by the signed-rank "
      "test, corrected by Holm for all pairs of a setting. A pair with p above 0.05 is a tie.{}",
      ratios ? "Ratios" : "Ratios, or differences where a loss is negative,", too_few_note(all));
  return table;
}

}  // namespace

std::vector<Table> comparison_tables(const Setup& setup, const Results& results) {
  const auto all = standings_of(setup, results);
  if (all.empty()) return {};
  std::vector<Table> tables{candidates_table(setup, all)};
  if (auto pairs = pairs_table(all); !pairs.rows.empty()) tables.push_back(std::move(pairs));
  return tables;
}

}  // namespace sigmagrad::lab::detail
