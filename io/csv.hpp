// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Comma-separated values, as in RFC 4180: a field in double quotes may hold the delimiter, line breaks and, doubled,
// quotes. Lines end in LF, CR LF or CR; empty lines, and a byte order mark at the start, are skipped.
namespace sigmagrad {

struct CsvOptions {
  char delimiter = ',';
  /// Whether the first line names the columns; Auto: it does where it holds text and not a single number.
  enum class Header : std::uint8_t { Auto, Yes, No } header = Header::Auto;
  /// What an empty field or NA stands for, such as a NaN; unless given, load_csv throws an Error there.
  std::optional<double> missing = {};
};

struct CsvTable {
  std::vector<std::string> header;  // empty where the file has none
  std::vector<std::vector<std::string>> rows;
  std::vector<std::int64_t> lines;  // at which each row begins, from 1
};

/// The fields as texts. Error, naming file and line, for rows of different lengths and for stray or open quotes.
CsvTable read_csv(const std::filesystem::path& path, const CsvOptions& options = {});

/// The fields as numbers, f64 [rows, columns]. Error, naming file, line and column, for text where a number should be.
Tensor load_csv(const std::filesystem::path& path, const CsvOptions& options = {});

/// Writes [rows, columns], or a vector as one column, such that every number reads back as it is; `header` is empty or
/// names the columns. An existing file is replaced in one step.
void save_csv(const Tensor& tensor, const std::filesystem::path& path, const std::vector<std::string>& header = {});

}  // namespace sigmagrad
