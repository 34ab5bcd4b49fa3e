// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/io/csv.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/io/parsers/csv.hpp>

namespace sigmagrad {
namespace detail {
namespace {

// What an Error calls a column: its number and, where there is one, its name.
std::string column_name(std::size_t column, const std::vector<std::string>& header) {
  return header.empty() ? fmt::format("column {}", column + 1)
                        : fmt::format("column {} \"{}\"", column + 1, header[column]);
}

// invalid_argument for what is no number, result_out_of_range for one beyond f64.
std::pair<std::errc, double> parse_number(std::string_view field) {
  auto text = csv_trimmed(field);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return {end == text.data() + text.size() ? error : std::errc::invalid_argument, value};
}

template <class T>
void append_row(std::string& text, const T* row, std::int64_t columns) {
  std::array<char, 32> buffer;
  for (std::int64_t i = 0; i < columns; ++i) {
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), row[i]).ptr;
    if (i > 0) text += ',';
    text.append(buffer.data(), end);
  }
  text += '\n';
}

}  // namespace

std::string_view csv_trimmed(std::string_view field) {
  field.remove_prefix(std::min(field.find_first_not_of(" \t"), field.size()));
  return field.substr(0, field.find_last_not_of(" \t") + 1);
}

bool is_csv_gap(std::string_view field) {
  const auto text = csv_trimmed(field);
  return text.empty() || text == "NA";
}

std::string csv_quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == field.npos && !field.empty()) return field;
  std::string result = "\"";
  for (const char c : field) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + '"';
}

std::optional<double> csv_number(std::string_view field) {
  const auto [error, value] = parse_number(field);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

bool is_csv_header(const std::vector<std::string>& row, CsvOptions::Header header) {
  if (header != CsvOptions::Header::Auto) return header == CsvOptions::Header::Yes;
  const auto numeric = [](const std::string& field) {
    return parse_number(field).first != std::errc::invalid_argument;
  };
  return !std::any_of(row.begin(), row.end(), numeric) && !std::all_of(row.begin(), row.end(), is_csv_gap);
}

CsvTable parse_csv(std::string_view text, const CsvOptions& options, const std::string& file) {
  CsvReader reader(text, options, file);
  CsvTable table;
  bool first = true;
  for (std::vector<std::string> row; reader.next(row); first = false) {
    if (first && is_csv_header(row, options.header)) {
      table.header = std::move(row);
    } else {
      table.rows.push_back(std::move(row));
      table.lines.push_back(reader.line());
    }
    row.clear();
  }
  return table;
}

Tensor parse_csv_numbers(std::string_view text, const CsvOptions& options, const std::string& file) {
  CsvReader reader(text, options, file);
  std::vector<double> values;
  std::vector<std::string> row, header;
  std::int64_t rows = 0, columns = -1;
  while (reader.next(row)) {
    const bool first = std::exchange(columns, std::ssize(row)) < 0;
    if (first && is_csv_header(row, options.header)) {
      header = row;
      continue;
    }
    ++rows;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto number = is_csv_gap(row[i]) ? options.missing : csv_number(row[i]);
      if (!number)
        engine::fail("{}: line {}, {}: \"{}\" {}", file, reader.line(), column_name(i, header), row[i],
                     is_csv_gap(row[i]) ? "is missing: set .missing for what it stands for"
                     : first            ? "is not a number that f64 holds: set .header if this line names the columns"
                                        : "is not a number that f64 holds");
      values.push_back(*number);
    }
  }
  if (columns < 0) engine::fail("{}: holds no values", file);
  return tensor(values, {rows, columns});
}

}  // namespace detail

CsvTable read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  return detail::parse_csv(detail::read_file(path), options, path.string());
}

Tensor load_csv(const std::filesystem::path& path, const CsvOptions& options) {
  return detail::parse_csv_numbers(detail::read_file(path), options, path.string());
}

void save_csv(const Tensor& tensor, const std::filesystem::path& path, const std::vector<std::string>& header) {
  const auto file = path.string();
  if (tensor.dim() != 1 && tensor.dim() != 2)
    engine::fail("{}: expected a matrix or a vector, got {}", file, tensor.shape().str());
  const std::int64_t rows = tensor.size(0), columns = tensor.dim() == 2 ? tensor.size(1) : 1;
  if (!header.empty() && std::ssize(header) != columns)
    engine::fail("{}: a header of {} names for {}", file, header.size(), tensor.shape().str());
  if (columns == 0) engine::fail("{}: {} has no columns to write", file, tensor.shape().str());
  std::string text;
  for (std::size_t i = 0; i < header.size(); ++i) text += (i > 0 ? "," : "") + detail::csv_quoted(header[i]);
  if (!header.empty()) text += '\n';
  const auto append = [&](const auto entries) {
    for (std::int64_t i = 0; i < rows; ++i) detail::append_row(text, entries.data() + i * columns, columns);
  };
  if (tensor.dtype() == f64)
    append(tensor.data<double>());
  else
    append(tensor.data<float>());
  detail::write_file(path, text);
}

}  // namespace sigmagrad
