// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/parsers/csv.hpp>

#include <algorithm>
#include <array>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::detail {

CsvReader::CsvReader(std::string_view text, const CsvOptions& options, const std::string& file)
    : text_(text), file_(file), delimiter_(options.delimiter) {
  if (delimiter_ == '"' || delimiter_ == '\n' || delimiter_ == '\r')
    engine::fail("{}: the delimiter must not be a quote or a line break", file);
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
}

bool CsvReader::at_line_end() const { return text_.empty() || text_.front() == '\n' || text_.front() == '\r'; }

void CsvReader::take_line_end() {
  if (text_.empty()) return;
  text_.remove_prefix(text_.starts_with("\r\n") ? 2 : 1);
  ++line_;
}

void CsvReader::skip_empty_lines() {
  while (!text_.empty() && at_line_end()) take_line_end();
}

bool CsvReader::next(std::vector<std::string>& fields) {
  skip_empty_lines();
  if (text_.empty()) return false;
  row_line_ = line_;
  std::size_t count = 0;
  for (bool more = true; more; ++count) {
    if (count == fields.size()) fields.emplace_back();
    take_field(fields[count]);
    more = !at_line_end();
    if (more) text_.remove_prefix(1);  // the delimiter
  }
  take_line_end();
  check_width(count);
  fields.resize(count);
  return true;
}

void CsvReader::check_width(std::size_t width) {
  if (started_ && width != width_)
    engine::fail("{}: line {}: {} fields, the rows before have {}", file_, row_line_, width, width_);
  width_ = width;
  started_ = true;
}

void CsvReader::take_field(std::string& field) {
  field.clear();
  if (text_.starts_with('"')) return take_quoted(field);
  const std::array stops{delimiter_, '\n', '\r', '"'};
  const auto end = std::min(text_.find_first_of(std::string_view(stops.data(), stops.size())), text_.size());
  if (end < text_.size() && text_[end] == '"')
    engine::fail("{}: line {}: a quote within a field that does not begin with one", file_, line_);
  field = text_.substr(0, end);
  text_.remove_prefix(end);
}

void CsvReader::take_quoted(std::string& field) {
  const auto opened = line_;
  text_.remove_prefix(1);
  while (true) {
    const auto end = text_.find('"');
    if (end == text_.npos) engine::fail("{}: line {}: a quote is opened here and never closed", file_, opened);
    const auto part = text_.substr(0, end);
    field += part;
    for (std::size_t i = 0; i < part.size(); ++i)
      line_ += part[i] == '\n' || (part[i] == '\r' && !part.substr(i).starts_with("\r\n"));
    text_.remove_prefix(end + 1);
    if (!text_.starts_with('"')) break;
    field += '"';
    text_.remove_prefix(1);
  }
  if (!at_line_end() && text_.front() != delimiter_)
    engine::fail("{}: line {}: expected '{}' or the line's end after a closing quote", file_, line_, delimiter_);
}

}  // namespace sigmagrad::detail
