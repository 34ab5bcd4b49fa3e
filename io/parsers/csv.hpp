// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string_view>

#include <sigmagrad/io/csv.hpp>

namespace sigmagrad::detail {

/// Walks through the rows of a text. Errors begin with `file`.
class CsvReader {
 public:
  CsvReader(std::string_view text, const CsvOptions& options, const std::string& file);

  /// Reads the next row into `fields`, whose memory it uses again; false at the end. Every row must have as many.
  bool next(std::vector<std::string>& fields);
  /// Where the row that was read last began, from 1.
  std::int64_t line() const { return row_line_; }

 private:
  void skip_empty_lines();
  bool at_line_end() const;
  void take_line_end();
  void take_field(std::string& field);
  void take_quoted(std::string& field);
  void check_width(std::size_t width);

  std::string_view text_;
  const std::string& file_;
  std::size_t width_ = 0;  // of every row
  std::int64_t line_ = 1, row_line_ = 0;
  char delimiter_;
  bool started_ = false;
};

/// Without the spaces around it.
std::string_view csv_trimmed(std::string_view field);
/// Whether a field is empty or NA.
bool is_csv_gap(std::string_view field);
/// A field as a file has it, in quotation marks where it must be.
std::string csv_quoted(const std::string& field);
/// The number that a field holds, spaces around it aside; nothing where it is no number, or one beyond f64.
std::optional<double> csv_number(std::string_view field);
/// Whether the first row names the columns.
bool is_csv_header(const std::vector<std::string>& row, CsvOptions::Header header);

CsvTable parse_csv(std::string_view text, const CsvOptions& options, const std::string& file);
Tensor parse_csv_numbers(std::string_view text, const CsvOptions& options, const std::string& file);

}  // namespace sigmagrad::detail
