// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sigmagrad/io/parsers/csv.hpp>

namespace sigmagrad::impute {

/// One character, `::`, or a space for runs of them; empty where the text is to tell: by what cuts its first lines into
/// equally many fields, and the most, of tabs, commas, semicolons and `::`; by spaces where it has none of these.
using Separator = std::string;

/// The rows of a text file. Where spaces separate the fields, lines that begin with # are left out.
class TextTable {
 public:
  /// A first line without numbers and with one field less than the second one names the columns and not the column of
  /// row names: if the second line has at least `cornered` fields, the first one gets an empty field at its beginning.
  TextTable(const std::filesystem::path& path, const Separator& separator, std::size_t cornered = no_corner);
  static constexpr std::size_t no_corner = static_cast<std::size_t>(-1);
  TextTable(const TextTable&) = delete;  // the reader looks into the text
  TextTable& operator=(const TextTable&) = delete;

  bool next(std::vector<std::string>& row) { return reader_.next(row); }
  /// The row that comes next, which stays the next one; nothing at the end.
  std::optional<std::vector<std::string>> peek() const;
  std::int64_t line() const { return reader_.line(); }
  const std::string& file() const { return file_; }
  /// "ratings.csv: line 7"
  std::string place() const;

 private:
  std::string file_, text_;
  char separator_;
  detail::CsvReader reader_;
};

}  // namespace sigmagrad::impute
