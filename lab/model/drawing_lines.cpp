// SPDX-License-Identifier: BSD-3-Clause
// Which groups make a line of a plot, and what it is called.
#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/lab/model/drawing.hpp>
#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::lab::detail {

Selection Drawing::usual_trials(const Results& results) {
  const auto usual = Selection::equal(trial_source.name, trial_source.quick.front());
  const auto& groups = results.groups();
  const bool has_both = !groups.empty() && groups.front().params().has(trial_source.name);
  return has_both && !results.where(usual).empty() ? usual : Selection();
}

void Drawing::label_axes() {
  const auto put = [](std::string& place, const std::string& text) {
    if (place.empty()) place = text;
  };
  put(panel_.x_label, spec_.x_label);
  put(panel_.y_label, spec_.y_label);
  if (spec_.form == Plot::Form::Scatter) {
    put(panel_.x_label, spec_.quantities[0].text());
    put(panel_.y_label, spec_.quantities[1].text());
    return;
  }
  if (spec_.x && (spec_.x->type != Type::Text || !spec_.x->label.empty())) put(panel_.x_label, spec_.x->axis_label());
  if (!spec_.curves.empty()) put(panel_.x_label, spec_.curves.front().over);
  if (spec_.form == Plot::Form::Cells) return put(panel_.y_label, spec_.y->axis_label());
  if (spec_.quantities.size() == 1) put(panel_.y_label, spec_.quantities.front().text());
  if (spec_.curves.size() == 1) put(panel_.y_label, spec_.curves.front().text());
  if (spec_.statistics.size() == 1) put(panel_.y_label, spec_.statistics.front().text());
}

bool Drawing::is_axis(const std::string& name) const {
  const auto among = [&](const std::vector<Parameter>& some) {
    return std::ranges::find(some, name, &Parameter::name) != some.end();
  };
  return (spec_.x && spec_.x->name == name) || (spec_.y && spec_.y->name == name) || among(spec_.over);
}

std::vector<std::string> Drawing::telling(const Groups& groups) const {
  std::vector<std::string> names;
  for (const auto& parameter : spec_.by) names.push_back(parameter.name);
  for (const Group* group : groups)
    for (const auto& [name, value] : group->params().items())
      if (!is_axis(name) && !same_value(value, groups.front()->params()[std::string_view(name)]) &&
          std::ranges::find(names, name) == names.end())
        names.push_back(name);
  return names;
}

std::vector<Line> Drawing::lines_of(const Groups& groups) const {
  std::vector<Line> lines;
  const auto names = telling(groups);
  for (const Group* group : groups) {
    Assignments by;
    for (const auto& name : names) by.emplace_back(name, group->params()[std::string_view(name)]);
    auto line = std::ranges::find(lines, by, &Line::by);
    if (line == lines.end()) line = lines.insert(line, {.by = by});
    line->groups.push_back(group);
  }
  return lines;
}

// By its symbol where the parameter has one: a label that is no longer than the name.
std::string Drawing::text_of(const Assignments& by) const {
  const auto symbol = [&](const std::string& name) {
    const auto parameter = std::ranges::find(spec_.by, name, &Parameter::name);
    if (parameter == spec_.by.end() || parameter->label.empty()) return name;
    return display_width(parameter->label) <= name.size() ? parameter->label : name;
  };
  std::vector<std::string> texts;
  for (const auto& [name, value] : by)
    texts.push_back(std::holds_alternative<std::string>(value) ? to_text(value)
                                                               : symbol(name) + " = " + to_text(value));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string Drawing::label_of(const std::string& what, std::size_t whats, const Line& line,
                              const std::string& more) const {
  std::vector<std::string> parts;
  if (!spec_.label.empty()) return spec_.label;
  const auto by = text_of(line.by);
  if (whats > 1 || (by.empty() && more.empty())) parts.push_back(what);
  if (!by.empty()) parts.push_back(by);
  if (!more.empty()) parts.push_back(more);
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<std::pair<Value, std::vector<const Group*>>> Drawing::places(const Groups& groups) const {
  std::vector<std::pair<Value, std::vector<const Group*>>> all;
  for (const Group* group : groups) {
    const Value& value = group->params()[std::string_view(spec_.x->name)];
    const auto same = [&](const auto& place) { return same_value(place.first, value); };
    auto place = std::ranges::find_if(all, same);
    if (place == all.end()) place = all.insert(place, {value, {}});
    place->second.push_back(group);
  }
  return all;
}

bool Drawing::by_name() const { return spec_.x && (spec_.x->type == Type::Text || spec_.x->type == Type::Boolean); }

bool Drawing::by_category() const { return spec_.categories || by_name(); }

double Drawing::x_of(const Value& value) {
  if (!by_category()) return as_number(value);
  const auto name = to_text(value);
  auto place = std::ranges::find(panel_.categories, name);
  if (place == panel_.categories.end()) place = panel_.categories.insert(place, name);
  return static_cast<double>(place - panel_.categories.begin());
}

}  // namespace sigmagrad::lab::detail
