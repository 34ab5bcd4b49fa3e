// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/catalogue.hpp>

#include <fmt/format.h>

#include <sigmagrad/lab/model/json.hpp>
#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::lab {

using detail::Json;

namespace {

constexpr std::size_t line_width = 100;

std::string heading(const Experiment& e) {
  std::vector<std::string> known;
  if (!e.source.empty()) known.push_back(e.source);
  if (e.seconds.quick > 0) {
    const auto reduced =
        e.seconds.reduced > 0 ? fmt::format("reduced {}, ", short_duration(e.seconds.reduced)) : std::string();
    known.push_back(fmt::format("quick {}, {}paper {}", short_duration(e.seconds.quick), reduced,
                                short_duration(e.seconds[Preset::Paper])));
  }
  const auto line = known.empty() ? "" : fmt::format("    {}\n", fmt::join(known, "; "));
  return fmt::format("{}  {}\n{}", e.id, e.title, line);
}

std::string indented(std::string_view text) {
  std::string lines;
  for (const auto& line : wrap(text, line_width)) lines += "    " + line + '\n';
  return lines;
}

}  // namespace

std::string catalogue_text() {
  std::string text;
  for (const Experiment* e : all_experiments()) {
    std::vector<std::string> defaults;
    for (const Parameter& p : e->parameters) defaults.push_back(p.name + '=' + to_text(p.quick));
    text += heading(*e) + indented(fmt::format("{}", fmt::join(defaults, " "))) + '\n';
  }
  return text + "What one asks and what its parameters mean: list ID\n";
}

std::string experiment_text(const Experiment& experiment) {
  const bool has_reduced = experiment.has_reduced();
  std::vector<std::vector<std::string>> rows{{"parameter", "quick", "reduced", "paper", ""}};
  for (const Parameter& p : experiment.parameters)
    rows.push_back(
        {p.name, to_text(p.quick), to_text(p.values(Preset::Reduced)), to_text(p.values(Preset::Paper)), p.help});
  if (!has_reduced)
    for (auto& row : rows) row.erase(row.begin() + 2);
  const auto reduced = has_reduced ? fmt::format("reduced {}; ", experiment.trials[Preset::Reduced]) : std::string();
  return heading(experiment) + '\n' + indented(experiment.question) + indented(experiment.observe) + '\n' +
         align(rows, 4) +
         fmt::format("    {} trials a group; {}paper {}\n", experiment.trials.quick, reduced, experiment.trials.paper);
}

std::string catalogue_json_text() {
  Json all = Json::array();
  for (const Experiment* e : all_experiments()) {
    Json parameters = Json::object();
    for (const Parameter& p : e->parameters) {
      const auto& values = p.quick;
      parameters[p.name] = {{"default", values.size() == 1 ? detail::to_json(values.front()) : detail::to_json(values)},
                            {"help", p.help}};
    }
    all.push_back(
        {{"id", e->id},
         {"title", e->title},
         {"question", e->question},
         {"observe", e->observe},
         {"source", e->source},
         {"parameters", parameters},
         {"seconds", {{"quick", e->seconds.quick}, {"reduced", e->seconds.reduced}, {"paper", e->seconds.paper}}}});
  }
  return all.dump(2);
}

}  // namespace sigmagrad::lab
