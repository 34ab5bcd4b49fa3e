// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/plot.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace sigmagrad::lab {

namespace {

template <class Change>
Plot changed(const Plot& plot, const Change& change) {
  auto spec = plot.spec();
  change(spec);
  return Plot(std::move(spec));
}

}  // namespace

using Spec = Plot::Spec;

Plot Plot::at(const Selection& selection) const {
  return changed(*this, [&](Spec& s) { s.selection = s.selection.with(selection); });
}
Plot Plot::by(const Parameter& parameter) const {
  return changed(*this, [&](Spec& s) { s.by.push_back(parameter); });
}
Plot Plot::over(const Parameter& parameter) const {
  return changed(*this, [&](Spec& s) { s.over.push_back(parameter); });
}
Plot Plot::medians() const {
  return changed(*this, [](Spec& s) { s.medians = true; });
}
Plot Plot::means() const {
  return changed(*this, [](Spec& s) { s.means = true; });
}
Plot Plot::fresh(const std::string& label) const {
  return changed(*this, [&](Spec& s) { s.fresh = label; });
}
Plot Plot::printed() const {
  return changed(*this, [](Spec& s) { s.printed = true; });
}
Plot Plot::theory(const std::string& label, std::function<double(const Params&)> function) const {
  return changed(*this, [&](Spec& s) { s.theories.push_back({.label = label, .of_params = std::move(function)}); });
}
Plot Plot::theory(const std::string& label, std::function<double(const Params&, double)> function) const {
  return changed(*this, [&](Spec& s) { s.theories.push_back({.label = label, .of_point = std::move(function)}); });
}
Plot Plot::theory(const std::string& label, const Statistic& statistic) const {
  return changed(*this, [&](Spec& s) { s.theories.push_back({.label = label, .statistic = statistic}); });
}
Plot Plot::theory(const std::string& label, const Curve& curve) const {
  return changed(*this, [&](Spec& s) { s.theories.push_back({.label = label, .curve = curve}); });
}
Plot Plot::standard_errors() const {
  return changed(*this, [](Spec& s) { s.means = s.standard_errors = true; });
}
Plot Plot::intervals() const {
  return changed(*this, [](Spec& s) { s.means = s.intervals = true; });
}
Plot Plot::lines() const {
  return changed(*this, [](Spec& s) { s.kind = Kind::Line; });
}
Plot Plot::points() const {
  return changed(*this, [](Spec& s) { s.kind = Kind::Points; });
}
Plot Plot::trials(std::int64_t most) const {
  return changed(*this, [&](Spec& s) { s.trials = most; });
}
Plot Plot::bars() const {
  return changed(*this, [](Spec& s) { s.kind = Kind::Bars; });
}
Plot Plot::log_x() const {
  return changed(*this, [](Spec& s) { s.log_x = true; });
}
Plot Plot::log_y() const {
  return changed(*this, [](Spec& s) { s.log_y = true; });
}
Plot Plot::log_log() const { return log_x().log_y(); }
Plot Plot::x_label(const std::string& label) const {
  return changed(*this, [&](Spec& s) { s.x_label = label; });
}
Plot Plot::y_label(const std::string& label) const {
  return changed(*this, [&](Spec& s) { s.y_label = label; });
}
Plot Plot::line(double y, const std::string& label) const {
  return changed(*this, [&](Spec& s) { s.lines.push_back({y, y, label}); });
}

Plot Plot::printed_range(double low, double high, const std::string& label) const {
  return changed(*this, [&](Spec& s) { s.ranges.push_back({low, high, label}); });
}
Plot Plot::called(const std::string& label) const {
  return changed(*this, [&](Spec& s) { s.label = label; });
}
Plot Plot::categories() const {
  return changed(*this, [](Spec& s) { s.categories = true; });
}

Plot plot(const Parameter& x, const Quantity& quantity) { return plot(x, std::vector{quantity}); }
Plot plot(const Parameter& x, const std::vector<Quantity>& quantities) {
  return Plot({.form = Plot::Form::Along, .x = x, .quantities = quantities});
}
Plot plot(const Parameter& x, const Statistic& statistic) { return plot(x, std::vector{statistic}); }
Plot plot(const Parameter& x, const std::vector<Statistic>& statistics) {
  return Plot({.form = Plot::Form::Along, .x = x, .statistics = statistics});
}
Plot plot(const Curve& curve) { return plot(std::vector{curve}); }
Plot plot(const std::vector<Curve>& curves) { return Plot({.form = Plot::Form::Curves, .curves = curves}); }
Plot components(const std::vector<Quantity>& quantities) {
  return Plot({.form = Plot::Form::Components, .quantities = quantities});
}
Plot heat_map(const Parameter& x, const Parameter& y, const Quantity& quantity) {
  return Plot({.form = Plot::Form::Cells, .x = x, .y = y, .quantities = {quantity}});
}
Plot scatter(const Quantity& x, const Quantity& y) { return Plot({.form = Plot::Form::Scatter, .quantities = {x, y}}); }

FigureSpec FigureSpec::panel(const std::string& title, const Plot& plot) const {
  return panel(title, std::vector{plot});
}
FigureSpec FigureSpec::panel(const std::string& title, const std::vector<Plot>& plots) const {
  auto copy = *this;
  copy.panels_.push_back({.title = title, .plots = plots});
  return copy;
}
FigureSpec FigureSpec::panel_each(const Parameter& parameter, const std::vector<Plot>& plots,
                                  const std::string& title) const {
  auto copy = *this;
  copy.panels_.push_back({.title = title, .each = parameter, .plots = plots});
  return copy;
}
FigureSpec FigureSpec::panels(PanelFunction function) const {
  auto copy = *this;
  copy.panels_.push_back({.function = std::move(function)});
  return copy;
}
FigureSpec FigureSpec::each(const std::vector<Parameter>& parameters) const {
  auto copy = *this;
  copy.facets_.insert(copy.facets_.end(), parameters.begin(), parameters.end());
  return copy;
}
FigureSpec FigureSpec::at(const Selection& selection) const {
  auto copy = *this;
  copy.selection_ = copy.selection_.with(selection);
  return copy;
}
FigureSpec FigureSpec::whole() const {
  auto copy = *this;
  copy.whole_ = true;
  return copy;
}

FigureSpec figure(const std::string& name, const std::string& caption) { return {name, caption}; }

std::vector<std::string> varying(const Results& results) {
  std::vector<std::string> names;
  const auto groups = results.where();
  for (const Group* group : groups)
    for (const auto& [name, value] : group->params().items())
      if (!same_value(value, groups.front()->params()[std::string_view(name)]) &&
          std::ranges::find(names, name) == names.end())
        names.push_back(name);
  return names;
}

namespace {

bool names_it(const Plot::Spec& spec, const std::string& parameter) {
  const auto among = [&](const std::vector<Parameter>& some) {
    return std::ranges::find(some, parameter, &Parameter::name) != some.end();
  };
  const auto& criteria = spec.selection.criteria();
  return (spec.x && spec.x->name == parameter) || (spec.y && spec.y->name == parameter) || among(spec.by) ||
         among(spec.over) || std::ranges::find(criteria, parameter, &Selection::Criterion::parameter) != criteria.end();
}

// The settings that were run, each as a selection.
std::vector<Selection> settings_of(const Results& results, const std::vector<std::string>& names) {
  std::vector<Assignments> settings;
  for (const Group* group : results.where()) {
    Assignments setting;
    for (const auto& name : names) setting.emplace_back(name, group->params()[std::string_view(name)]);
    if (std::ranges::find(settings, setting) == settings.end()) settings.push_back(std::move(setting));
  }
  std::vector<Selection> selections;
  for (const auto& setting : settings) selections.emplace_back(setting);
  return selections;
}

void add_panels(const PanelSpec& spec, const Results& results, const std::vector<Claim>& claims,
                std::vector<Panel>& panels) {
  if (spec.each) {
    for (const Value& value : results.values_of(*spec.each)) {
      const auto one = Selection::equal(spec.each->name, value);
      auto title = spec.title.empty() ? to_text(one) : fmt::format("{}, {}", spec.title, to_text(one));
      add_panels({.title = std::move(title), .plots = spec.plots}, results.only(one), claims, panels);
    }
    return;
  }
  try {
    auto made = spec.function ? spec.function(results) : std::vector{draw(spec.title, spec.plots, results, claims)};
    for (Panel& panel : made)
      if (!panel.empty()) panels.push_back(std::move(panel));
  } catch (const NotRun&) {  // the other panels are drawn
  }
}

}  // namespace

// A function tells groups apart itself: then only what was named makes a figure for each value.
std::vector<std::string> FigureSpec::facet_names(const Results& results) const {
  std::vector<std::string> names;
  for (const auto& parameter : facets_) names.push_back(parameter.name);
  const bool any_function =
      std::ranges::any_of(panels_, [](const PanelSpec& panel) { return static_cast<bool>(panel.function); });
  if (whole_ || any_function) return names;
  for (const auto& name : varying(results)) {
    const bool named = std::ranges::any_of(panels_, [&](const PanelSpec& panel) {
      if (panel.each && panel.each->name == name) return true;
      return std::ranges::any_of(panel.plots, [&](const Plot& plot) { return names_it(plot.spec(), name); });
    });
    if (!named && name != trial_source.name && std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

std::vector<Figure> FigureSpec::draw(const std::string& experiment, const Results& results,
                                     const std::vector<Claim>& claims) const {
  auto base = experiment + (name_.empty() ? "" : "-" + name_);
  std::ranges::replace(base, '/', '-');
  const auto own = results.only(selection_);
  std::vector<Figure> figures;
  for (const Selection& setting : settings_of(own, facet_names(own))) {
    const auto some = own.only(setting);
    Figure figure{
        .name = figures.empty() ? base : fmt::format("{}-{}", base, figures.size() + 1),
        .caption = setting.criteria().empty() ? caption_ : fmt::format("{} Here {}.", caption_, to_text(setting))};
    for (const PanelSpec& panel : panels_) add_panels(panel, some, claims, figure.panels);
    if (!figure.panels.empty()) figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace sigmagrad::lab
