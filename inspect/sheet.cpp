// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/sheet.hpp>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/inspect/name_lists.hpp>
#include <sigmagrad/lab/model/nearest.hpp>
#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::inspection {

namespace {

constexpr std::size_t apart = 2, short_name = 40, shortest_name = 8;  // characters

// The texts of a column, its name first.
struct TextColumn {
  const Heading* heading = nullptr;
  std::vector<std::string> texts = {};
  std::size_t width = 0;

  void measure() {
    width = 0;
    for (const auto& text : texts) width = std::max(width, lab::display_width(text));
  }
};

std::vector<TextColumn> columns_with_something(const Sheet& sheet) {
  std::vector<TextColumn> columns;
  for (std::size_t j = 0; j < sheet.headings.size(); ++j) {
    TextColumn column{.heading = &sheet.headings[j], .texts = {sheet.headings[j].name}};
    bool something = false;
    for (const auto& row : sheet.rows) {
      const auto text = cell_text(row[j], Digits::Three);
      something = something || !text.empty();
      column.texts.push_back(text.empty() ? "-" : text);
    }
    column.measure();
    if (something) columns.push_back(std::move(column));
  }
  return columns;
}

std::size_t total_width(const std::vector<TextColumn>& columns) {
  std::size_t sum = 0;
  for (const TextColumn& column : columns) sum += column.width + apart;
  return sum - apart;
}

// Drops columns, and then parts of the names in the first, until they fit. Returns what was dropped.
std::vector<std::string> fit(std::vector<TextColumn>& columns, std::size_t width) {
  std::vector<std::string> dropped;
  TextColumn& names = columns.front();
  const auto wanted = names.width;
  names.width = std::min(wanted, short_name);
  while (total_width(columns) > width) {
    const auto last =
        std::ranges::max_element(columns, {}, [](const TextColumn& column) { return column.heading->dispensable; });
    if (last->heading->dispensable == 0) break;
    dropped.push_back(last->heading->name);
    columns.erase(last);
  }
  const auto others = total_width(columns) - columns.front().width;
  const auto room = std::max(width > others ? width - others : 0, shortest_name);
  for (auto& name : columns.front().texts) name = shortened(name, std::min(wanted, room));
  return dropped;
}

}  // namespace

std::size_t place_of(const std::vector<Heading>& headings, const std::string& name) {
  std::vector<std::string> names;
  for (const Heading& heading : headings) names.push_back(heading.name);
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) throw Error(lab::unknown("inspect", "column", name, names));
  return static_cast<std::size_t>(found - names.begin());
}

std::string headings_text(const std::vector<Heading>& headings) {
  std::vector<std::vector<std::string>> rows;
  for (const Heading& heading : headings)
    rows.push_back({heading.name, heading.meaning + (heading.unit.empty() ? "" : " [" + heading.unit + ']') +
                                      (heading.fitted ? " (--fit)" : "")});
  return lab::align(rows, 2);
}

std::string table_text(const Sheet& sheet, std::size_t width) {
  auto columns = columns_with_something(sheet);
  if (columns.empty()) return "";
  const auto dropped = width > 0 ? fit(columns, width) : std::vector<std::string>();
  std::vector<std::vector<std::string>> lines(sheet.rows.size() + 1);
  for (const TextColumn& column : columns)
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i].push_back(column.texts[i]);
  auto text = lab::align(lines);
  if (!dropped.empty())
    text += wrapped_text(fmt::format("No room for {}: --csv prints all.", fmt::join(dropped, ", ")), width, "  ");
  return text;
}

std::string csv_header(const std::vector<Heading>& headings, const std::vector<std::string>& first) {
  auto cells = first;
  for (const Heading& heading : headings) cells.push_back(heading.name);
  return lab::csv_line(cells);
}

std::string csv_rows(const Sheet& sheet, const std::vector<std::string>& first) {
  std::string text;
  for (const auto& row : sheet.rows) {
    auto cells = first;
    for (const Cell& cell : row) cells.push_back(cell_text(cell));
    text += lab::csv_line(cells);
  }
  return text;
}

std::string shortened(const std::string& text, std::size_t width) {
  const auto length = lab::display_width(text);
  if (length <= width || width < 2) return text;
  std::size_t from = 0;
  for (std::size_t drop = length - (width - 1); drop > 0; --drop) {  // whole characters
    ++from;
    while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xc0U) == 0x80U) ++from;
  }
  return "…" + text.substr(from);
}

}  // namespace sigmagrad::inspection
