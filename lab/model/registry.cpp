// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/registry.hpp>

#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/lab/model/clause.hpp>
#include <sigmagrad/lab/model/nearest.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sigmagrad::lab {

using sigmagrad::detail::fail;

namespace {

// Experiments are checked when they are first asked for: what they refer to in other files is then there, and what is
// wrong with them is one message of the program, in place of an exception before main.
struct Registry {
  struct Entry {
    Experiment experiment;
    std::string file = {};
  };
  std::vector<Entry> registered = {};
  std::map<std::string, Experiment, std::less<>> checked = {};
};

Registry& registry() {
  static Registry experiments;
  return experiments;
}

void check(const std::string& id, const Parameter& parameter) {
  if (parameter.name.empty() || parameter.quick.empty()) fail("experiment {}: a parameter has no name or no value", id);
  for (const Values* values : {&parameter.quick, &parameter.paper})
    for (const Value& value : *values) parse_value(parameter, to_text(value));
}

void check_parameters(const Experiment& experiment) {
  std::set<std::string> names;
  for (const Parameter& parameter : experiment.parameters) {
    check(experiment.id, parameter);
    if (!names.insert(parameter.name).second)
      fail("experiment {}: parameter {} is declared twice", experiment.id, parameter.name);
  }
}

// What claims and figures speak of must be there: a parameter always, a quantity where the experiment lists them.
class Mentioned {
 public:
  explicit Mentioned(const Experiment& experiment) : experiment_(experiment) {
    for (const auto& parameter : experiment.parameters) parameters_.push_back(parameter.name);
    for (const auto& quantity : experiment.records) quantities_.push_back(quantity.name);
  }
  void parameter(const std::string& where, const std::string& name) const {
    if (std::ranges::find(parameters_, name) == parameters_.end())
      throw Error(unknown("experiment " + experiment_.id + ": " + where, "parameter", name, parameters_));
  }
  void quantity(const std::string& where, const std::string& name) const {
    const auto plain = name.substr(0, name.find('@'));
    if (!quantities_.empty() && std::ranges::find(quantities_, plain) == quantities_.end())
      throw Error(unknown("experiment " + experiment_.id + ": " + where, "quantity", plain, quantities_));
  }
  void selection(const std::string& where, const Selection& selection) const {
    for (const auto& one : selection.conditions()) parameter(where, one.parameter);
  }
  void statistic(const std::string& where, const Statistic& statistic) const {
    std::vector<std::string> parameters, quantities;
    statistic.expression()->names(parameters, quantities);
    for (const auto& name : parameters) parameter(where, name);
    for (const auto& name : quantities) quantity(where, name);
  }
  void clause(const std::string& where, const detail::Clause& clause) const {
    if (clause.term) {
      for (const auto& one : clause.term->statistics) statistic(where, one);
      if (clause.term->along) parameter(where, *clause.term->along);
    }
    for (const auto& part : clause.parts) this->clause(where, *part);
  }
  void plot(const std::string& where, const Plot::Spec& spec) const {
    selection(where, spec.selection);
    for (const auto* axis : {&spec.x, &spec.y})
      if (*axis) parameter(where, (*axis)->name);
    for (const auto* some : {&spec.by, &spec.over})
      for (const auto& one : *some) parameter(where, one.name);
    for (const auto& one : spec.quantities) quantity(where, one.name);
    for (const auto& one : spec.curves) quantity(where, one.name);
    for (const auto& one : spec.statistics) statistic(where, one);
  }

 private:
  const Experiment& experiment_;
  std::vector<std::string> parameters_, quantities_;
};

void check_mentions(const Experiment& experiment) {
  const Mentioned mentioned(experiment);
  mentioned.selection("the printed setting", experiment.printed_at);
  for (const Claim& claim : experiment.claims) {
    const auto where = fmt::format("claim '{}'", claim.claim);
    if (!claim.holds.is_given()) fail("experiment {}: {}: nothing says when it holds", experiment.id, where);
    for (const auto& printed : claim.printed) mentioned.statistic(where, printed.statistic);
    for (const auto* condition : {&claim.holds, &claim.in_shape})
      if (condition->is_given()) mentioned.clause(where, *condition->clause());
  }
  for (const auto& source : experiment.figures) {
    if (!source.spec()) continue;
    const auto where = fmt::format("figure '{}'", source.spec()->name());
    for (const auto& facet : source.spec()->facets()) mentioned.parameter(where, facet.name);
    for (const auto& panel : source.spec()->panels()) {
      if (panel.each) mentioned.parameter(where, panel.each->name);
      for (const auto& plot : panel.plots) mentioned.plot(where, plot.spec());
    }
  }
}

void check(const Experiment& experiment) {
  const auto& id = experiment.id;
  if (id.find('/') == std::string::npos) fail("experiment '{}': expected an id of the form family/name", id);
  if (!experiment.trial == !experiment.batch) fail("experiment {}: expected either `trial` or `batch`", id);
  if (experiment.batch_size < 1) fail("experiment {}: batch_size must be >= 1 (got {})", id, experiment.batch_size);
  if (experiment.trials.quick < 1 || experiment.trials[Preset::Paper] < 1)
    fail("experiment {}: needs a trial a group", id);
  if (experiment.streams.empty()) fail("experiment {}: no stream", id);
  check_parameters(experiment);
  check_mentions(experiment);
}

const std::map<std::string, Experiment, std::less<>>& checked() {
  auto& [registered, checked] = registry();
  for (auto& [experiment, file] : registered) {
    if (experiment.fresh) experiment.parameters.push_back(sample);
    try {
      check(experiment);
      const auto id = experiment.id;
      if (!checked.try_emplace(id, std::move(experiment)).second) fail("experiment {}: registered twice", id);
    } catch (const std::exception& reason) {
      fail("{}: {}", file, reason.what());
    }
  }
  registered.clear();
  return checked;
}

}  // namespace

void Experiment::run(std::span<Trial> some) const {
  if (batch) return batch(some);
  for (Trial& one : some) trial(one);
}

const Parameter* Experiment::find(std::string_view parameter) const {
  const auto found = std::ranges::find(parameters, parameter, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

Statistic fresh(const Statistic& statistic) { return statistic.at(fresh(Selection())); }
Selection fresh(const Selection& selection) { return selection.with(sample == sample.quick.back()); }

Register::Register(Experiment experiment, std::source_location where) {
  registry().registered.push_back({std::move(experiment), where.file_name()});
}

std::vector<const Experiment*> all_experiments() {
  std::vector<const Experiment*> all;
  for (const auto& [id, experiment] : checked()) all.push_back(&experiment);
  return all;
}

const Experiment& find_experiment(std::string_view id) {
  const auto& all = checked();
  if (const auto found = all.find(id); found != all.end()) return found->second;
  std::vector<std::string> ids;
  for (const Experiment* experiment : all_experiments()) ids.push_back(experiment->id);
  throw Error(unknown("sigmagrad", "experiment", id, ids));
}

}  // namespace sigmagrad::lab
