// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/text_table.hpp>

#include <sigmagrad/io/detail/file.hpp>

#include <fmt/format.h>

namespace sigmagrad::experiments::completion {

namespace {

constexpr char joined_colons = '\x1f';  // ASCII's unit separator

// MovieLens' two characters become one, which no id holds, because the reader knows separators of one.
void join_colons(std::string& text) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pair = text.compare(i, 2, "::") == 0;
    text[end++] = pair ? joined_colons : text[i];
    i += pair;
  }
  text.resize(end);
}

char find_separator(std::string& text) {
  const std::string first = text.substr(0, text.find_first_of("\r\n"));
  if (first.find("::") != first.npos) {
    join_colons(text);
    return joined_colons;
  }
  for (const char candidate : {'\t', ',', ';'})
    if (first.find(candidate) != first.npos) return candidate;
  return ',';
}

}  // namespace

TextTable::TextTable(const std::filesystem::path& path)
    : file_(path.string()),
      text_(detail::read_file(path)),
      separator_(find_separator(text_)),
      reader_(text_, {.delimiter = separator_}, file_) {}

std::string TextTable::place() const { return fmt::format("{}: line {}", file_, line()); }

}  // namespace sigmagrad::experiments::completion
