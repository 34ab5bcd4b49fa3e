// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/impute/observation_files.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/io/csv.hpp>
#include <sigmagrad/io/npy.hpp>
#include <sigmagrad/io/parsers/csv.hpp>

namespace sigmagrad::impute {

namespace {

using Row = std::vector<std::string>;

template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> message, Args&&... args) {
  throw Error(fmt::format(message, std::forward<Args>(args)...));
}

class Ids {
 public:
  std::int64_t number(std::string_view field) {
    const std::string id(detail::csv_trimmed(field));
    const auto [found, added] = numbers_.try_emplace(id, std::ssize(names_));
    if (added) names_.push_back(id);
    return found->second;
  }
  std::vector<std::string>& names() { return names_; }

 private:
  std::unordered_map<std::string, std::int64_t> numbers_;
  std::vector<std::string> names_;
};

// A missing number is no id: the text is a matrix of three or four columns.
void check_id(const TextTable& table, const std::string& field) {
  if (detail::is_csv_gap(field)) fail("{}: the id of its row or column is empty", table.place());
  const auto number = detail::csv_number(field);
  if (number && !std::isfinite(*number))
    fail("{}: {:?} is no id of a row or column; a dense matrix is read with --format dense", table.place(), field);
}

double triplet_value(const TextTable& table, const std::string& field) {
  const auto value = detail::csv_number(field);
  if (!value)
    fail("{}: the value {:?} is not a number; a dense matrix is read with --format dense", table.place(), field);
  if (!std::isfinite(*value))
    fail("{}: the value {} is not finite; leave out entries that are not observed", table.place(), *value);
  return *value;
}

// Sorts by row and column. `lines` says where each entry was read.
Observations sorted(const Observations& entries, const std::vector<std::int64_t>& lines, const TextTable& table,
                    const std::vector<std::string>& row_ids, const std::vector<std::string>& column_ids) {
  std::vector<std::int64_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0);
  const auto pair = [&](std::int64_t position) {
    const auto i = static_cast<std::size_t>(position);
    return std::pair(entries.rows[i], entries.columns[i]);
  };
  std::ranges::stable_sort(order, {}, pair);
  const auto twice = std::ranges::adjacent_find(order, {}, pair);
  if (twice != order.end())
    fail("{}: line {}: row {:?}, column {:?} has a value already, on line {}", table.file(),
         lines[static_cast<std::size_t>(twice[1])], row_ids[static_cast<std::size_t>(pair(*twice).first)],
         column_ids[static_cast<std::size_t>(pair(*twice).second)], lines[static_cast<std::size_t>(*twice)]);
  return selected(entries, order);
}

ObservedMatrix read_triplets(TextTable& table, Row& row) {
  if (row.size() < 3) fail("{}: {} fields, expected row,col,value", table.place(), row.size());
  Ids rows, columns;
  Observations entries;
  std::vector<std::int64_t> lines;
  bool more = !detail::is_csv_header(row, CsvOptions::Header::Auto) || table.next(row);
  for (; more; more = table.next(row)) {
    check_id(table, row[0]), check_id(table, row[1]);
    const double value = triplet_value(table, row[2]);
    entries.add(rows.number(row[0]), columns.number(row[1]), value);
    lines.push_back(table.line());
  }
  entries.row_count = std::ssize(rows.names());
  entries.column_count = std::ssize(columns.names());
  return {.entries = sorted(entries, lines, table, rows.names(), columns.names()),
          .row_ids = std::move(rows.names()),
          .column_ids = std::move(columns.names()),
          .named_rows = true,
          .named_columns = true};
}

std::vector<std::string> numbered(std::int64_t count) {
  std::vector<std::string> ids;
  for (std::int64_t i = 0; i < count; ++i) ids.push_back(std::to_string(i));
  return ids;
}

bool is_number_or_gap(const std::string& field) { return detail::is_csv_gap(field) || detail::csv_number(field); }

bool is_empty(const std::string& field) { return detail::csv_trimmed(field).empty(); }

// Whether behind the first field stand whole numbers alone, each larger than the one before: numbers of columns, as
// pandas has them, or ratings that happen to grow.
bool counts_up(const Row& row) {
  double before = -1.0;
  for (std::size_t j = 1; j < row.size(); ++j) {
    const auto value = detail::csv_number(row[j]);
    if (!value || !(*value > before) || *value != std::floor(*value)) return false;
    before = *value;
  }
  return true;
}

// Whether the first line names the columns, which stand over a column of names if their own names are numbers.
bool names_columns(const Row& line, const Row& next, RowNames asked) {
  if (detail::is_csv_header(line, CsvOptions::Header::Auto)) return true;
  constexpr std::size_t too_many_for_chance = 9;  // so many grow in one of 9! orders
  const auto& corner = line.front();
  if (asked == RowNames::No || !counts_up(line)) return false;
  if (is_empty(corner)) return true;
  return !is_number_or_gap(corner) && (is_number_or_gap(next.front()) || line.size() > too_many_for_chance);
}

// Whether the first field of each row is its name. `header` is empty where the first line, `values`, holds values.
bool has_row_names(const Row& header, const Row& values, const Row& next, RowNames asked) {
  if (asked != RowNames::Auto) return asked == RowNames::Yes;
  if (!header.empty())
    return is_empty(header.front()) || !is_number_or_gap(values.front()) || detail::csv_number(header.back());
  return !is_number_or_gap(values.front()) && !is_number_or_gap(next.front()) &&
         std::all_of(values.begin() + 1, values.end(), is_number_or_gap);
}

void add_row(Observations& entries, const TextTable& table, const Row& row, std::size_t first) {
  for (std::size_t j = first; j < row.size(); ++j) {
    if (detail::is_csv_gap(row[j])) continue;
    const auto value = detail::csv_number(row[j]);
    if (!value)
      fail(
          "{}: column {}: {:?} is not a number; row,col,value triplets are read with --format triplets, names in the "
          "first column with --row-names yes, and --separator says what lies between the fields",
          table.place(), j + 1, row[j]);
    if (std::isinf(*value)) fail("{}: column {}: {} is not finite", table.place(), j + 1, *value);
    if (!std::isnan(*value)) entries.add(entries.row_count, static_cast<std::int64_t>(j - first), *value);
  }
  ++entries.row_count;
}

ObservedMatrix read_dense(TextTable& table, Row& row, RowNames row_names) {
  Row header, next = table.peek().value_or(row);
  if (names_columns(row, next, row_names)) {
    header = row;
    if (!table.next(row)) fail("{}: holds no values below the names of its columns", table.file());
  }
  ObservedMatrix matrix{.named_rows = has_row_names(header, row, next, row_names), .named_columns = !header.empty()};
  const std::size_t first = matrix.named_rows ? 1 : 0;
  matrix.entries.column_count = std::ssize(row) - (matrix.named_rows ? 1 : 0);
  matrix.column_ids = numbered(matrix.entries.column_count);
  for (std::size_t j = first; j < header.size(); ++j) matrix.column_ids[j - first] = detail::csv_trimmed(header[j]);
  std::unordered_set<std::string> names;
  do {
    if (matrix.named_rows) {
      const auto& name = matrix.row_ids.emplace_back(detail::csv_trimmed(row.front()));
      if (!names.insert(name).second) fail("{}: the row's name {:?} is there already", table.place(), name);
    }
    add_row(matrix.entries, table, row, first);
  } while (table.next(row));
  if (!matrix.named_rows) matrix.row_ids = numbered(matrix.entries.row_count);
  return matrix;
}

ObservedMatrix read_npy(const std::filesystem::path& path) {
  const Tensor dense = load_npy(path).to(f64);
  if (dense.dim() != 2) fail("{}: expected a matrix, got {}", path.string(), dense.shape().str());
  ObservedMatrix matrix{.entries = {.row_count = dense.size(0), .column_count = dense.size(1)},
                        .row_ids = numbered(dense.size(0)),
                        .column_ids = numbered(dense.size(1))};
  const auto values = dense.data<double>();
  for (std::int64_t i = 0; i < dense.size(0); ++i)
    for (std::int64_t j = 0; j < dense.size(1); ++j) {
      const double value = values[static_cast<std::size_t>(i * dense.size(1) + j)];
      if (std::isinf(value)) fail("{}: row {}, column {} (from 0): {} is not finite", path.string(), i, j, value);
      if (!std::isnan(value)) matrix.entries.add(i, j, value);
    }
  return matrix;
}

ObservedMatrix read_text(const std::filesystem::path& path, const TextOptions& options) {
  constexpr std::size_t most_of_triplets = 4;
  Layout layout = options.layout;
  if (options.row_names != RowNames::Auto) {
    if (layout == Layout::Triplets) fail("{}: --row-names is for a dense text, not for triplets", path.string());
    layout = Layout::Dense;
  }
  const std::size_t cornered = layout == Layout::Triplets ? TextTable::no_corner
                               : layout == Layout::Dense  ? 2
                                                          : most_of_triplets + 1;
  TextTable table(path, options.separator, cornered);
  Row row;
  if (!table.next(row)) fail("{}: holds no values", path.string());
  if (row.size() == 1 && options.separator.empty())
    fail("{}: 1 field, with no tab, comma, semicolon, :: or space between two; --separator names another",
         table.place());
  if (row.size() == 1) fail("{}: 1 field, with no separator {:?} behind it", table.place(), options.separator);
  if (layout == Layout::Auto)
    layout = (row.size() == 3 || row.size() == most_of_triplets) && !is_empty(row.front()) ? Layout::Triplets
                                                                                           : Layout::Dense;
  return layout == Layout::Triplets ? read_triplets(table, row) : read_dense(table, row, options.row_names);
}

void check(const ObservedMatrix& matrix, const std::string& file) {
  const Observations& entries = matrix.entries;
  if (entries.size() == 0) fail("{}: no entry is observed", file);
  constexpr double largest = 1e300;  // a prediction, or the sum of a column, may be beyond the entries
  const auto beyond = std::ranges::find_if(entries.values, [](double value) { return std::abs(value) > largest; });
  if (beyond != entries.values.end()) {
    const auto i = static_cast<std::size_t>(beyond - entries.values.begin());
    fail("{}: row {:?}, column {:?}: {} is too large: expected values up to {}", file,
         matrix.row_ids[static_cast<std::size_t>(entries.rows[i])],
         matrix.column_ids[static_cast<std::size_t>(entries.columns[i])], *beyond, largest);
  }
  if (entries.row_count < 2 || entries.column_count < 2)
    fail("{}: a matrix of {} x {} cannot be completed: expected two rows and two columns at least", file,
         entries.row_count, entries.column_count);
  if (static_cast<std::int64_t>(entries.size()) == entries.row_count * entries.column_count)
    fail("{}: every entry of the {} x {} matrix is observed: there is nothing to complete", file, entries.row_count,
         entries.column_count);
}

}  // namespace

ObservedMatrix read_observed(const std::filesystem::path& path, const TextOptions& options) {
  const bool npy = path.extension() == ".npy";
  if (npy && options.layout == Layout::Triplets)
    fail("{}: triplets are read from a text, not from .npy", path.string());
  if (npy && options.row_names != RowNames::Auto) fail("{}: a .npy has no row names", path.string());
  auto matrix = npy ? read_npy(path) : read_text(path, options);
  check(matrix, path.string());
  return matrix;
}

IdPairs read_pairs(const std::filesystem::path& path, const ObservedMatrix& matrix, const Separator& separator) {
  TextTable table(path, separator);
  IdPairs pairs;
  const auto known = [](const std::vector<std::string>& ids, const std::string& id) {
    return std::ranges::find(ids, id) != ids.end();
  };
  bool first = true;
  for (Row row; table.next(row); first = false) {
    if (row.size() < 2) fail("{}: 1 field, expected row,col", table.place());
    std::string id(detail::csv_trimmed(row[0])), column(detail::csv_trimmed(row[1]));
    if (first && detail::is_csv_header(row, CsvOptions::Header::Auto) && !known(matrix.row_ids, id) &&
        !known(matrix.column_ids, column))
      continue;
    pairs.emplace_back(std::move(id), std::move(column));
  }
  if (pairs.empty()) fail("{}: holds no row,col pairs", path.string());
  return pairs;
}

}  // namespace sigmagrad::impute
