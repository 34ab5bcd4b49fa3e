// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/cell.hpp>

#include <cmath>
#include <limits>
#include <type_traits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::inspection {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::string number_text(double value, Digits digits) {
  if (std::isnan(value)) return "";
  return digits == Digits::Three ? lab::short_number(value) : fmt::format("{}", value);
}

nlohmann::ordered_json number_json(double value) {
  if (std::isnan(value)) return {};
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

double product(const std::vector<std::int64_t>& lengths) {
  double all = 1.0;
  for (const auto length : lengths) all *= static_cast<double>(length);
  return all;
}

}  // namespace

std::string cell_text(const Cell& cell, Digits digits) {
  return std::visit(
      [&](const auto& value) -> std::string {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return "";
        } else if constexpr (std::is_same_v<T, bool>) {
          return value ? "yes" : "no";
        } else if constexpr (std::is_same_v<T, double>) {
          return number_text(value, digits);
        } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
          return shape_text(value);
        } else {
          return fmt::format("{}", value);
        }
      },
      cell);
}

nlohmann::ordered_json cell_json(const Cell& cell) {
  return std::visit(
      [](const auto& value) -> nlohmann::ordered_json {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return {};
        } else if constexpr (std::is_same_v<T, double>) {
          return number_json(value);
        } else {
          return value;
        }
      },
      cell);
}

double cell_number(const Cell& cell) {
  return std::visit(
      [](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_arithmetic_v<T>) {
          return static_cast<double>(value);
        } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
          return product(value);
        } else {
          return nan;
        }
      },
      cell);
}

bool cell_before(const Cell& a, const Cell& b, bool smallest_first) {
  const auto *text = std::get_if<std::string>(&a), *other = std::get_if<std::string>(&b);
  if (text != nullptr || other != nullptr) return text != nullptr && (other == nullptr || *text < *other);
  const double x = cell_number(a), y = cell_number(b);
  if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) && std::isnan(y);
  return smallest_first ? x < y : x > y;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(shape, "x"));
}

}  // namespace sigmagrad::inspection
