// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/report_page.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <sigmagrad/inspect/sorting_script.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/figures/drawings.hpp>
#include <sigmagrad/lab/report/figure_html.hpp>
#include <sigmagrad/lab/report/html.hpp>

namespace sigmagrad::inspection {

namespace {

using lab::element;
using lab::html_escaped;

std::string list(const std::vector<std::string>& lines) {
  std::string items;
  for (const auto& line : lines) items += element("li", html_escaped(line)) + '\n';
  return items.empty() ? items : element("ul", items) + '\n';
}

// JavaScript's words for what its Number() takes.
std::string sorting_value(const Cell& cell) {
  const double number = cell_number(cell);
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return std::isnan(number) ? cell_text(cell) : fmt::format("{}", number);
}

// Long names break after dots and underscores first.
std::string breakable(const std::string& text) {
  std::string broken;
  for (const char c : text) {
    broken += c;
    if (c == '.' || c == '_') broken += "<wbr>";
  }
  return broken;
}

std::string cell_html(const Cell& cell) {
  const auto text = cell_text(cell, Digits::Three);
  if (text.empty()) return "–";
  return element("data", breakable(html_escaped(text)), fmt::format("value=\"{}\"", html_escaped(sorting_value(cell))));
}

bool has_something(const Sheet& sheet, std::size_t j) {
  return std::ranges::any_of(sheet.rows, [j](const auto& row) { return !cell_text(row[j]).empty(); });
}

// Numbered, so that the figures can say which row they speak of.
std::string sheet_html(const Section& section) {
  const Sheet& sheet = section.sheet;
  const auto button = [](const Heading& heading) {
    const auto tip = heading.meaning + (heading.unit.empty() ? "" : " [" + heading.unit + ']');
    return element("button", html_escaped(heading.name),
                   fmt::format("type=\"button\" title=\"{}\"{}", html_escaped(tip),
                               heading.smallest_first ? " data-ascending" : ""));
  };
  std::vector<std::size_t> shown;
  std::vector<std::string> header{button({.name = "#", .meaning = "its number", .smallest_first = true})};
  for (std::size_t j = 0; j < sheet.headings.size(); ++j)
    if (has_something(sheet, j)) {
      shown.push_back(j);
      header.push_back(button(sheet.headings[j]));
    }
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < sheet.rows.size(); ++i) {
    auto& row = rows.emplace_back(1, cell_html(static_cast<std::int64_t>(i + 1)));
    for (const auto j : shown) row.push_back(cell_html(sheet.rows[i][j]));
    if (!section.anchors[i].empty())
      row[1] = element("a", row[1], fmt::format("href=\"#{}\"", html_escaped(section.anchors[i])));
  }
  return rows.empty() ? "" : lab::html_table(header, rows, "sheet", "Tensors of " + section.title);
}

std::string section_html(const Section& section, const std::filesystem::path& figures) {
  auto html = element("h2", html_escaped(section.title)) + list(section.sentences);
  for (const auto& figure : section.overview) html += lab::figure_html(figure, "", figures);
  html += sheet_html(section);
  if (!section.other_rows.empty())
    html += element("details", element("summary", html_escaped(section.others_title)) + list(section.other_rows));
  for (const auto& figure : section.figures)
    html += element("div", lab::figure_html(figure, "", figures), "class=\"matrix\"");
  return element("section", html) + '\n';
}

std::string meanings_html(const Page& page) {
  std::vector<std::vector<std::string>> rows;
  for (const Heading& heading : page.headings)
    rows.push_back(
        {element("b", html_escaped(heading.name)), html_escaped(heading.meaning), html_escaped(heading.unit)});
  auto html = element("h2", "What the columns say") +
              lab::html_table({"column", "meaning", "unit"}, rows, "meanings", "Columns");
  if (!page.cautions.empty()) html += element("h3", "Before concluding") + list(page.cautions);
  return html + element("p", "Every digit: " + lab::link(page.data, page.data) + '.');
}

}  // namespace

std::vector<std::string> write_page(Page page, const std::filesystem::path& folder,
                                    const std::function<bool()>& interrupted) {
  const auto figures = folder / "figures";
  std::filesystem::create_directories(figures);
  std::vector<const lab::Figure*> all;
  for (const Section& section : page.sections)
    for (const auto* some : {&section.overview, &section.figures})
      for (const auto& figure : *some) all.push_back(&figure);
  auto notes = lab::draw_all(all, figures, {.interrupted = interrupted});
  std::erase(notes, "");
  if (interrupted()) return notes;
  page.warnings.insert(page.warnings.end(), notes.begin(), notes.end());
  auto html = element("h1", html_escaped(page.title));
  if (!page.warnings.empty()) html += element("div", list(page.warnings), "class=\"warning\"");
  for (const Section& section : page.sections) html += section_html(section, figures);
  html += meanings_html(page);
  sigmagrad::detail::write_file(folder / "report.html",
                                lab::html_page(page.title, html, std::string(sheet_style) + sorting_script));
  return notes;
}

}  // namespace sigmagrad::inspection
