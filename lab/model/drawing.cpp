// SPDX-License-Identifier: BSD-3-Clause
// From a plot and results to a panel's series.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <sigmagrad/lab/model/expression.hpp>
#include <sigmagrad/lab/model/plot.hpp>
#include <sigmagrad/lab/model/text.hpp>
#include <sigmagrad/lab/model/trial.hpp>

namespace sigmagrad::lab {

namespace {

using Spec = Plot::Spec;

constexpr double bar_room = 0.8;  // of the distance between two categories, as bars are drawn

// Groups that one line is drawn of.
struct Line {
  Assignments by = {};
  Groups groups = {};
};

class Drawing {
 public:
  // `means`: of components, a series for each of the panel's bars.
  Drawing(const Spec& spec, const Results& results, const std::vector<Claim>& claims, Panel& panel,
          std::vector<Series>& means)
      : spec_(spec), results_(results), claims_(claims), panel_(panel), means_(means) {}

  void draw() {
    panel_.log_x = panel_.log_x || spec_.log_x;
    panel_.log_y = panel_.log_y || spec_.log_y;
    label_axes();
    if (spec_.form == Plot::Form::Cells) return draw_cells();
    if (spec_.form == Plot::Form::Components) return draw_components();
    if (!spec_.statistics.empty()) return draw_statistics();
    const auto lines = lines_of(results_.where(chosen_));
    for (const Line& line : lines) draw_line(line, lines.size(), {});
    if (spec_.fresh)
      for (const Line& line : lines_of(results_.where(chosen_.with(fresh_))))
        draw_line(line, lines.size(), *spec_.fresh);
    if (spec_.printed) draw_printed();
    for (const Line& line : lines) draw_theory(line);
    draw_constants();
  }

 private:
  static Selection usual_trials(const Results& results) {
    const auto usual = Selection::equal(sample.name, sample.quick.front());
    const auto& groups = results.groups();
    const bool has_both = !groups.empty() && groups.front().params().has(sample.name);
    return has_both && !results.where(usual).empty() ? usual : Selection();
  }

  void label_axes() {
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

  bool is_axis(const std::string& name) const {
    const auto among = [&](const std::vector<Parameter>& some) {
      return std::ranges::find(some, name, &Parameter::name) != some.end();
    };
    return (spec_.x && spec_.x->name == name) || (spec_.y && spec_.y->name == name) || among(spec_.over);
  }

  // Parameters that tell the lines apart: those that were named, then whatever else differs.
  std::vector<std::string> telling(const Groups& groups) const {
    std::vector<std::string> names;
    for (const auto& parameter : spec_.by) names.push_back(parameter.name);
    for (const Group* group : groups)
      for (const auto& [name, value] : group->params().items())
        if (!is_axis(name) && !same_value(value, groups.front()->params()[std::string_view(name)]) &&
            std::ranges::find(names, name) == names.end())
          names.push_back(name);
    return names;
  }

  std::vector<Line> lines_of(const Groups& groups) const {
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

  static std::string text_of(const Assignments& by) {
    std::vector<std::string> texts;
    for (const auto& [name, value] : by)
      texts.push_back(std::holds_alternative<std::string>(value) ? to_text(value) : name + " = " + to_text(value));
    return fmt::format("{}", fmt::join(texts, ", "));
  }

  // "condition number, depth = 2, fresh trials": what tells this series from the others of the plot.
  std::string label_of(const std::string& what, std::size_t whats, const Line& line, const std::string& more) const {
    std::vector<std::string> parts;
    if (!spec_.label.empty()) return spec_.label;
    const auto by = text_of(line.by);
    if (whats > 1 || (by.empty() && more.empty())) parts.push_back(what);
    if (!by.empty()) parts.push_back(by);
    if (!more.empty()) parts.push_back(more);
    return fmt::format("{}", fmt::join(parts, ", "));
  }

  bool medians() const { return spec_.medians || !spec_.means; }

  void draw_line(const Line& line, std::size_t, const std::string& more) {
    if (spec_.form == Plot::Form::Scatter) return draw_scatter(line);
    for (const Curve& curve : spec_.curves) draw_curve(line, curve, more);
    for (const Quantity& quantity : spec_.quantities) {
      const auto label = label_of(quantity.text(), spec_.quantities.size(), line, more);
      const bool both = spec_.medians && spec_.means;
      if (medians()) add(along(line, quantity, both ? label + ": median, quartiles" : label, false));
      if (spec_.means && more.empty())
        add(along(line, quantity,
                  both ? label + (spec_.standard_errors ? ": mean \u00b1 standard error" : ": mean \u00b1 std") : label,
                  true));
    }
  }

  // Groups by their value of x, with what is pooled in one sample.
  std::vector<std::pair<Value, std::vector<const Group*>>> places(const Groups& groups) const {
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

  bool by_name() const { return spec_.x && (spec_.x->type == Type::Text || spec_.x->type == Type::Boolean); }
  bool by_category() const { return spec_.categories || by_name(); }

  double x_of(const Value& value) {
    if (!by_category()) return as_number(value);
    const auto name = to_text(value);
    auto place = std::ranges::find(panel_.categories, name);
    if (place == panel_.categories.end()) place = panel_.categories.insert(place, name);
    return static_cast<double>(place - panel_.categories.begin());
  }

  Series along(const Line& line, const Quantity& quantity, const std::string& label, bool mean) {
    Series series{.label = label,
                  .kind = spec_.kind.value_or(mean || by_name() ? Kind::Points : Kind::Line),
                  .role = !mean                      ? Role::Median
                          : spec_.kind == Kind::Line ? Role::Measured
                                                     : Role::Mean};
    std::vector<std::pair<double, Statistics>> points;
    for (const auto& [value, groups] : places(line.groups)) {
      const Sample trials(groups, nullptr);
      if (!trials.has(quantity)) continue;
      const auto values = trials.values(quantity);
      auto& s = points.emplace_back(x_of(value), statistics(values)).second;
      if (spec_.standard_errors) s.std /= std::sqrt(static_cast<double>(values.size()));
    }
    std::ranges::sort(points, {}, [](const auto& point) { return point.first; });
    for (const auto& [x, s] : points) add_point(series, x, s, mean);
    return series;
  }

  static void add_point(Series& series, double x, const Statistics& s, bool mean) {
    series.x.push_back(x);
    series.y.push_back(mean ? s.mean : s.median);
    series.low.push_back(mean ? s.mean - s.std : s.q25);
    series.high.push_back(mean ? s.mean + s.std : s.q75);
  }

  void draw_curve(const Line& line, const Curve& curve, const std::string& more) {
    const auto label = label_of(curve.text(), spec_.curves.size(), line, more);
    for (const Group* group : line.groups) {
      Series series{.label = label, .kind = spec_.kind.value_or(Kind::Line)};
      series.role = spec_.means ? Role::Mean : Role::Median;
      for (const auto& [at, s] : group->curve(curve)) add_point(series, at, s, spec_.means);
      add(std::move(series));
    }
  }

  void draw_scatter(const Line& line) {
    Series series{.label = spec_.label.empty() ? text_of(line.by) : spec_.label, .kind = Kind::Points};
    for (const Group* group : line.groups) {
      const auto &x = group->values(spec_.quantities[0]), &y = group->values(spec_.quantities[1]);
      const auto count = std::min(x.size(), y.size());
      series.x.insert(series.x.end(), x.begin(), x.begin() + static_cast<std::ptrdiff_t>(count));
      series.y.insert(series.y.end(), y.begin(), y.begin() + static_cast<std::ptrdiff_t>(count));
    }
    add(std::move(series));
  }

  void draw_statistics() {
    for (const Statistic& statistic : spec_.statistics) {
      const auto own = results_.starting_from(chosen_);
      std::vector<std::pair<Assignments, std::vector<std::pair<double, double>>>> lines;
      const auto points = statistic.values(own);
      for (const auto& point : points) {
        Assignments by;
        double x = 0;
        for (const auto& [name, value] : point.where) {
          const bool varies = std::ranges::any_of(points, [&, n = name, v = value](const StatisticPoint& other) {
            const auto place = std::ranges::find(other.where, n, &Assignments::value_type::first);
            return place == other.where.end() || !same_value(place->second, v);
          });
          if (name == spec_.x->name)
            x = x_of(value);
          else if (varies)
            by.emplace_back(name, value);
        }
        auto line = std::ranges::find(lines, by, [](const auto& one) { return one.first; });
        if (line == lines.end()) line = lines.insert(line, {by, {}});
        line->second.emplace_back(x, point.value);
      }
      for (auto& [by, values] : lines) {
        std::ranges::sort(values);
        Series series{.label = label_of(statistic.text(), spec_.statistics.size(), {.by = by}, {}),
                      .kind = spec_.kind.value_or(Kind::Line)};
        for (const auto& [x, y] : values) series.x.push_back(x), series.y.push_back(y);
        add(std::move(series));
      }
    }
    for (const Line& line : lines_of(results_.where(chosen_))) draw_theory(line);
    draw_constants();
  }

  void draw_components() {
    if (panel_.categories.empty())
      for (const Quantity& quantity : spec_.quantities) panel_.categories.push_back(quantity.text());
    for (const Line& line : lines_of(results_.where(chosen_))) {
      Series bars{.label = spec_.label.empty() ? text_of(line.by) : spec_.label,
                  .kind = spec_.kind.value_or(Kind::Bars),
                  .role = Role::Median};
      Series mean{.label = "mean \u00b1 std", .kind = Kind::Points, .role = Role::Mean};
      for (std::size_t c = 0; c < spec_.quantities.size(); ++c) {
        const Sample trials({line.groups.begin(), line.groups.end()}, nullptr);
        if (!trials.has(spec_.quantities[c])) continue;
        const auto s = statistics(trials.values(spec_.quantities[c]));
        add_point(bars, static_cast<double>(c), s, false);
        add_point(mean, static_cast<double>(c), s, true);
      }
      if (bars.label.empty()) bars.label = "median, quartiles";
      panel_.series.push_back(std::move(bars));
      if (spec_.means) means_.push_back(std::move(mean));
    }
    draw_constants();
  }

  void draw_cells() {
    const auto groups = results_.where(chosen_);
    std::vector<Value> columns, rows;
    const auto note = [](std::vector<Value>& values, const Value& value) {
      if (std::ranges::find(values, value) == values.end()) values.push_back(value);
    };
    for (const Group* group : groups) {
      note(columns, group->params()[std::string_view(spec_.x->name)]);
      note(rows, group->params()[std::string_view(spec_.y->name)]);
    }
    Matrix matrix{.columns = static_cast<std::int64_t>(columns.size()),
                  .label = spec_.quantities.front().text(),
                  .log = spec_.log_y};
    for (const Value& column : columns) matrix.column_names.push_back(to_text(column));
    for (const Value& row : rows) {
      matrix.row_names.push_back(to_text(row));
      for (const Value& column : columns) {
        const auto cell = Selection::equal(spec_.x->name, column) && Selection::equal(spec_.y->name, row);
        const auto found = results_.where(chosen_.with(cell));
        const Sample trials({found.begin(), found.end()}, nullptr);
        const bool has = !found.empty() && trials.has(spec_.quantities.front());
        const auto value = [&] { return statistics(trials.values(spec_.quantities.front())); };
        matrix.values.push_back(!has          ? std::numeric_limits<double>::quiet_NaN()
                                : spec_.means ? value().mean
                                              : value().median);
      }
    }
    panel_.log_y = false;
    panel_.matrix = std::move(matrix);
  }

  // Numbers that claims print of what is drawn, at the x that they are of.
  void draw_printed() {
    if (results_.where(results_.printed()).empty()) return;
    std::map<std::string, std::vector<std::pair<double, double>>> crosses;
    for (const Claim& claim : claims_)
      for (const auto& [statistic, number] : claim.printed) {
        const auto simple = statistic.expression()->simple();
        if (!simple || (simple->what != "mean" && simple->what != "median")) continue;
        if (const auto x = printed_x(*simple)) crosses["printed " + simple->what].emplace_back(*x, number);
      }
    for (auto& [label, points] : crosses) {
      std::ranges::sort(points);
      Series series{.label = label, .kind = Kind::Points, .role = Role::Printed};
      for (const auto& [x, y] : points) series.x.push_back(x), series.y.push_back(y);
      add(std::move(series));
    }
  }

  std::optional<double> printed_x(const detail::Simple& simple) {
    for (const Curve& curve : spec_.curves)
      if (simple.quantity.starts_with(curve.name + '@'))
        return std::strtod(simple.quantity.c_str() + curve.name.size() + 1, nullptr);
    if (std::ranges::find(spec_.quantities, simple.quantity, &Quantity::name) == spec_.quantities.end() || !spec_.x)
      return std::nullopt;
    for (const auto& one : simple.selection->conditions())
      if (one.parameter == spec_.x->name && one.value) return x_of(*one.value);
    return std::nullopt;
  }

  // Nothing, if the closed form is known for other lines alone.
  StatisticPoints worked_out(const Statistic& statistic, const Line& line) const {
    try {
      return statistic.values(results_.starting_from(chosen_.with(Selection(line.by))));
    } catch (const NotRun&) {
      return {};
    }
  }

  // Along a real parameter a closed form is drawn between the groups, too.
  void draw_theory(const Line& line) {
    for (const auto& theory : spec_.theories) {
      Series series{.label = theory.label, .role = Role::Theory};
      if (theory.statistic) {
        for (const auto& point : worked_out(*theory.statistic, line))
          if (!spec_.x)
            for (const auto& [at, s] : line.groups.front()->curve(spec_.curves.front()))
              series.x.push_back(at), series.y.push_back(point.value);
          else if (const auto x = std::ranges::find(point.where, spec_.x->name, &Assignments::value_type::first);
                   x != point.where.end())
            series.x.push_back(x_of(x->second)), series.y.push_back(point.value);
      } else if (theory.of_point) {
        for (const Group* group : line.groups)
          for (const auto& [at, s] : group->curve(spec_.curves.front()))
            series.x.push_back(at), series.y.push_back(theory.of_point(group->params(), at));
      } else if (spec_.x) {
        for (const auto& [x, params] : theory_places(line))
          series.x.push_back(x), series.y.push_back(theory.of_params(params));
      }
      add(std::move(series));
    }
  }

  std::vector<std::pair<double, Params>> theory_places(const Line& line) {
    std::vector<std::pair<double, Params>> all;
    for (const auto& [value, groups] : places(line.groups)) all.emplace_back(x_of(value), groups.front()->params());
    std::ranges::sort(all, {}, [](const auto& place) { return place.first; });
    if (spec_.x->type != Type::Real || by_category() || all.size() < 2) return all;
    const double low = all.front().first, high = all.back().first;
    const bool log = panel_.log_x && low > 0;
    if (!std::isfinite(low) || !std::isfinite(high)) return all;
    constexpr int steps = 60;
    std::vector<std::pair<double, Params>> between;
    for (int i = 0; i <= steps; ++i) {
      const double share = static_cast<double>(i) / steps;
      const double x = log ? low * std::pow(high / low, share) : low + (high - low) * share;
      auto items = all.front().second.items();
      for (auto& [name, value] : items)
        if (name == spec_.x->name) value = x;
      between.emplace_back(x, Params(std::move(items)));
    }
    return between;
  }

  void draw_constants() {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const Series& series : panel_.series)
      for (const double x : series.x) low = std::min(low, x), high = std::max(high, x);
    if (low > high) return;
    for (const auto& [y, same, label] : spec_.lines) panel_.series.push_back(theory_line({low, high}, {y, y}, label));
    for (const auto& [bottom, top, label] : spec_.ranges)
      panel_.series.push_back({.label = label,
                               .kind = Kind::Band,
                               .role = Role::Printed,
                               .x = {low, high},
                               .y = {bottom, bottom},
                               .low = {bottom, bottom},
                               .high = {top, top}});
  }

  // Logarithmic axes have no room for what is not positive.
  void add(Series series) {
    Series kept = series;
    kept.x.clear(), kept.y.clear(), kept.low.clear(), kept.high.clear();
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      if ((panel_.log_x && !(series.x[i] > 0)) || (panel_.log_y && !(series.y[i] > 0))) continue;
      if (!std::isfinite(series.x[i]) || !std::isfinite(series.y[i])) continue;
      kept.x.push_back(series.x[i]);
      kept.y.push_back(series.y[i]);
      if (i < series.low.size()) kept.low.push_back(series.low[i]), kept.high.push_back(series.high[i]);
    }
    if (!kept.x.empty()) panel_.series.push_back(std::move(kept));
  }

  const Spec& spec_;
  const Results& results_;
  const std::vector<Claim>& claims_;
  Panel& panel_;
  std::vector<Series>& means_;
  Selection chosen_ = usual_trials(results_).with(spec_.selection);
  Selection fresh_ = Selection::equal(sample.name, sample.quick.back());
};

// Each on its bar, with one entry in the legend.
void add_means_of_bars(const std::vector<Series>& means, Panel& panel) {
  if (means.empty()) return;
  const auto n = static_cast<double>(means.size());
  Series all{.label = means.front().label, .kind = Kind::Points, .role = Role::Mean};
  for (std::size_t bar = 0; bar < means.size(); ++bar)
    for (std::size_t i = 0; i < means[bar].x.size(); ++i) {
      all.x.push_back(means[bar].x[i] + (static_cast<double>(bar) - (n - 1.0) / 2.0) * bar_room / n);
      all.y.push_back(means[bar].y[i]);
      all.low.push_back(means[bar].low[i]), all.high.push_back(means[bar].high[i]);
    }
  panel.series.push_back(std::move(all));
}

}  // namespace

Panel draw(const std::string& title, const std::vector<Plot>& plots, const Results& results,
           const std::vector<Claim>& claims) {
  Panel panel{.title = title};
  std::vector<Series> means;
  for (const Plot& plot : plots) Drawing(plot.spec(), results, claims, panel, means).draw();
  add_means_of_bars(means, panel);
  return panel;
}

}  // namespace sigmagrad::lab
