// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace sigmagrad::inspection {

/// What stands in a cell of a table; nothing where a column does not apply. NaN does not apply either.
using Cell = std::variant<std::monostate, std::string, bool, std::int64_t, double, std::vector<std::int64_t>>;

/// "512x384", "0.0827754", "inf", "yes"; empty where there is nothing. Numbers have all their digits, or three.
enum class Digits { All, Three };
std::string cell_text(const Cell& cell, Digits digits = Digits::All);

/// null where there is nothing, "inf" and "-inf" for infinities.
nlohmann::ordered_json cell_json(const Cell& cell);

/// The number to sort by, of a list the product; NaN for texts and nothing.
double cell_number(const Cell& cell);

/// Largest first, or smallest first; texts by the alphabet; cells without a value last.
bool cell_before(const Cell& a, const Cell& b, bool smallest_first);

/// "512x384"; "scalar" without axes.
std::string shape_text(const std::vector<std::int64_t>& shape);

}  // namespace sigmagrad::inspection
