// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/statistic.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include <sigmagrad/lab/model/expression.hpp>

namespace sigmagrad::lab {

namespace detail {

namespace {

using Function = std::function<double(const Sample&)>;

// A function of the trials of each group that is meant.
struct OfTrials : Expression {
  std::string name, its_unit;
  std::string what = {};  // "mean", if it is that of a quantity
  Function function;
  std::vector<Quantity> needs = {};  // groups that have not recorded one of them are left out
  Selection selection = {};
  std::vector<std::string> pooled = {};
  bool closed_form = false;  // of the parameters alone

  OfTrials(std::string name_, Function function_, std::vector<Quantity> needs_ = {})
      : name(std::move(name_)), function(std::move(function_)), needs(std::move(needs_)) {
    if (needs.size() == 1) its_unit = needs.front().unit;
  }

  bool tells_apart(const Selection& meant, const std::string& parameter) const {
    return !meant.pins(parameter) && std::ranges::find(pooled, parameter) == pooled.end();
  }

  // Values that were named must have been run, and a group without a successful trial is no group to leave out.
  static void check_complete(const Results& results, const Selection& meant) {
    for (const Group& group : results.groups())
      if (meant.matches(group.params()) && group.trials() > 0 && group.metrics().empty())
        throw NotRun(fmt::format("no trial of {} has succeeded", to_text(group.params())));
    const auto groups = results.where(meant);
    for (const auto& one : meant.criteria())
      for (const Value& value : one.values) {
        const auto has = [&](const Group* group) {
          return same_value(group->params()[std::string_view(one.parameter)], value);
        };
        if (std::ranges::none_of(groups, has))
          throw NotRun(fmt::format("{} = {} was not run", one.parameter, to_text(value)));
      }
  }

  std::size_t trials_of(const Group& group) const {
    auto count = static_cast<std::size_t>(group.trials()) - group.failures().size();
    for (const Quantity& quantity : needs) count = std::min(count, group.values(quantity).size());
    return count;
  }

  std::vector<Pool> pools_of(const Results& results) const {
    const auto meant = results.printed().with(selection);
    check_complete(results, meant);
    std::vector<Pool> pools;
    for (const Group* group : results.where(meant)) {
      if (!std::ranges::all_of(needs, [&](const Quantity& quantity) { return group->has(quantity); })) continue;
      Assignments where;
      for (const auto& item : group->params().items())
        if (tells_apart(meant, item.first)) where.push_back(item);
      auto same = std::ranges::find(pools, where, &Pool::where);
      if (same == pools.end()) same = pools.insert(same, {.where = std::move(where)});
      same->groups.push_back(group);
      if (!closed_form) same->trials = std::max(same->trials.value_or(0), trials_of(*group));
    }
    if (pools.empty() && needs.size() == 1 && !results.where(meant).empty())
      throw NotRecorded(fmt::format("no trial of {} has recorded {}", to_text(meant), needs.front().name));
    if (pools.empty())
      throw NotRun(fmt::format("{}{} was not run", needs.empty() ? "" : needs.front().name + " at ", to_text(meant)));
    return pools;
  }

  StatisticPoints evaluate(const View& view) const override {
    auto& pools = view.pools[this];
    if (pools.empty()) pools = pools_of(view.results);
    StatisticPoints points;
    for (const Pool& pool : pools) points.push_back({pool.where, function(Sample(pool.groups, view.resample))});
    return points;
  }
  ExpressionRef at(const Selection& changes) const override {
    auto copy = std::make_shared<OfTrials>(*this);
    copy->selection = selection.with(changes);
    return copy;
  }
  ExpressionRef over(const std::string& parameter) const override {
    auto copy = std::make_shared<OfTrials>(*this);
    copy->pooled.push_back(parameter);
    return copy;
  }
  std::string label() const override { return name; }
  std::string place() const override { return place_text(selection); }
  std::string unit() const override { return its_unit; }
  std::optional<Simple> simple() const override {
    if (what.empty() || needs.size() != 1) return std::nullopt;
    return Simple{what, needs.front().name, &selection};
  }
  void names(std::vector<std::string>& parameters) const override {
    for (const auto& one : selection.criteria()) parameters.push_back(one.parameter);
    parameters.insert(parameters.end(), pooled.begin(), pooled.end());
  }
};

struct Constant : Expression {
  double value;
  explicit Constant(double value_) : value(value_) {}
  StatisticPoints evaluate(const View&) const override { return {{{}, value}}; }
  ExpressionRef at(const Selection&) const override { return std::make_shared<Constant>(*this); }
  ExpressionRef over(const std::string&) const override { return std::make_shared<Constant>(*this); }
  std::string label() const override { return fmt::format("{:.4g}", value); }
  bool is_constant() const override { return true; }
  void names(std::vector<std::string>&) const override {}
};

// A function of the values of other expressions.
struct Compound : Expression {
  std::vector<ExpressionRef> of;
  std::string pattern;   // of the text: {} stands for each part
  bool has_unit = true;  // that of its only part
  std::function<StatisticPoints(const std::vector<StatisticPoints>&)> combine;

  Compound(std::vector<ExpressionRef> parts_, std::string pattern_,
           std::function<StatisticPoints(const std::vector<StatisticPoints>&)> combine_)
      : of(std::move(parts_)), pattern(std::move(pattern_)), combine(std::move(combine_)) {}

  StatisticPoints evaluate(const View& view) const override {
    std::vector<StatisticPoints> values;
    for (const auto& part : of) values.push_back(part->evaluate(view));
    return combine(values);
  }
  template <class Change>
  ExpressionRef changed(const Change& change) const {
    auto copy = std::make_shared<Compound>(*this);
    for (auto& part : copy->of) part = change(*part);
    return copy;
  }
  ExpressionRef at(const Selection& selection) const override {
    return changed([&](const Expression& part) { return part.at(selection); });
  }
  ExpressionRef over(const std::string& parameter) const override {
    return changed([&](const Expression& part) { return part.over(parameter); });
  }
  std::string unit() const override { return has_unit && of.size() == 1 ? of.front()->unit() : std::string(); }
  std::vector<ExpressionRef> parts() const override { return of; }
  std::string place() const override {
    std::string common;
    for (const auto& part : of) {
      if (!part->parts().empty() || !part->place().empty()) {
        if (!common.empty() && part->place() != common) return {};
        common = part->place();
      }
    }
    return common;
  }
  std::string label() const override {
    std::string text = pattern;
    const bool once = !place().empty();
    for (const auto& part : of)
      if (const auto hole = text.find("{}"); hole != text.npos)
        text.replace(hole, 2, once ? part->label() : part->text());
    return text;
  }
  void names(std::vector<std::string>& parameters) const override {
    for (const auto& part : of) part->names(parameters);
  }
};

// `a` with what `b` adds to it; nothing if they differ in a parameter that both have.
std::optional<Assignments> joined(Assignments a, const Assignments& b) {
  for (const auto& [name, value] : b) {
    const Value* known = find(a, name);
    if (known == nullptr)
      a.emplace_back(name, value);
    else if (!same_value(*known, value))
      return std::nullopt;
  }
  return a;
}

Statistic pairwise(const Statistic& a, const Statistic& b, std::string pattern, double (*function)(double, double)) {
  const auto combine = [function, a = a.text(), b = b.text()](const std::vector<StatisticPoints>& parts) {
    StatisticPoints points;
    for (const auto& x : parts[0])
      for (const auto& y : parts[1])
        if (auto where = joined(x.where, y.where)) points.push_back({std::move(*where), function(x.value, y.value)});
    if (points.empty()) throw NotRun(fmt::format("no group has both {} and {}", a, b));
    return points;
  };
  return Statistic(
      std::make_shared<Compound>(std::vector{a.expression(), b.expression()}, std::move(pattern), combine));
}

Statistic each(const Statistic& a, std::string pattern,
               std::function<StatisticPoints(const StatisticPoints&)> function) {
  return Statistic(std::make_shared<Compound>(
      std::vector{a.expression()}, std::move(pattern),
      [function = std::move(function)](const std::vector<StatisticPoints>& parts) { return function(parts.front()); }));
}

// The value of one group that is `further` than those of the others; NaN if one of them is.
Statistic extreme(const Statistic& a, std::string pattern, bool (*further)(double, double)) {
  return each(a, std::move(pattern), [further](const StatisticPoints& points) {
    double value = points.front().value;
    for (const auto& point : points)
      if (std::isnan(point.value) || further(point.value, value)) value = point.value;
    return StatisticPoints{{{}, value}};
  });
}

Statistic of_quantity(std::string_view what, const Quantity& quantity,
                      std::function<double(const std::vector<double>&)> function) {
  auto term = std::make_shared<OfTrials>(
      fmt::format("{} {}", what, quantity.text()),
      [quantity, function = std::move(function)](const Sample& trials) { return function(trials.values(quantity)); },
      std::vector{quantity});
  term->what = what;
  if (what.starts_with("share")) term->its_unit.clear();
  return Statistic(std::move(term));
}

Statistic of_statistics(std::string_view what, const Quantity& quantity, double Statistics::*member) {
  return of_quantity(what, quantity,
                     [member](const std::vector<double>& values) { return statistics(values).*member; });
}

Statistic share(const Quantity& quantity, const std::string& relation, double limit) {
  return of_quantity(fmt::format("share of trials {} {} in", relation, limit), quantity,
                     [above = relation == "above", limit](const std::vector<double>& values) {
                       const auto count = std::ranges::count_if(
                           values, [&](double value) { return above ? value > limit : value < limit; });
                       return static_cast<double>(count) / static_cast<double>(values.size());
                     });
}

// A number without a unit for each line of values along a parameter, one for every combination of the others.
Statistic of_lines(const Statistic& a, const Parameter& parameter, std::string pattern,
                   std::function<double(const std::vector<std::pair<double, double>>&)> function) {
  const auto combine = [along = parameter.name, function](const std::vector<StatisticPoints>& parts) {
    StatisticPoints values;
    for (const auto& line : lines_along(parts.front(), along)) {
      std::vector<std::pair<double, double>> numbers;
      for (const auto& [x, point] : line.points) numbers.emplace_back(as_number(x), point.value);
      values.push_back({line.where, function(numbers)});
    }
    return values;
  };
  auto compound = std::make_shared<Compound>(std::vector{a.expression()}, std::move(pattern), combine);
  compound->has_unit = false;
  return Statistic(std::move(compound));
}

double least_squares_slope(const std::vector<std::pair<double, double>>& points) {
  const auto n = static_cast<double>(points.size());
  double x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& [px, py] : points) x += px, y += py, xx += px * px, xy += px * py;
  return (n * xy - x * y) / (n * xx - x * x);
}

}  // namespace

}  // namespace detail

Statistic::Statistic(double value) : expression_(std::make_shared<detail::Constant>(value)) {}

Statistic Statistic::at(const Selection& selection) const { return Statistic(expression_->at(selection)); }
Statistic Statistic::over(const Parameter& parameter) const { return Statistic(expression_->over(parameter.name)); }

Statistic Statistic::called(std::string text) const {
  return detail::each(*this, std::move(text), [](const StatisticPoints& points) { return points; });
}

StatisticPoints Statistic::values(const Results& results) const {
  std::map<const detail::Expression*, std::vector<detail::Pool>> pools;
  return expression_->evaluate({results, pools});
}

std::string Statistic::text() const { return expression_->text(); }

Statistic mean(const Quantity& q) { return detail::of_statistics("mean", q, &Statistics::mean); }
Statistic std(const Quantity& q) { return detail::of_statistics("standard deviation of the", q, &Statistics::std); }
Statistic median(const Quantity& q) { return detail::of_statistics("median", q, &Statistics::median); }
Statistic q25(const Quantity& q) { return detail::of_statistics("lower quartile of the", q, &Statistics::q25); }
Statistic q75(const Quantity& q) { return detail::of_statistics("upper quartile of the", q, &Statistics::q75); }
Statistic largest(const Quantity& q) { return detail::of_statistics("largest", q, &Statistics::max); }
Statistic smallest(const Quantity& q) { return detail::of_statistics("smallest", q, &Statistics::min); }
Statistic share_above(const Quantity& q, double limit) { return detail::share(q, "above", limit); }
Statistic share_below(const Quantity& q, double limit) { return detail::share(q, "below", limit); }

Statistic of_trials(std::string text, std::function<double(const Sample&)> function) {
  return Statistic(std::make_shared<detail::OfTrials>(std::move(text), std::move(function)));
}

Statistic expected(std::string text, std::function<double(const Params&)> function) {
  auto form = std::make_shared<detail::OfTrials>(
      std::move(text), [function = std::move(function)](const Sample& trials) { return function(trials.params()); });
  form->closed_form = true;
  return Statistic(std::move(form));
}

Statistic operator+(const Statistic& a, const Statistic& b) {
  return detail::pairwise(a, b, "{} + {}", [](double x, double y) { return x + y; });
}
Statistic operator-(const Statistic& a, const Statistic& b) {
  return detail::pairwise(a, b, "{} less {}", [](double x, double y) { return x - y; });
}
Statistic operator*(const Statistic& a, const Statistic& b) {
  return detail::pairwise(a, b, "{} times {}", [](double x, double y) { return x * y; });
}
Statistic operator/(const Statistic& a, const Statistic& b) {
  return detail::pairwise(a, b, "{} over {}", [](double x, double y) { return x / y; });
}
Statistic ratio(const Statistic& a, const Statistic& b) { return a / b; }

Statistic relative_difference(const Statistic& a, const Statistic& b) {
  return detail::pairwise(a, b, "relative difference of {} and {}",
                          [](double x, double y) { return std::abs(x / y - 1.0); });
}

Statistic abs(const Statistic& a) {
  return detail::each(a, "|{}|", [](StatisticPoints points) {
    for (auto& point : points) point.value = std::abs(point.value);
    return points;
  });
}

Statistic largest(const Statistic& a) {
  return detail::extreme(a, "largest {}", [](double value, double other) { return value > other; });
}

Statistic smallest(const Statistic& a) {
  return detail::extreme(a, "smallest {}", [](double value, double other) { return value < other; });
}

Statistic mean(const Statistic& a) {
  return detail::each(a, "mean over the groups of the {}", [](const StatisticPoints& points) {
    double sum = 0;
    for (const auto& point : points) sum += point.value;
    return StatisticPoints{{{}, sum / static_cast<double>(points.size())}};
  });
}

Statistic growth_exponent(const Statistic& a, const Parameter& along) {
  const auto fit = [along = along.name](std::vector<std::pair<double, double>> line) {
    if (line.size() < 3) throw NotRun(fmt::format("three values of {} were not run", along));
    for (auto& [x, y] : line) x = std::log(x), y = std::log(y);
    return detail::least_squares_slope(line);
  };
  return detail::of_lines(a, along, fmt::format("exponent of {} in the {{}}", along.name), fit);
}

Statistic spread(const Statistic& a, const Parameter& along) {
  const auto fit = [along = along.name](const std::vector<std::pair<double, double>>& line) {
    if (line.size() < 2) throw NotRun(fmt::format("two values of {} were not run", along));
    const auto [low, high] = std::ranges::minmax_element(line, {}, &std::pair<double, double>::second);
    return high->second / low->second;
  };
  return detail::of_lines(a, along, fmt::format("largest over smallest {{}} along {}", along.name), fit);
}

}  // namespace sigmagrad::lab
