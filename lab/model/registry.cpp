// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/registry.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/model/clause.hpp>
#include <sigmagrad/lab/model/drawing.hpp>
#include <sigmagrad/lab/model/mentions.hpp>
#include <sigmagrad/lab/model/nearest.hpp>

namespace sigmagrad::lab {

using engine::fail;

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
  std::string wrong = {};  // with the first of those that are wrong
};

Registry& registry() {
  static Registry experiments;
  return experiments;
}

std::map<std::string, std::string>& titles() {
  static std::map<std::string, std::string> by_document;
  return by_document;
}

std::vector<Unjudged>& unjudged() {
  static std::vector<Unjudged> lines;
  return lines;
}

void check(const std::string& id, const Parameter& parameter) {
  if (parameter.name.empty() || parameter.quick.empty()) fail("experiment {}: a parameter has no name or no value", id);
  for (const Values* values : {&parameter.quick, &parameter.reduced, &parameter.paper})
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

bool asks_for_digits(const detail::Clause& clause) {
  return (clause.fixed && clause.fixed->function == nullptr) ||
         std::ranges::any_of(clause.parts, [](const auto& part) { return asks_for_digits(*part); });
}

// What claims and figures speak of must be there, and what a plot is told must do something.
void check_mentions(const Experiment& experiment) {
  std::vector<std::string> parameters;
  for (const auto& parameter : experiment.parameters) parameters.push_back(parameter.name);
  for (const Claim& claim : experiment.claims)
    if (!claim.holds.is_given())
      fail("experiment {}: {}: nothing says when it holds", experiment.id, mentions(claim).where);
  for (const Claim& claim : experiment.claims)
    if (claim.printed.empty() && asks_for_digits(*claim.holds.clause()))
      fail("experiment {}: {}: asks for printed digits, but no number is printed", experiment.id,
           mentions(claim).where);
  for (const Mention& mention : mentions(experiment))
    for (const auto& name : mention.parameters)
      if (std::ranges::find(parameters, name) == parameters.end())
        throw Error(unknown("experiment " + experiment.id + ": " + mention.where, "parameter", name, parameters));
  for (const auto& source : experiment.figures)
    if (source.spec())
      for (const auto& panel : source.spec()->panels())
        for (const Plot& plot : panel.plots)
          if (const auto idle = detail::idle_option(plot.spec()); !idle.empty())
            fail("experiment {}: {}: {}", experiment.id, mentions(*source.spec()).where, idle);
}

void check(const Experiment& experiment) {
  const auto& id = experiment.id;
  if (!experiment.wrong.empty()) fail("experiment {}: {}", id, experiment.wrong);
  if (id.find('/') == std::string::npos) fail("experiment '{}': expected an id of the form family/name", id);
  if (!experiment.trial == !experiment.batch) fail("experiment {}: expected either `trial` or `batch`", id);
  if (experiment.batch_size < 1) fail("experiment {}: batch_size must be >= 1 (got {})", id, experiment.batch_size);
  if (std::ranges::any_of(all_presets, [&](Preset preset) { return experiment.trials[preset] < 1; }))
    fail("experiment {}: needs a trial a group", id);
  if (experiment.streams.empty()) fail("experiment {}: no stream", id);
  check_parameters(experiment);
  check_mentions(experiment);
}

// What a claim leaves out.
void complete(Claim& claim, const Experiment& experiment) {
  if (claim.source.empty()) claim.source = experiment.source;
  if (!claim.holds.is_given() && claim.in_shape.is_given()) claim.holds = claim.in_shape && printed_digits();
}

void add(Registry& all, Experiment experiment) {
  for (Claim& claim : experiment.claims) complete(claim, experiment);
  if (experiment.fresh) experiment.parameters.push_back(trial_source);
  check(experiment);
  const auto id = experiment.id;
  if (!all.checked.try_emplace(id, std::move(experiment)).second) fail("experiment {}: registered twice", id);
}

const std::map<std::string, Experiment, std::less<>>& checked() {
  Registry& all = registry();
  for (auto& [experiment, file] : std::exchange(all.registered, {})) {
    try {
      add(all, std::move(experiment));
    } catch (const std::exception& reason) {
      if (all.wrong.empty()) all.wrong = fmt::format("{}: {}", file, reason.what());
    }
  }
  if (!all.wrong.empty()) throw Error(all.wrong);
  return all.checked;
}

}  // namespace

Register::Register(Experiment experiment, const char* file) {
  registry().registered.push_back({std::move(experiment), file});
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
  throw Error(unknown({}, "experiment", id, ids));
}

RegisterTitle::RegisterTitle(const std::string& document, const std::string& title) { titles()[document] = title; }

std::string title_of(const std::string& document) {
  const auto found = titles().find(document);
  return found == titles().end() ? std::string() : found->second;
}

RegisterUnjudged::RegisterUnjudged(const std::string& document, const std::string& place, const std::string& says,
                                   const std::string& why) {
  unjudged().push_back({document, place, says, why});
}

std::vector<Unjudged> all_unjudged() {
  auto all = unjudged();
  std::ranges::stable_sort(all, {}, &Unjudged::document);
  return all;
}

}  // namespace sigmagrad::lab
