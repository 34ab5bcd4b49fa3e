// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/default_figures.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/lab/report/columns.hpp>

namespace sigmagrad::lab {

namespace {

constexpr std::size_t most_panels = 12;

std::vector<Parameter> swept_parameters(const Experiment& experiment, const Results& results) {
  const auto names = varying(results);
  std::vector<Parameter> swept;
  for (const Parameter& parameter : experiment.parameters)
    if (parameter.name != trial_source.name && std::ranges::find(names, parameter.name) != names.end())
      swept.push_back(parameter);
  return swept;
}

std::vector<std::string> curve_names(const Results& results) {
  std::vector<std::string> names;
  for (const Group* group : results.where())
    for (const auto& metric : group->metrics())
      if (const auto name = metric.substr(0, metric.find('@')); is_curve_point(metric) &&
                                                                (names.empty() || names.back() != name) &&
                                                                std::ranges::find(names, name) == names.end())
        names.push_back(name);
  return names;
}

}  // namespace

std::vector<FigureSource> default_figures(const Experiment& experiment, const Results& results) {
  const auto swept = swept_parameters(experiment, results);
  std::vector<FigureSource> figures;
  const auto with_second = [&](Plot plot, std::size_t index) {
    return swept.size() > index ? plot.by(swept[index]) : plot;
  };
  if (auto names = shown_metrics(results); !swept.empty() && !names.empty()) {
    names.resize(std::min(names.size(), most_panels));
    auto medians = figure("medians", fmt::format("What trials recorded, by {}.", swept.front().axis_label()));
    for (const auto& name : names)
      medians = medians.panel(name, with_second(plot(swept.front(), Quantity{.name = name}), 1));
    figures.emplace_back(medians);
  }
  if (auto names = curve_names(results); !names.empty()) {
    names.resize(std::min(names.size(), most_panels));
    auto curves = figure("curves", "Curves, as medians over the trials.");
    for (const auto& name : names) curves = curves.panel(name, with_second(plot(Curve{.name = name}), 0));
    figures.emplace_back(curves);
  }
  return figures;
}

}  // namespace sigmagrad::lab
