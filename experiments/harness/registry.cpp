// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/registry.hpp>

#include <algorithm>
#include <map>
#include <set>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/experiments/harness/nearest.hpp>

namespace sigmagrad::experiments {

using engine::fail;

namespace {

using Registry = std::map<std::string, Experiment, std::less<>>;

Registry& registry() {
  static Registry experiments;
  return experiments;
}

// A real parameter may be written {0, 1e-4}: its integers become reals, so that every value has the declared type.
void make_real(Values& values) {
  for (Value& value : values)
    if (const auto* integer = std::get_if<std::int64_t>(&value)) value = static_cast<double>(*integer);
}

void check(const std::string& id, Parameter& parameter) {
  if (parameter.name.empty() || parameter.quick.empty()) fail("experiment {}: a parameter has no name or no value", id);
  if (parameter.type() == Type::Real) make_real(parameter.quick), make_real(parameter.paper);
  for (const Values* values : {&parameter.quick, &parameter.paper})
    for (const Value& value : *values) parse_value(parameter, to_text(value));
}

void check(Experiment& experiment) {
  const auto& id = experiment.id;
  if (id.find('/') == std::string::npos) fail("experiment '{}': expected an id of the form family/name", id);
  if (!experiment.trial == !experiment.batch) fail("experiment {}: expected either `trial` or `batch`", id);
  if (experiment.batch_size < 1) fail("experiment {}: batch_size must be >= 1 (got {})", id, experiment.batch_size);
  if (experiment.trials.quick < 1 || experiment.trials.paper < 1) fail("experiment {}: needs a trial a group", id);
  if (experiment.streams.empty()) fail("experiment {}: no stream", id);
  std::set<std::string> names;
  for (Parameter& parameter : experiment.parameters) {
    check(id, parameter);
    if (!names.insert(parameter.name).second) fail("experiment {}: parameter {} is there twice", id, parameter.name);
  }
}

}  // namespace

std::vector<Metrics> Experiment::run(std::span<const Trial> some) const {
  if (batch) return batch(some);
  std::vector<Metrics> all;
  for (const Trial& one : some) all.push_back(trial(one));
  return all;
}

const Parameter* Experiment::find(std::string_view parameter) const {
  const auto found = std::ranges::find(parameters, parameter, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

Register::Register(Experiment experiment) {
  check(experiment);
  const std::string id = experiment.id;
  if (!registry().try_emplace(id, std::move(experiment)).second) fail("experiment {}: registered twice", id);
}

std::vector<const Experiment*> all_experiments() {
  std::vector<const Experiment*> all;
  for (const auto& [id, experiment] : registry()) all.push_back(&experiment);
  return all;
}

const Experiment& find_experiment(std::string_view id) {
  if (const auto found = registry().find(id); found != registry().end()) return found->second;
  std::vector<std::string> ids;
  for (const Experiment* experiment : all_experiments()) ids.push_back(experiment->id);
  throw Error(unknown("sigmagrad", "experiment", id, ids));
}

}  // namespace sigmagrad::experiments
