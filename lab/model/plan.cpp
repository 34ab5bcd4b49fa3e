// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/plan.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/model/grid.hpp>
#include <sigmagrad/lab/model/nearest.hpp>
#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::lab {

using engine::fail;

namespace {

constexpr std::int64_t most_trials = 10'000'000;  // all of a run's are listed in memory

void check_stream(const Plan& plan) {
  const auto& id = plan.experiment->id;
  const auto& streams = plan.experiment->streams;
  if (std::ranges::find(streams, plan.stream) == streams.end())
    fail("{}: has no stream '{}'; it has '{}'", id, to_text(plan.stream), to_text(streams.front()));
  constexpr std::uint64_t limit = std::uint64_t{1} << 32;
  const auto trials = std::ranges::max_element(plan.groups, {}, &PlannedGroup::trials)->trials;
  const auto last = static_cast<std::uint64_t>(trials) + (plan.experiment->fresh ? beyond_the_printed : 0);
  const bool fits = plan.seed < limit && plan.seed + 100 * last < limit;
  if (plan.stream == Stream::Numpy && !fits)
    fail("{}: NumPy's seeds have 32 bits: seed {} is too large for {} trials", id, plan.seed, trials);
}

void check_total(const Plan& plan) {
  std::int64_t total = 0;
  for (const PlannedGroup& group : plan.groups) total += group.trials;
  if (total > most_trials)
    fail("{}: {} groups of {} trials are too many for one run (at most {} trials)", plan.experiment->id,
         plan.groups.size(), plan.trials(), most_trials);
}

bool concerns(const Override& change, const std::string& id) {
  return change.experiment.empty() || change.experiment == id;
}

std::vector<std::string> parameter_names(const std::vector<const Experiment*>& experiments) {
  std::vector<std::string> names;
  for (const Experiment* experiment : experiments)
    for (const Parameter& parameter : experiment->parameters) names.push_back(parameter.name);
  return names;
}

// A parameter must belong to the experiment it is meant for, or to one of the run, or nobody would hear of a
// misspelling. What a file says of experiments that are not run is checked all the same.
void check_names(const std::vector<const Experiment*>& experiments, const std::vector<Override>& overrides) {
  for (const auto& [id, parameter, values] : overrides) {
    const auto meant = id.empty() ? experiments : std::vector<const Experiment*>{&find_experiment(id)};
    const auto names = parameter_names(meant);
    if (std::ranges::find(names, parameter) == names.end())
      throw Error(unknown(meant.front()->id, "parameter", parameter, names));
  }
}

// One text with commas was typed for one value, where perhaps several are meant.
Value parse_one(const Parameter& parameter, const std::string& text) {
  try {
    return parse_value(parameter, text);
  } catch (const Error& error) {
    if (text.find(',') == text.npos) throw;
    fail("{}; for several values: --sweep {}={}", error.what(), parameter.name, text);
  }
}

Values parse_values(const Parameter& parameter, const std::vector<std::string>& texts) {
  Values values;
  for (const auto& text : texts) {
    const Value value = parse_one(parameter, text);
    if (std::ranges::find(values, value) == values.end()) values.push_back(value);
  }
  if (values.empty()) fail("{}: no value given", parameter.name);
  return values;
}

// A stored value has to be one that could be asked for today.
bool is_taken(const Parameter& parameter, const Value& value) {
  try {
    return parse_value(parameter, to_text(value)) == value;
  } catch (const Error&) {
    return false;
  }
}

// An earlier sweep that a later one repeats need not be remembered.
void add(std::vector<Sweep>& sweeps, const Sweep& further) {
  std::erase_if(sweeps, [&](const Sweep& earlier) { return detail::contains(further.lists, earlier.lists); });
  sweeps.push_back(further);
}

}  // namespace

Plan with_groups(Plan plan) {
  const auto& experiment = *plan.experiment;
  for (const Sweep& sweep : plan.sweeps) {
    if (!detail::same_parameters(plan.sweeps.front().lists, sweep.lists))
      fail("{}: its sweeps are of different parameters", experiment.id);
    if (sweep.trials < 1 || sweep.trials > most_trials)
      fail("{}: trials must be >= 1 and <= {} (got {})", experiment.id, most_trials, sweep.trials);
  }
  plan.lists = detail::joined_lists(plan.sweeps);
  plan.groups = detail::groups_of(experiment, plan.sweeps, plan.lists);
  check_total(plan);
  check_stream(plan);
  return plan;
}

Plan plan(const Experiment& experiment, const Wishes& wishes) {
  Sweep sweep{.trials = wishes.trials.value_or(experiment.trials[wishes.preset])};
  for (const Parameter& parameter : experiment.parameters) {
    Values values = parameter.values(wishes.preset);
    for (const Override& change : wishes.overrides)
      if (change.parameter == parameter.name && concerns(change, experiment.id))
        values = parse_values(parameter, change.values);
    sweep.lists.emplace_back(parameter.name, std::move(values));
  }
  return with_groups({.experiment = &experiment,
                      .preset = wishes.preset,
                      .seed = wishes.seed,
                      .stream = wishes.stream,
                      .sweeps = {std::move(sweep)}});
}

std::vector<Plan> plans(const Wishes& wishes) {
  std::vector<const Experiment*> experiments;
  for (const auto& id : wishes.ids) {
    const Experiment* experiment = &find_experiment(id);
    if (std::ranges::find(experiments, experiment) == experiments.end()) experiments.push_back(experiment);
  }
  if (experiments.empty()) fail("run: no experiment given");
  check_names(experiments, wishes.overrides);
  std::vector<Plan> all;
  for (const Experiment* experiment : experiments) all.push_back(plan(*experiment, wishes));
  return all;
}

std::vector<std::string> differences(const Plan& stored, const Plan& asked) {
  std::vector<std::string> found;
  const auto compare = [&](std::string_view name, const auto& before, const auto& after) {
    if (before != after) found.push_back(fmt::format("{}: {} -> {}", name, before, after));
  };
  const auto list_of = [](const ValueLists& lists, const std::string& name) {
    return std::ranges::find(lists, name, &ValueLists::value_type::first);
  };
  compare("preset", to_text(stored.preset), to_text(asked.preset));
  compare("seed", stored.seed, asked.seed);
  compare("stream", to_text(stored.stream), to_text(asked.stream));
  for (const auto& [name, values] : asked.lists)
    if (list_of(stored.lists, name) == stored.lists.end()) compare(name, std::string("(absent)"), to_text(values));
  for (const auto& [name, values] : stored.lists) {
    if (list_of(asked.lists, name) == asked.lists.end()) {
      compare(name, to_text(values), std::string("(absent)"));
    } else if (const Parameter* parameter = asked.experiment->find(name)) {
      for (const Value& value : values)
        if (!is_taken(*parameter, value)) found.push_back(fmt::format("{}: takes {} no more", name, to_text(value)));
    }
  }
  return found;
}

Plan grown(Plan stored, const Plan& asked) {
  for (const Sweep& sweep : asked.sweeps) add(stored.sweeps, sweep);
  return with_groups(std::move(stored));
}

Plan joined(Plan one, const Plan& other) {
  auto sweeps = std::exchange(one.sweeps, {});
  sweeps.insert(sweeps.end(), other.sweeps.begin(), other.sweeps.end());
  std::ranges::stable_sort(sweeps, {}, &Sweep::trials);  // the larger number last
  for (const Sweep& sweep : sweeps) add(one.sweeps, sweep);
  return with_groups(std::move(one));
}

std::string to_text(const Plan& plan) {
  auto text =
      fmt::format("{}  preset {}, seed {}, stream {}, {} trial{} a group\n", plan.experiment->id, to_text(plan.preset),
                  plan.seed, to_text(plan.stream), plan.trials(), plan.trials() == 1 ? "" : "s");
  std::vector<std::string> parameters;
  for (const auto& [name, values] : plan.lists) parameters.push_back(name + '=' + to_text(values));
  for (const auto& line : wrap(fmt::format("{}", fmt::join(parameters, " ")), 110)) text += "  " + line + '\n';
  return text;
}

}  // namespace sigmagrad::lab
