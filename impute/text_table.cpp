// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/impute/text_table.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include <sigmagrad/io/file.hpp>

namespace sigmagrad::impute {

namespace {

constexpr char joined = '\x1f';  // ASCII's unit separator, which no id holds

// The first lines that are not blank.
std::vector<std::string_view> first_lines(std::string_view text, std::size_t most) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < most) {
    const auto line = text.substr(0, text.find_first_of("\r\n"));
    if (line.find_first_not_of(" \t") != line.npos) lines.push_back(line);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return lines;
}

// Calls `f(begin, length)` for each separator outside quotation marks. Spaces before the first field or behind the
// last are none.
template <class F>
void each_separator(std::string_view line, std::string_view separator, F f) {
  const bool spaces = separator == " ";
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (quoted || line.compare(i, separator.size(), separator) != 0) continue;
    const auto end = spaces ? std::min(line.find_first_not_of(' ', i), line.size()) : i + separator.size();
    if (!spaces || (i > 0 && end < line.size())) f(i, end - i);
    i = end - 1;
  }
}

std::size_t count_fields(std::string_view line, std::string_view separator) {
  std::size_t count = 1;
  each_separator(line, separator, [&](std::size_t, std::size_t) { ++count; });
  return count;
}

// The number of fields of every line; nothing where it differs. The first may lack the corner over names of rows.
std::optional<std::size_t> common_width(const std::vector<std::string_view>& lines, std::string_view separator) {
  const auto width = count_fields(lines.back(), separator);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto count = count_fields(lines[i], separator);
    if (count != width && !(i == 0 && lines.size() > 1 && count + 1 == width)) return {};
  }
  return width;
}

Separator guess(std::string_view text) {
  constexpr std::size_t sample = 20;
  constexpr std::array<const char*, 4> candidates{"\t", ",", ";", "::"};
  auto lines = first_lines(text, sample);
  std::erase_if(lines, [](std::string_view line) { return line.starts_with('#'); });
  if (lines.empty()) return ",";
  Separator found;
  std::size_t most = 1;
  for (const char* candidate : candidates)
    if (const auto width = common_width(lines, candidate); width > most) found = candidate, most = *width;
  if (!found.empty()) return found;
  for (const char* candidate : candidates)
    if (lines.front().find(candidate) != std::string_view::npos) return candidate;
  return count_fields(lines.front(), " ") > 1 ? " " : ",";
}

// Separators of several characters become one, because the reader knows those alone. Line numbers stay.
std::string joined_text(std::string_view text, std::string_view separator) {
  std::string result;
  while (!text.empty()) {
    auto line = text.substr(0, text.find_first_of("\r\n"));
    const auto ending = text.substr(line.size(), line.size() < text.size() ? 1 : 0);
    text.remove_prefix(line.size() + ending.size());
    if (separator == " ") line = line.starts_with('#') ? std::string_view{} : detail::csv_trimmed(line);
    std::size_t from = 0;
    each_separator(line, separator, [&](std::size_t begin, std::size_t length) {
      result.append(line.substr(from, begin - from)) += joined;
      from = begin + length;
    });
    result.append(line.substr(from)).append(ending);
  }
  return result;
}

// A line of spaces is no row of one field: of lines before the first row the endings stay, so that it keeps its
// number.
void drop_spaces_before_first_row(std::string& text) {
  const auto content = std::min(text.find_first_not_of(" \r\n"), text.size());
  auto before = text.substr(0, text.find_last_of("\r\n", content) + 1);
  const auto length = before.size();
  std::erase(before, ' ');
  text.replace(0, length, before);
}

bool begins_with_numbers(std::string_view text, char separator, const std::string& file) {
  std::vector<std::string> fields;
  detail::CsvReader(text, {.delimiter = separator}, file).next(fields);
  return std::ranges::any_of(fields, [](const std::string& field) { return detail::csv_number(field).has_value(); });
}

// Makes `text` one that the reader takes, and says by which character it is separated.
char prepare(std::string& text, Separator separator, std::size_t cornered, const std::string& file) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());  // no part of the first field
  drop_spaces_before_first_row(text);
  if (separator.empty()) separator = guess(text);
  const char one = separator == " " || separator.size() > 1 ? joined : separator.front();
  if (one == joined) text = joined_text(text, separator);
  const auto lines = first_lines(text, 2);
  const auto width = [&](std::size_t i) { return count_fields(lines[i], {&one, 1}); };
  if (lines.size() == 2 && width(1) >= cornered && width(0) + 1 == width(1) && !begins_with_numbers(text, one, file))
    text.insert(static_cast<std::size_t>(lines[0].data() - text.data()), 1, one);
  return one;
}

}  // namespace

TextTable::TextTable(const std::filesystem::path& path, const Separator& separator, std::size_t cornered)
    : file_(path.string()),
      text_(detail::read_file(path)),
      separator_(prepare(text_, separator, cornered, file_)),
      reader_(text_, {.delimiter = separator_}, file_) {}

std::optional<std::vector<std::string>> TextTable::peek() const {
  auto ahead = reader_;
  std::vector<std::string> row;
  return ahead.next(row) ? std::optional(std::move(row)) : std::nullopt;
}

std::string TextTable::place() const { return fmt::format("{}: line {}", file_, line()); }

}  // namespace sigmagrad::impute
