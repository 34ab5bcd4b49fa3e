// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/evaluation.hpp>

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include <sigmagrad/lab/model/json.hpp>
#include <sigmagrad/lab/model/judging.hpp>
#include <sigmagrad/lab/model/nearest.hpp>
#include <sigmagrad/lab/model/text.hpp>
#include <sigmagrad/lab/report/columns.hpp>
#include <sigmagrad/lab/report/default_figures.hpp>

namespace sigmagrad::lab {

using detail::Json;

namespace {

Json group_json(const Group& group) {
  Json::object_t metrics;  // whose names are all different: none is looked up
  for (const auto& name : group.metrics())
    if (!is_clock(name)) metrics.emplace_back(name, detail::to_json(group.statistics(name)));
  return {{"params", detail::to_json(group.params())},
          {"trials", group.trials()},
          {"failed", group.failures().size()},
          {"metrics", metrics}};
}

Json claim_json(const JudgedClaim& claim) {
  return {{"claim", claim.claim},
          {"source", claim.source},
          {"printed", claim.printed},
          {"measured", claim.measured},
          {"verdict", to_text(claim.verdict)},
          {"why", claim.why}};
}

// Without the times of this machine, so that the bytes are the same everywhere.
Json table_json(const Table& table) {
  const auto kept = [&](const std::vector<std::string>& cells) {
    Json row = Json::array();
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (std::ranges::find(table.clocks, i) == table.clocks.end()) row.push_back(cells[i]);
    return row;
  };
  Json rows = Json::array();
  for (const auto& row : table.rows) rows.push_back(kept(row));
  return {{"name", table.name},
          {"title", table.title},
          {"header", kept(table.header)},
          {"rows", rows},
          {"note", table.note}};
}

Json to_json(const Evaluation& evaluation) {
  const Plan& plan = evaluation.plan;
  Json groups = Json::array(), claims = Json::array();
  for (const Group& group : evaluation.results.groups()) groups.push_back(group_json(group));
  for (const JudgedClaim& claim : evaluation.claims) claims.push_back(claim_json(claim));
  Json json{{"experiment", plan.experiment->id},
            {"preset", to_text(plan.preset)},
            {"seed", plan.seed},
            {"stream", to_text(plan.stream)},
            {"groups", groups}};
  for (const Table& table : evaluation.tables) json["tables"].push_back(table_json(table));
  json["claims"] = claims;
  return json;
}

std::string medians_table(const Evaluation& evaluation) {
  const auto parameters = shown_parameters(evaluation.plan);
  const auto metrics = shown_metrics(evaluation.results);
  std::vector<std::vector<std::string>> rows{parameters};
  rows.front().emplace_back("trials");
  rows.front().insert(rows.front().end(), metrics.begin(), metrics.end());
  for (const Group& group : evaluation.results.groups()) {
    auto& row = rows.emplace_back();
    for (const auto& name : parameters) row.push_back(to_text(group.params()[name]));
    row.push_back(trials_text(group));
    for (const auto& name : metrics) row.push_back(group.has(name) ? short_number(group.median(name)) : "-");
  }
  return align(rows, 2);
}

std::string table_text(const Table& table) {
  std::vector<std::vector<std::string>> rows{table.header};
  rows.insert(rows.end(), table.rows.begin(), table.rows.end());
  auto text = fmt::format("{}\n{}", table.title, align(rows, 2));
  for (const auto& line : wrap(table.note, 110)) text += "  " + line + '\n';
  return text + '\n';
}

std::string claim_text(const JudgedClaim& claim) {
  auto text = fmt::format("  [{}] {} ({})\n", to_text(claim.verdict), claim.claim, claim.source);
  if (!claim.measured.empty()) text += fmt::format("      printed {}; measured {}\n", claim.printed, claim.measured);
  for (const auto& line : wrap(claim.why, 100))
    if (!line.empty()) text += "      " + line + '\n';
  return text;
}

// Runs what an experiment makes of its results; what fails is noted rather than lost with the rest.
template <class Make>
void attempt(const Make& make, std::string_view what, std::vector<std::string>& notes) {
  try {
    make();
  } catch (const std::exception& reason) {
    notes.push_back(fmt::format("{} left out: {}", what, reason.what()));
  }
}

void draw(const Experiment& experiment, Evaluation& evaluation) {
  const auto& results = evaluation.results;
  for (const auto& source : experiment.figures.empty() ? default_figures(experiment, results) : experiment.figures)
    attempt(
        [&] {
          std::ranges::move(source.draw(experiment.id, results, experiment.claims),
                            std::back_inserter(evaluation.figures));
        },
        "a figure", evaluation.notes);
}

bool records(const Group& group, const std::string& name) {
  return std::ranges::any_of(group.metrics(), [&](const std::string& metric) {
    return metric == name || (metric.starts_with(name) && metric[name.size()] == '@');
  });
}

// A name that no trial of the groups has recorded, although some succeeded: perhaps it is misspelled.
// A plot may name more than every setting records (the fourth mode of a task that has three): it is wrong if nothing of
// it was recorded.
void note_unrecorded(const Results& some, const std::string& where, const std::vector<std::string>& names,
                     std::vector<std::string>& notes) {
  const auto groups = some.where();
  const auto recorded = [&](const std::string& name) {
    return std::ranges::any_of(groups, [&](const Group* group) { return records(*group, name); });
  };
  if (groups.empty() || names.empty() || std::ranges::any_of(names, recorded)) return;
  auto known = groups.front()->metrics();
  for (auto& metric : known) metric = metric.substr(0, metric.find('@'));
  notes.push_back(fmt::format("{}: no trial has recorded '{}'; did you mean '{}'?", where, names.front(),
                              nearest(names.front(), known)));
}

void note_unrecorded(const FigureSpec& figure, const Results& results, std::vector<std::string>& notes) {
  for (const auto& panel : figure.panels())
    for (const auto& plot : panel.plots) {
      std::vector<std::string> names;
      for (const auto& quantity : plot.spec().quantities) names.push_back(quantity.name);
      for (const auto& curve : plot.spec().curves) names.push_back(curve.name);
      note_unrecorded(results.only(figure.selection()).only(plot.spec().selection),
                      fmt::format("figure '{}'", figure.name()), names, notes);
    }
}

void note_unrecorded(const Experiment& experiment, Evaluation& evaluation) {
  for (const auto& source : experiment.figures)
    if (source.spec()) note_unrecorded(*source.spec(), evaluation.results, evaluation.notes);
  for (const JudgedClaim& claim : evaluation.claims)
    if (claim.unrecorded)
      evaluation.notes.push_back(fmt::format("claim '{}' is not tested: {}", claim.claim, claim.why));
}

// Values of no preset: what a document claims is about others.
std::string other_parameters(const Plan& plan) {
  std::vector<std::string> others;
  for (const auto& [name, values] : plan.lists) {
    const Parameter* parameter = plan.experiment->find(name);
    for (const Value& value : values) {
      const auto in = [&](Preset preset) {
        const auto& list = parameter->values(preset);
        return std::ranges::find(list, value) != list.end();
      };
      if (parameter && std::ranges::none_of(all_presets, in)) others.push_back(name + " = " + to_text(value));
    }
  }
  return others.empty() ? std::string()
                        : fmt::format("{}: claims are judged with {}, values of no preset", plan.experiment->id,
                                      fmt::join(others, ", "));
}

}  // namespace

Evaluation evaluate(const Plan& plan, Results results) {
  Evaluation evaluation{.plan = plan, .results = std::move(results)};
  const Experiment& experiment = *plan.experiment;
  if (auto note = other_parameters(plan); !note.empty()) evaluation.notes.push_back(std::move(note));
  draw(experiment, evaluation);
  for (const auto& source : experiment.tables)
    attempt([&] { std::ranges::move(source(evaluation.results), std::back_inserter(evaluation.tables)); }, "a table",
            evaluation.notes);
  attempt([&] { evaluation.claims = judge(evaluation.results, experiment.claims, experiment.trials_draw()); }, "claims",
          evaluation.notes);
  note_unrecorded(experiment, evaluation);
  // Without a group, what is said of all groups would be true: no claim holds without a measurement.
  if (evaluation.results.where().empty())
    for (JudgedClaim& claim : evaluation.claims)
      claim = {.claim = claim.claim, .source = claim.source, .printed = claim.printed, .why = "no trial has succeeded"};
  return evaluation;
}

std::string to_json_text(const Evaluation& evaluation) { return to_json(evaluation).dump(2); }

std::string to_json_text(const std::vector<Evaluation>& evaluations) {
  Json experiments = Json::array();
  for (const Evaluation& evaluation : evaluations) experiments.push_back(to_json(evaluation));
  return Json{{"experiments", experiments}}.dump(2);
}

std::string to_console_text(const Evaluation& evaluation) {
  const Experiment& experiment = *evaluation.plan.experiment;
  auto text = fmt::format("{}  {}\n\n", experiment.id, experiment.title);
  for (const Table& table : evaluation.tables) text += table_text(table);
  if (evaluation.tables.empty()) text += fmt::format("Medians\n{}", medians_table(evaluation));
  if (!evaluation.claims.empty()) text += "\nClaims\n";
  for (const JudgedClaim& claim : evaluation.claims) text += claim_text(claim);
  return text;
}

}  // namespace sigmagrad::lab
