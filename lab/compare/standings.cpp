// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/compare/standings.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace sigmagrad::lab::detail {

namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr double far = 1000;  // the logarithm of the ratio to a loss that is infinite

// A number for each trial that was recorded at all, infinite where this one was not.
ByTrial with_infinity(const Group& group, const Quantity& quantity) {
  auto all = recorded(group, compared::rate.name);
  const auto known = recorded(group, quantity.name);
  for (auto& [trial, value] : all) {
    const auto found = known.find(trial);
    value = found == known.end() ? never : found->second;
  }
  return all;
}

// Losses within a millionth of each other are equal, and so are those that a training cannot tell from 0 in f64: below
// 1e-12 of the start's. Infinite ones are a thousand powers of e away.
double log_ratio(double a, double b, double floor) {
  constexpr double equal = 1e-6;
  if (a == b) return 0;
  const double ratio = std::clamp(std::log(std::max(a, floor)) - std::log(std::max(b, floor)), -far, far);
  return std::abs(ratio) <= equal ? 0 : ratio;
}

// A logarithm, or the mean of two, that is of a trial that diverged makes it infinite or 0, not some number between.
double ratio_of(double logarithm) {
  if (std::abs(logarithm) < far / 4.0) return std::exp(logarithm);
  return logarithm > 0 ? never : 0.0;
}

double difference(double a, double b, double scale) {
  constexpr double largest = 1e300, equal = 1e-6;
  if (a == b) return 0;
  const double d = std::clamp(a - b, -largest, largest);
  return std::abs(d) <= equal * scale ? 0 : d;
}

Versus versus(const Standing& one, const Standing& other, const ByTrial& at_start) {
  Versus found{.one = &one, .other = &other};
  std::vector<double> differences;
  for (const auto* side : {&one, &other})
    for (const auto& [trial, loss] : side->final_loss) found.is_ratio = found.is_ratio && loss >= 0;
  for (const auto& [trial, loss] : one.final_loss) {
    const auto same = other.final_loss.find(trial);
    if (same == other.final_loss.end()) continue;
    const auto start = at_start.find(trial);
    const double scale = start == at_start.end() ? 0 : std::abs(start->second);
    const double floor = std::max(1e-12 * scale, std::numeric_limits<double>::min());
    differences.push_back(found.is_ratio ? log_ratio(loss, same->second, floor)
                                         : difference(loss, same->second, scale));
  }
  if (differences.empty()) return found;
  found.p = signed_rank_p(differences);
  found.centre = lab::centre(differences);
  found.is_one_lower = found.centre.value < 0;
  if (found.is_ratio) {
    auto& [value, interval] = found.centre;
    for (double* number : {&value, &interval.low, &interval.high}) *number = ratio_of(*number);
  }
  // Among many that are equal the centre is 0, even if all others have one sign.
  if (std::erase(differences, 0.0) > 0 && !differences.empty()) found.is_one_lower = lab::centre(differences).value < 0;
  return found;
}

}  // namespace

std::vector<double> values_of(const ByTrial& numbers) {
  std::vector<double> values;
  for (const auto& [trial, value] : numbers) values.push_back(value);
  return values;
}

ByTrial recorded(const Group& group, const std::string& metric) {
  ByTrial numbers;
  if (!group.has(metric)) return numbers;
  const auto& values = group.values(metric);
  const auto& trials = group.trials_of(metric);
  for (std::size_t i = 0; i < values.size(); ++i) numbers[trials[i]] = values[i];
  return numbers;
}

std::vector<Standings> standings_of(const Setup& setup, const Results& results) {
  std::vector<Standings> all;
  for (const Group* group : results.where()) {
    if (!group->has(compared::rate)) continue;  // every trial failed
    Assignments where;
    for (const auto& item : group->params().items())
      if (item.first != compared::candidate.name) where.push_back(item);
    auto same = std::ranges::find(all, where, &Standings::where);
    if (same == all.end()) same = all.insert(same, {std::move(where), &setup.problem_of(group->params()), {}});
    same->all.push_back({group, &setup.candidate_of(group->params()), with_infinity(*group, compared::final_loss),
                         with_infinity(*group, compared::steps_to_target)});
  }
  return all;
}

std::vector<Versus> versus_all(const Standings& standings) {
  std::vector<Versus> all;
  const auto& some = standings.all;
  for (std::size_t i = 0; i < some.size(); ++i)
    for (std::size_t j = i + 1; j < some.size(); ++j)
      all.push_back(versus(some[i], some[j], recorded(*some[i].group, point_name(compared::loss.name, 0))));
  std::vector<double> p_values;
  for (const Versus& one : all) p_values.push_back(one.p);
  const auto corrected = holm(p_values);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].p = corrected[i];
  return all;
}

const Standing* Versus::better() const {
  if (p > 0.05) return nullptr;
  return is_one_lower ? one : other;
}

std::vector<double> tuning_losses(const Standing& standing, std::size_t setting) {
  const auto name = point_name(compared::tuning.name, static_cast<double>(setting));
  return values_of(with_infinity(*standing.group, {.name = name}));
}

std::vector<double> setting_losses(const Standing& standing) {
  std::vector<double> losses;
  for (std::size_t i = 0; i < standing.candidate->settings.size(); ++i)
    losses.push_back(quantile(tuning_losses(standing, i), 0.5));
  return losses;
}

}  // namespace sigmagrad::lab::detail
