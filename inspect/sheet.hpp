// SPDX-License-Identifier: BSD-3-Clause
// A table as data. Each column has the one text that says what it is: tables, files, the help and the report read it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <sigmagrad/inspect/cell.hpp>

namespace sigmagrad::inspection {

struct Heading {
  std::string name = {};
  std::string meaning = {};
  std::string unit = {};
  int dispensable = 0;          // a narrow terminal does without those of the largest number first; 0 always stays
  bool fitted = false;          // of --fit alone
  bool in_json = true;          // one of the keys of a tensor there
  bool smallest_first = false;  // when sorted: the lowest ranks
};

template <class Row>
struct Column : Heading {
  std::function<Cell(const Row&)> cell = {};
};

struct Sheet {
  std::vector<Heading> headings = {};
  std::vector<std::vector<Cell>> rows = {};
};

template <class Row>
Sheet sheet_of(const std::vector<Column<Row>>& columns, const std::vector<Row>& rows) {
  Sheet sheet{.headings = {columns.begin(), columns.end()}};
  for (const Row& row : rows) {
    auto& cells = sheet.rows.emplace_back();
    for (const Column<Row>& column : columns) cells.push_back(column.cell(row));
  }
  return sheet;
}

/// The place of the column of this name; an Error that names the nearest one if there is none.
std::size_t place_of(const std::vector<Heading>& headings, const std::string& name);

/// Sorts by a column, as `cell_before` says; equal rows stay in their order.
template <class Row>
void sort_rows(std::vector<Row>& rows, const Column<Row>& column) {
  std::ranges::stable_sort(rows, [&](const Row& a, const Row& b) {
    return cell_before(column.cell(a), column.cell(b), column.smallest_first);
  });
}

/// A line for each heading: name, meaning, unit.
std::string headings_text(const std::vector<Heading>& headings);

/// Columns in which nothing stands are left out, and so are what finds no room in `width` characters (0: any number),
/// which are named below. A name too long for the line loses its beginning.
std::string table_text(const Sheet& sheet, std::size_t width);

/// A header, then a row a line, with every digit. `first` stands before each of the rows.
std::string csv_header(const std::vector<Heading>& headings, const std::vector<std::string>& first);
std::string csv_rows(const Sheet& sheet, const std::vector<std::string>& first);

/// The text without its beginning where it has more than `width` characters: "…0.attention.key.weight".
std::string shortened(const std::string& text, std::size_t width);

}  // namespace sigmagrad::inspection
