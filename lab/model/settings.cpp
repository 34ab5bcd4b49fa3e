// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/settings.hpp>

#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/lab/model/nearest.hpp>
#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/model/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace sigmagrad::lab {

using sigmagrad::detail::fail;

namespace {

constexpr std::int64_t most_trials = 10'000'000;  // all of a run's are listed in memory
constexpr double most_points = 1e6;               // of the grid, as all of them are

void check_stream(const Settings& settings, std::int64_t trials) {
  const auto& id = settings.experiment->id;
  const auto& streams = settings.experiment->streams;
  if (std::ranges::find(streams, settings.stream) == streams.end())
    fail("{}: has no stream '{}'; it has '{}'", id, to_text(settings.stream), to_text(streams.front()));
  constexpr std::uint64_t limit = std::uint64_t{1} << 32;
  const bool fits = settings.seed < limit && settings.seed + 100 * static_cast<std::uint64_t>(trials) < limit;
  if (settings.stream == Stream::Numpy && !fits)
    fail("{}: NumPy's seeds have 32 bits: seed {} is too large for {} trials", id, settings.seed, trials);
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

Values parse_values(const Parameter& parameter, const std::vector<std::string>& texts) {
  Values values;
  for (const auto& text : texts) {
    const Value value = parse_value(parameter, text);
    if (std::ranges::find(values, value) == values.end()) values.push_back(value);
  }
  if (values.empty()) fail("{}: no value given", parameter.name);
  return values;
}

// Before the grid is made: a few long lists have more points than there is memory.
void check_points(const Settings& settings) {
  double points = 1;
  for (const auto& [name, values] : settings.lists) points *= static_cast<double>(values.size());
  if (points > most_points)
    fail("{}: {:g} combinations of parameters are too many for one run (at most {:g})", settings.experiment->id, points,
         most_points);
}

std::int64_t times_usual(const Experiment& experiment, const Params& params) {
  if (is_fresh(params)) return experiment.fresh.times(params, experiment.printed_at);
  return experiment.times ? experiment.times(params) : 1;
}

// The trials of the largest group; an Error where there is none, or all of them are too many.
std::int64_t largest_group(const Settings& settings) {
  std::int64_t total = 0, largest = 0;
  const auto groups = grid(settings);
  for (const Params& params : groups) {
    total += trials_of(settings, params);
    largest = std::max(largest, trials_of(settings, params));
  }
  const auto& id = settings.experiment->id;
  if (groups.empty()) fail("{}: no combination of these parameters is valid", id);
  if (total > most_trials)
    fail("{}: {} groups of {} trials are too many for one run (at most {} trials)", id, groups.size(), settings.trials,
         most_trials);
  return largest;
}

Settings resolve(const Experiment& experiment, const Request& request) {
  Settings settings{.experiment = &experiment,
                    .preset = request.preset,
                    .seed = request.seed,
                    .stream = request.stream,
                    .trials = request.trials.value_or(experiment.trials[request.preset])};
  for (const Parameter& parameter : experiment.parameters) {
    Values values = parameter.values(request.preset);
    for (const Override& change : request.overrides)
      if (change.parameter == parameter.name && concerns(change, experiment.id))
        values = parse_values(parameter, change.values);
    settings.lists.emplace_back(parameter.name, std::move(values));
  }
  check_limits(settings);
  return settings;
}

}  // namespace

// One door for what is typed and what is read from a file.
void check_limits(const Settings& settings) {
  if (settings.trials < 1 || settings.trials > most_trials)
    fail("{}: trials must be >= 1 and <= {} (got {})", settings.experiment->id, most_trials, settings.trials);
  check_points(settings);
  check_stream(settings, largest_group(settings));
}

std::vector<Settings> resolve(const Request& request) {
  std::vector<const Experiment*> experiments;
  for (const auto& id : request.ids) {
    const Experiment* experiment = &find_experiment(id);
    if (std::ranges::find(experiments, experiment) == experiments.end()) experiments.push_back(experiment);
  }
  if (experiments.empty()) fail("run: no experiment given");
  check_names(experiments, request.overrides);
  std::vector<Settings> all;
  for (const Experiment* experiment : experiments) all.push_back(resolve(*experiment, request));
  return all;
}

std::vector<Params> grid(const Settings& settings) {
  std::vector<Assignments> points{{}};
  for (const auto& [name, values] : settings.lists) {
    std::vector<Assignments> longer;
    for (const Assignments& point : points)
      for (const Value& value : values) {
        longer.push_back(point);
        longer.back().emplace_back(name, value);
      }
    points = std::move(longer);
  }
  std::vector<Params> groups;
  for (Assignments& point : points) {
    Params params(std::move(point));
    const auto& valid = settings.experiment->valid;
    if ((!valid || valid(params)) && times_usual(*settings.experiment, params) > 0) groups.push_back(std::move(params));
  }
  return groups;
}

std::string to_text(const Settings& settings) {
  auto text = fmt::format("{}  preset {}, seed {}, stream {}, {} trial{} a group\n", settings.experiment->id,
                          to_text(settings.preset), settings.seed, to_text(settings.stream), settings.trials,
                          settings.trials == 1 ? "" : "s");
  std::vector<std::string> parameters;
  for (const auto& [name, values] : settings.lists) parameters.push_back(name + '=' + to_text(values));
  for (const auto& line : wrap(fmt::format("{}", fmt::join(parameters, " ")), 110)) text += "  " + line + '\n';
  return text;
}

std::int64_t trials_of(const Settings& settings, const Params& params) {
  return settings.trials * times_usual(*settings.experiment, params);
}

std::vector<std::string> differences(const Settings& stored, const Settings& asked) {
  std::vector<std::string> found;
  const auto compare = [&](std::string_view name, const auto& before, const auto& after) {
    if (before != after) found.push_back(fmt::format("{}: {} -> {}", name, before, after));
  };
  compare("preset", to_text(stored.preset), to_text(asked.preset));
  compare("seed", stored.seed, asked.seed);
  compare("stream", to_text(stored.stream), to_text(asked.stream));
  std::map<std::string, std::string> before;
  for (const auto& [name, values] : stored.lists) before[name] = to_text(values);
  for (const auto& [name, values] : asked.lists) {
    compare(name, before.contains(name) ? before[name] : "(absent)", to_text(values));
    before.erase(name);
  }
  for (const auto& [name, values] : before) compare(name, values, std::string("(absent)"));
  return found;
}

}  // namespace sigmagrad::lab
