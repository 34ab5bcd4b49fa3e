// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <sigmagrad/io/detail/csv.hpp>
#include <string>
#include <vector>

namespace sigmagrad::experiments::completion {

/// The rows of a text file whose fields are separated by `::`, tabs, commas or semicolons: the first of these that is
/// on its first line.
class TextTable {
 public:
  explicit TextTable(const std::filesystem::path& path);
  TextTable(const TextTable&) = delete;  // the reader looks into the text
  TextTable& operator=(const TextTable&) = delete;

  bool next(std::vector<std::string>& row) { return reader_.next(row); }
  std::int64_t line() const { return reader_.line(); }
  const std::string& file() const { return file_; }
  /// "ratings.csv: line 7"
  std::string place() const;

 private:
  std::string file_, text_;
  char separator_;
  detail::CsvReader reader_;
};

}  // namespace sigmagrad::experiments::completion
