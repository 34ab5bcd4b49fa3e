// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/change_output.hpp>

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/inspect/name_lists.hpp>
#include <sigmagrad/inspect/text_output.hpp>

namespace sigmagrad::inspection {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const MatrixChange& change) {
  Json json;
  for (const auto& column : change_columns()) json[column.name] = cell_json(column.cell(change));
  json["left_angles"] = change.measured ? Json(change.measured->left_angles) : Json();
  json["right_angles"] = change.measured ? Json(change.measured->right_angles) : Json();
  return json;
}

std::string without_partner(const std::vector<std::string>& names, const std::string& file, std::size_t width) {
  if (names.empty()) return "";
  return wrapped_text(fmt::format("Only in {}: {}", file, fmt::join(names, ", ")), width, "  ");
}

std::string table_text(const FileChanges& pair, std::size_t width) {
  const std::size_t line = sentence_width(width);
  std::vector<MatrixChange> measured;
  NameLists compared, others;
  for (const MatrixChange& change : pair.matrices) {
    if (change.measured) measured.push_back(change);
    if (!change.note.empty())
      (change.measured ? compared : others)
          .add(change.note, fmt::format("{} [{}]", change.name, shape_text(change.shape)));
  }
  auto shown = change_columns();
  std::erase_if(shown, [](const auto& column) { return column.name == "note"; });  // it stands below
  auto text = fmt::format("W = {}\nV = {}\n", pair.from, pair.to);
  if (pair.matrices.empty()) text += "Nothing to compare: no matrix of one file has the name of one of the other.\n";
  if (!measured.empty()) text += '\n' + table_text(sheet_of(shown, measured), width);
  const auto rest = compared.text("Compared", line) + others.text("Not compared", line) +
                    without_partner(pair.only_from, pair.from, line) + without_partner(pair.only_to, pair.to, line);
  return rest.empty() ? text : text + '\n' + rest;
}

}  // namespace

std::string changes_table_text(const std::vector<FileChanges>& changes, std::size_t width) {
  std::string text;
  for (const FileChanges& pair : changes)
    if (!pair.matrices.empty() || pair.error.empty()) text += (text.empty() ? "" : "\n") + table_text(pair, width);
  return text;
}

std::string changes_json_text(const std::vector<FileChanges>& changes) {
  Json all = Json::array();
  for (const FileChanges& pair : changes) {
    Json tensors = Json::array();
    for (const MatrixChange& change : pair.matrices) tensors.push_back(to_json(change));
    all.push_back({{"from", pair.from},
                   {"to", pair.to},
                   {"error", pair.error.empty() ? Json() : Json(pair.error)},
                   {"tensors", tensors},
                   {"only_from", pair.only_from},
                   {"only_to", pair.only_to}});
  }
  return json_dump(Json{{"changes", all}});
}

std::string changes_csv_text(const std::vector<FileChanges>& changes) {
  auto text = csv_header({change_columns().begin(), change_columns().end()}, {"from", "to"});
  for (const FileChanges& pair : changes)
    text += csv_rows(sheet_of(change_columns(), pair.matrices), {pair.from, pair.to});
  return text;
}

}  // namespace sigmagrad::inspection
