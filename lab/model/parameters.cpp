// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/parameters.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/model/nearest.hpp>

namespace sigmagrad::lab {

using engine::fail;

namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void check_range(const Parameter& parameter, double number, std::string_view text) {
  if (!(number >= parameter.minimum && number <= parameter.maximum))
    fail("{}: {} is out of range (expected {} to {})", parameter.name, text, parameter.minimum, parameter.maximum);
}

bool is_declared(const Parameter& parameter, double number) {
  const auto same = [&](const Value& value) { return same_value(value, number); };
  return std::ranges::any_of(parameter.quick, same) || std::ranges::any_of(parameter.reduced, same) ||
         std::ranges::any_of(parameter.paper, same);
}

Value parse_text(const Parameter& parameter, std::string_view text) {
  const auto legal = parameter.legal_texts();
  if (parameter.any_text || std::ranges::find(legal, text) != legal.end()) return std::string(text);
  fail("{}: unknown value '{}'; did you mean '{}'? (one of {})", parameter.name, text, nearest(text, legal),
       fmt::join(legal, ", "));
}

template <class T>
const T& get(const Params& params, std::string_view name, std::string_view type) {
  const Value& value = params[name];
  if (const T* typed = std::get_if<T>(&value)) return *typed;
  fail("parameter {}: {} is not {}", name, to_text(value), type);
}

}  // namespace

std::vector<std::string> Parameter::legal_texts() const {
  std::vector<std::string> legal;
  const auto add = [&](const std::string& text) {
    if (std::ranges::find(legal, text) == legal.end()) legal.push_back(text);
  };
  for (const Values* values : {&quick, &reduced, &paper})
    for (const Value& value : *values) add(to_text(value));
  for (const auto& text : choices) add(text);
  return legal;
}

std::string to_text(const Value& value) {
  return std::visit([](const auto& v) { return fmt::format("{}", v); }, value);
}

std::string to_text(const Values& values) {
  std::vector<std::string> texts;
  for (const Value& value : values) texts.push_back(to_text(value));
  return fmt::format("{}", fmt::join(texts, ","));
}

Value parse_value(const Parameter& parameter, std::string_view text) {
  switch (parameter.type) {
    case Type::Integer:
      if (const auto integer = parse_number<std::int64_t>(text)) {
        check_range(parameter, static_cast<double>(*integer), text);
        return *integer;
      }
      fail("{}: '{}' is not an integer", parameter.name, text);
    case Type::Real:
      if (const auto real = parse_number<double>(text);
          real && (std::isfinite(*real) || is_declared(parameter, *real))) {
        check_range(parameter, *real, text);
        return *real;
      }
      fail("{}: '{}' is not a number", parameter.name, text);
    case Type::Boolean:
      if (text == "true" || text == "false") return text == "true";
      fail("{}: '{}' is neither true nor false", parameter.name, text);
    case Type::Text:
      break;
  }
  return parse_text(parameter, text);
}

namespace {

std::optional<double> number(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return std::nullopt;
}

}  // namespace

double as_number(const Value& value) {
  const auto found = number(value);
  if (!found) fail("parameter: '{}' is no number", to_text(value));
  return *found;
}

bool same_value(const Value& a, const Value& b) {
  const auto x = number(a), y = number(b);
  return x && y ? *x == *y : a == b;
}

Params::Params() {
  static const auto none = std::make_shared<const Assignments>();
  items_ = none;
}

std::int64_t Params::integer(std::string_view name) const { return get<std::int64_t>(*this, name, "an integer"); }
double Params::real(std::string_view name) const { return get<double>(*this, name, "a real number"); }
const std::string& Params::text(std::string_view name) const { return get<std::string>(*this, name, "a text"); }
bool Params::boolean(std::string_view name) const { return get<bool>(*this, name, "true or false"); }

const Value& Params::operator[](std::string_view name) const {
  const auto found = std::ranges::find(items(), name, &Assignments::value_type::first);
  if (found == items().end()) fail("parameter {}: there is none of that name in {}", name, to_text(items()));
  return found->second;
}

bool Params::has(std::string_view name) const {
  return std::ranges::find(items(), name, &Assignments::value_type::first) != items().end();
}

std::string to_text(const Assignments& assignments) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : assignments) texts.push_back(name + '=' + to_text(value));
  return fmt::format("{}", fmt::join(texts, " "));
}

std::string to_text(const Params& params) { return to_text(params.items()); }

}  // namespace sigmagrad::lab
