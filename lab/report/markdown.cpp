// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/markdown.hpp>

#include <cctype>

#include <fmt/format.h>

namespace sigmagrad::lab {

namespace {

// Brackets are there for intervals: only a link gives them a meaning.
bool is_mark(std::string_view text, std::size_t at) {
  constexpr std::string_view marks = "\\`*_<|~$";  // between two $, GitHub sets a formula
  const auto next = text.substr(at + 1, 1);
  return marks.find(text[at]) != std::string_view::npos || (text[at] == ']' && (next == "(" || next == "["));
}

}  // namespace

std::string markdown_text(std::string_view text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (std::isspace(static_cast<unsigned char>(text[i]))) {
      if (!escaped.empty() && escaped.back() != ' ') escaped += ' ';
      continue;
    }
    if (is_mark(text, i)) escaped += '\\';
    escaped += text[i];
  }
  if (escaped.ends_with(' ')) escaped.pop_back();
  return escaped;
}

std::string markdown_table(const std::vector<std::vector<std::string>>& rows) {
  const auto line = [](const std::vector<std::string>& cells) {
    return fmt::format("| {} |\n", fmt::join(cells, " | "));
  };
  std::vector<std::string> rule(rows.front().size(), "---:");
  rule.front() = "---";
  std::string table = line(rows.front()) + line(rule);
  for (std::size_t i = 1; i < rows.size(); ++i) table += line(rows[i]);
  return table;
}

}  // namespace sigmagrad::lab
