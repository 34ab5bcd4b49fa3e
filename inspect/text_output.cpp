// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/text_output.hpp>

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/inspect/columns.hpp>
#include <sigmagrad/inspect/name_lists.hpp>
#include <sigmagrad/inspect/sums.hpp>

namespace sigmagrad::inspection {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const TensorRow& row) {
  Json json;
  for (const auto& column : tensor_columns())
    if (column.in_json) json[column.name] = cell_json(column.cell(row));
  return json;
}

// Notes, which would make the table too wide, with the names of the tensors they are about.
std::string notes_text(const std::vector<TensorRow>& rows, std::size_t width) {
  NameLists measured, others;
  for (const TensorRow& row : rows)
    if (!row.note.empty())
      (row.summary ? measured : others).add(row.note, fmt::format("{} [{}]", row.name, shape_text(row.shape)));
  return measured.text("Measured", width) + others.text("Not measured", width);
}

std::string matrices_text(const std::vector<TensorRow>& rows, std::size_t width) {
  std::vector<TensorRow> measured;
  std::ranges::copy_if(rows, std::back_inserter(measured),
                       [](const TensorRow& row) { return row.summary.has_value(); });
  if (measured.empty()) return "";
  auto shown = columns_for(measured);
  std::erase_if(shown, [](const auto& column) { return column.name == "note"; });
  return '\n' + table_text(sheet_of(shown, measured), width);
}

}  // namespace

std::size_t sentence_width(std::size_t width) {
  constexpr std::size_t usual = 120, least = 20;
  return width > 0 ? std::max(width, least) : usual;
}

std::string json_dump(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';  // names may be no UTF-8
}

std::string table_text(const std::vector<FileRows>& files, std::size_t width) {
  const std::size_t line = sentence_width(width);
  std::string text;
  for (const FileRows& file : files) {
    if (file.rows.empty()) continue;
    text += (text.empty() ? "" : "\n") + file.file + '\n';
    for (const auto& sentence : sentences(sums_of(file.rows))) text += "  " + wrapped_text(sentence, line - 2, "    ");
    text += matrices_text(file.rows, width);
    if (const auto notes = notes_text(file.rows, line); !notes.empty()) text += '\n' + notes;
  }
  return text;
}

std::string json_text(const std::vector<FileRows>& files) {
  Json all = Json::array();
  for (const FileRows& file : files) {
    Json tensors = Json::array();
    for (const TensorRow& row : file.rows) tensors.push_back(to_json(row));
    all.push_back(
        {{"file", file.file}, {"error", file.error.empty() ? Json() : Json(file.error)}, {"tensors", tensors}});
  }
  return json_dump(Json{{"files", all}});
}

std::string csv_text(const std::vector<FileRows>& files) {
  auto text = csv_header({tensor_columns().begin(), tensor_columns().end()}, {"file"});
  for (const FileRows& file : files) text += csv_rows(sheet_of(tensor_columns(), file.rows), {file.file});
  return text;
}

}  // namespace sigmagrad::inspection
