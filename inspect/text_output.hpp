// SPDX-License-Identifier: BSD-3-Clause
// Rows as text: a table for people, JSON and CSV for programs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <sigmagrad/inspect/tensor_row.hpp>

namespace sigmagrad::inspection {

/// For each file its sums, a table of its matrices, and what was not measured, by its reason. `width` as in
/// `table_text` of a sheet.
std::string table_text(const std::vector<FileRows>& files, std::size_t width);

std::string json_text(const std::vector<FileRows>& files);

/// A header, then a row a tensor, with every digit.
std::string csv_text(const std::vector<FileRows>& files);

/// The width of lines of words, where tables have this one.
std::size_t sentence_width(std::size_t width);

/// The object as the text of a file.
std::string json_dump(const nlohmann::ordered_json& json);

}  // namespace sigmagrad::inspection
