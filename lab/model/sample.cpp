// SPDX-License-Identifier: BSD-3-Clause
// The trials that a statistic is made of, and resamples of them.
#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/lab/model/expression.hpp>

namespace sigmagrad::lab {

const std::vector<std::int32_t>& detail::Resample::of(std::int64_t trials) const {
  auto& draws = counts[trials];
  if (!draws.empty()) return draws;
  draws.assign(static_cast<std::size_t>(trials), number == 0 ? 1 : 0);
  if (number == 0) return draws;
  constexpr std::uint64_t purpose = 0x726573616d706c65;  // no stream of a trial
  Generator generator(number, static_cast<std::uint64_t>(trials), purpose);
  std::vector<std::int64_t> drawn(draws.size());
  generator.integers(0, trials, drawn);
  for (const std::int64_t trial : drawn) ++draws[static_cast<std::size_t>(trial)];
  return draws;
}

const detail::Recorded& detail::Resample::redrawn(const Recorded& recorded, std::int64_t trials) const {
  auto& drawn = read[&recorded];
  if (!drawn.values.empty()) return drawn;
  const auto& draws = of(std::max(trials, recorded.trials.back() + 1));
  for (std::size_t i = 0; i < recorded.values.size(); ++i) {
    const auto times = static_cast<std::size_t>(draws[static_cast<std::size_t>(recorded.trials[i])]);
    drawn.values.insert(drawn.values.end(), times, recorded.values[i]);
    drawn.trials.insert(drawn.trials.end(), times, recorded.trials[i]);
  }
  if (drawn.values.empty()) drawn = recorded;
  return drawn;
}

std::string detail::place_text(const Selection& selection) {
  std::vector<std::string> places;
  bool fresh = false;
  for (const auto& one : selection.criteria()) {
    if (one.parameter == trial_source.name)
      fresh = true;
    else if (!one.text.empty())
      places.push_back(one.text);
  }
  const auto at = places.empty() ? std::string() : fmt::format("at {}", fmt::join(places, ", "));
  return at + (fresh ? at.empty() ? "in fresh trials" : " in fresh trials" : "");
}

bool Sample::has(const Quantity& quantity) const {
  return std::ranges::any_of(groups_, [&](const Group* group) { return group->has(quantity); });
}

std::vector<double> Sample::values(const Quantity& quantity) const {
  std::vector<double> all;
  for (const Group* group : groups_) {
    if (!group->has(quantity) && has(quantity)) continue;
    const auto& values = group->values(quantity);
    if (resample_ == nullptr) {
      all.insert(all.end(), values.begin(), values.end());
      continue;
    }
    const auto& trials = group->trials_of(quantity.name);
    const auto& draws = resample_->of(std::max(group->trials(), trials.back() + 1));
    for (std::size_t i = 0; i < values.size(); ++i)
      all.insert(all.end(), static_cast<std::size_t>(draws[static_cast<std::size_t>(trials[i])]), values[i]);
  }
  // A resample that drew failed trials alone says nothing: the trials as they are stand for it.
  return all.empty() ? Sample(groups_, nullptr).values(quantity) : all;
}

}  // namespace sigmagrad::lab
