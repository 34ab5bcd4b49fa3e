// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/mentions.hpp>

#include <fmt/format.h>

#include <sigmagrad/lab/model/clause.hpp>
#include <sigmagrad/lab/model/expression.hpp>

namespace sigmagrad::lab {

namespace {

void add(Mention& mention, const Selection& selection) {
  for (const auto& one : selection.criteria()) mention.parameters.push_back(one.parameter);
}

void add(Mention& mention, const Statistic& statistic) { statistic.expression()->names(mention.parameters); }

void add(Mention& mention, const detail::Clause& clause) {
  if (clause.comparison) {
    for (const auto& one : clause.comparison->statistics) add(mention, one);
    if (clause.comparison->along) mention.parameters.push_back(*clause.comparison->along);
  }
  for (const auto& part : clause.parts) add(mention, *part);
}

void add(Mention& mention, const Plot::Spec& spec) {
  add(mention, spec.selection);
  for (const auto* axis : {&spec.x, &spec.y})
    if (*axis) mention.parameters.push_back((*axis)->name);
  for (const auto* some : {&spec.by, &spec.over})
    for (const auto& one : *some) mention.parameters.push_back(one.name);
  if (spec.fresh) mention.parameters.push_back(trial_source.name);
  for (const auto& one : spec.statistics) add(mention, one);
  for (const auto& theory : spec.theories)
    if (theory.statistic) add(mention, *theory.statistic);
}

}  // namespace

Mention mentions(const Claim& claim) {
  Mention mention{.where = fmt::format("claim '{}'", claim.claim)};
  for (const auto& printed : claim.printed) add(mention, printed.statistic);
  for (const auto* condition : {&claim.holds, &claim.in_shape})
    if (condition->is_given()) add(mention, *condition->clause());
  return mention;
}

Mention mentions(const FigureSpec& figure) {
  Mention mention{.where = fmt::format("figure '{}'", figure.name())};
  for (const auto& facet : figure.facets()) mention.parameters.push_back(facet.name);
  for (const auto& panel : figure.panels()) {
    if (panel.each) mention.parameters.push_back(panel.each->name);
    for (const auto& plot : panel.plots) add(mention, plot.spec());
  }
  return mention;
}

std::vector<Mention> mentions(const Experiment& experiment) {
  std::vector<Mention> all{{.where = "the printed setting"}};
  add(all.front(), experiment.printed_at);
  for (const Claim& claim : experiment.claims) all.push_back(mentions(claim));
  for (const auto& source : experiment.figures)
    if (source.spec()) all.push_back(mentions(*source.spec()));
  return all;
}

}  // namespace sigmagrad::lab
