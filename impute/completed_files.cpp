// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/impute/completed_files.hpp>

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include <fmt/format.h>

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/io/parsers/csv.hpp>
#include <sigmagrad/io/parsers/npy.hpp>

namespace sigmagrad::impute {

namespace {

using Ids = std::vector<std::string>;

std::vector<std::optional<double>> means_of(const std::vector<std::int64_t>& groups, const std::vector<double>& values,
                                            std::int64_t count) {
  std::vector<double> sums(static_cast<std::size_t>(count), 0.0), numbers(sums);
  for (std::size_t i = 0; i < values.size(); ++i) {
    sums[static_cast<std::size_t>(groups[i])] += values[i];
    numbers[static_cast<std::size_t>(groups[i])] += 1.0;
  }
  std::vector<std::optional<double>> means(sums.size());
  for (std::size_t g = 0; g < sums.size(); ++g)
    if (numbers[g] > 0.0) means[g] = sums[g] / numbers[g];
  return means;
}

void write_text(detail::AtomicFile& file, std::string& text) {
  file.write(std::as_bytes(std::span(text)));
  text.clear();
}

// Finds numbers by ids.
class Index {
 public:
  explicit Index(const Ids& ids) {
    for (std::size_t i = 0; i < ids.size(); ++i) numbers_.emplace(ids[i], static_cast<std::int64_t>(i));
  }
  std::optional<std::int64_t> operator()(const std::string& id) const {
    const auto found = numbers_.find(id);
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::unordered_map<std::string, std::int64_t> numbers_;
};

std::string first_line(const ObservedMatrix& matrix) {
  if (!matrix.named_columns) return {};
  std::string line = matrix.named_rows ? "row" : "";
  for (const auto& id : matrix.column_ids) line += (line.empty() ? "" : ",") + detail::csv_quoted(id);
  return line + '\n';
}

}  // namespace

std::string_view name(Basis basis) {
  constexpr std::string_view names[] = {"model", "row mean", "column mean", "mean"};
  return names[static_cast<std::size_t>(basis)];
}

CompletedMatrix::CompletedMatrix(const ObservedMatrix& matrix, const Prediction& prediction)
    : matrix_(matrix), prediction_(prediction) {
  const Observations& entries = matrix.entries;
  means_ = {.rows = means_of(entries.rows, entries.values, entries.row_count),
            .columns = means_of(entries.columns, entries.values, entries.column_count),
            .all = global_mean(entries).mean};
}

std::optional<Estimate> CompletedMatrix::fallback(std::optional<std::int64_t> row,
                                                  std::optional<std::int64_t> column) const {
  const auto row_mean = row ? means_.rows[static_cast<std::size_t>(*row)] : std::nullopt;
  const auto column_mean = column ? means_.columns[static_cast<std::size_t>(*column)] : std::nullopt;
  if (row_mean && column_mean) return {};
  if (row_mean) return Estimate{*row_mean, Basis::RowMean};
  if (column_mean) return Estimate{*column_mean, Basis::ColumnMean};
  return Estimate{means_.all, Basis::Mean};
}

Estimate CompletedMatrix::estimate(std::optional<std::int64_t> row, std::optional<std::int64_t> column) const {
  const auto other = fallback(row, column);
  return other ? *other : Estimate{prediction_(*row, *column), Basis::Model};
}

template <class F>
void CompletedMatrix::each_row(F f) const {
  constexpr std::int64_t block = 64;
  const Observations& entries = matrix_.entries;
  const auto columns = static_cast<std::size_t>(entries.column_count);
  std::size_t next = 0;  // observed entry
  for (std::int64_t begin = 0; begin < entries.row_count; begin += block) {
    const auto count = std::min(block, entries.row_count - begin);
    const Tensor predicted = prediction_.rows(begin, count);
    for (std::int64_t row = begin; row < begin + count; ++row) {
      const auto from = predicted.data<double>().subspan(static_cast<std::size_t>(row - begin) * columns, columns);
      std::vector<double> values(from.begin(), from.end());
      for (std::size_t j = 0; j < columns; ++j)
        if (const auto other = fallback(row, static_cast<std::int64_t>(j))) values[j] = other->value;
      for (; next < entries.size() && entries.rows[next] == row; ++next)
        values[static_cast<std::size_t>(entries.columns[next])] = entries.values[next];
      f(row, values);
    }
  }
}

void CompletedMatrix::save(const std::filesystem::path& path) const {
  detail::AtomicFile file(path);
  const Observations& entries = matrix_.entries;
  const bool npy = path.extension() == ".npy";
  std::string text = npy ? detail::npy_header({entries.row_count, entries.column_count}, f64) : first_line(matrix_);
  write_text(file, text);
  each_row([&](std::int64_t row, const std::vector<double>& values) {
    if (npy) return file.write(std::as_bytes(std::span(values)));
    if (matrix_.named_rows) text += detail::csv_quoted(matrix_.row_ids[static_cast<std::size_t>(row)]) + ',';
    fmt::format_to(std::back_inserter(text), "{}\n", fmt::join(values, ","));
    write_text(file, text);
  });
  file.commit();
}

std::size_t CompletedMatrix::save_estimates(const std::vector<std::pair<std::string, std::string>>& pairs,
                                            const std::filesystem::path& path) const {
  detail::AtomicFile file(path);
  const Index rows(matrix_.row_ids), columns(matrix_.column_ids);
  std::size_t fallbacks = 0;
  std::string text = "row,col,value,basis\n";
  for (const auto& [row, column] : pairs) {
    const Estimate estimated = estimate(rows(row), columns(column));
    fallbacks += estimated.basis != Basis::Model;
    fmt::format_to(std::back_inserter(text), "{},{},{},{}\n", detail::csv_quoted(row), detail::csv_quoted(column),
                   estimated.value, name(estimated.basis));
    if (text.size() > (std::size_t{1} << 16)) write_text(file, text);
  }
  write_text(file, text);
  file.commit();
  return fallbacks;
}

}  // namespace sigmagrad::impute
