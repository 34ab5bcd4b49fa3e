// SPDX-License-Identifier: BSD-3-Clause
// Quantities side by side, and cells.
#include <algorithm>
#include <limits>

#include <sigmagrad/lab/model/drawing.hpp>

namespace sigmagrad::lab::detail {

void Drawing::draw_components() {
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
      add_point(bars, static_cast<double>(c), s, false, spec_.quantities[c].bounds);
      add_point(mean, static_cast<double>(c), s, true, spec_.quantities[c].bounds);
    }
    if (bars.label.empty()) bars.label = "median, quartiles";
    panel_.series.push_back(std::move(bars));
    if (spec_.means) means_.push_back(std::move(mean));
  }
  draw_constants();
}

void Drawing::draw_cells() {
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

}  // namespace sigmagrad::lab::detail
