// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/config_file.hpp>

#include <string_view>

#include <fmt/format.h>
#include <toml++/toml.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/file.hpp>

namespace sigmagrad::lab {

using engine::fail;
using sigmagrad::detail::read_file;

namespace {

std::string value_text(const toml::node& node, const std::string& place) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return to_text(Value(integer->get()));
  if (const auto* real = node.as_floating_point()) return to_text(Value(real->get()));
  if (const auto* boolean = node.as_boolean()) return to_text(Value(boolean->get()));
  fail("{}: expected a number, a text, true or false, or a list of them", place);
}

Override read_parameter(const std::string& experiment, std::string_view name, const toml::node& node,
                        const std::string& file) {
  const auto place = fmt::format("{}, line {}", file, node.source().begin.line);
  Override change{.experiment = experiment, .parameter = std::string(name)};
  if (const auto* list = node.as_array()) {
    for (const auto& item : *list) change.values.push_back(value_text(item, place));
  } else {
    change.values.push_back(value_text(node, place));
  }
  return change;
}

}  // namespace

std::vector<Override> read_config(const std::filesystem::path& path) {
  const auto file = path.string();
  toml::table table;
  try {
    table = toml::parse(read_file(path), file);
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    fail("{}, line {}, column {}: is no TOML; expected lines like `d = 64`, `d = [16, 64]`, `[\"spectral/depth\"]`",
         file, at.line, at.column);
  }
  std::vector<Override> everywhere, in_one;
  for (const auto& [key, node] : table) {
    if (const auto* experiment = node.as_table()) {
      for (const auto& [name, value] : *experiment)
        in_one.push_back(read_parameter(std::string(key.str()), name.str(), value, file));
    } else {
      everywhere.push_back(read_parameter("", key.str(), node, file));
    }
  }
  everywhere.insert(everywhere.end(), in_one.begin(), in_one.end());  // the particular wins over the general
  return everywhere;
}

Override parse_override(const std::string& text, bool one_value) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    fail("'{}': expected {}", text, one_value ? "key=value" : "key=a,b,c");
  Override change{.parameter = text.substr(0, equals)};
  if (one_value) {
    change.values.push_back(text.substr(equals + 1));
    return change;
  }
  for (std::size_t start = equals + 1; start <= text.size();) {
    const auto end = std::min(text.find(',', start), text.size());
    change.values.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return change;
}

}  // namespace sigmagrad::lab
