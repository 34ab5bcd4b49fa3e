// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/catalogue.hpp>

#include <sigmagrad/experiments/harness/detail/json.hpp>
#include <sigmagrad/experiments/harness/registry.hpp>
#include <sigmagrad/experiments/harness/text.hpp>

namespace sigmagrad::experiments {

using detail::Json;

std::string catalogue_text() {
  std::vector<std::vector<std::string>> rows{{"experiment", "title", "source", "quick", "paper"}};
  for (const Experiment* e : all_experiments())
    rows.push_back({e->id, e->title, e->source, short_duration(e->seconds.quick), short_duration(e->seconds.paper)});
  auto text = align(rows);
  for (const Experiment* e : all_experiments()) {
    std::vector<std::vector<std::string>> parameters;
    for (const Parameter& p : e->parameters) parameters.push_back({p.name + '=' + to_text(p.quick), p.help});
    if (!parameters.empty()) text += '\n' + e->id + '\n' + align(parameters, 2);
  }
  return text;
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
    all.push_back({{"id", e->id},
                   {"title", e->title},
                   {"source", e->source},
                   {"parameters", parameters},
                   {"seconds", {{"quick", e->seconds.quick}, {"paper", e->seconds.paper}}}});
  }
  return all.dump(2);
}

}  // namespace sigmagrad::experiments
