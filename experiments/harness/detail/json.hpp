// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/experiments/harness/results.hpp>
#include <sigmagrad/experiments/harness/settings.hpp>

#include <nlohmann/json.hpp>

#include <string>

namespace sigmagrad::experiments::detail {

using Json = nlohmann::ordered_json;

Json to_json(const Value& value);
Json to_json(const Values& values);
Json to_json(const Params& params);
Json to_json(const Statistics& statistics);
Json to_json(const Settings& settings);

Value value_from_json(const Json& json);
Settings settings_from_json(const Json& json);

/// Metrics as a store keeps them: an object of numbers in their order, exact to the last bit.
std::string text_of(const Metrics& metrics);
Metrics metrics_of(const std::string& text);

/// The same text for the same parameters, whatever their order: the key of a stored trial.
std::string canonical(const Params& params);

}  // namespace sigmagrad::experiments::detail
