// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/model/plan.hpp>
#include <sigmagrad/lab/model/results.hpp>

namespace sigmagrad::lab::detail {

using Json = nlohmann::ordered_json;

Json to_json(const Value& value);
Json to_json(const Values& values);
Json to_json(const Params& params);
Json to_json(const Statistics& statistics);
Json to_json(const Plan& plan);

/// Where a text comes from, as an Error names it, and what to do about one that cannot be read.
struct Source {
  std::string name = {};
  std::string way_out = {};
};
[[noreturn]] void refuse(const Source& source, const std::exception& error);

/// What `read` makes of a text of JSON: every file and message is read through here. An Error in this program's words
/// where it is no JSON, something that `read` looks for is not there or of another type, or `read` throws one.
template <class Read>
auto read_json(std::string_view text, const Source& source, const Read& read) {
  try {
    return read(Json::parse(text));
  } catch (const std::exception& error) {
    refuse(source, error);
  }
}

Value value_from_json(const Json& json);
/// An Error if it asks for more than a command line may.
Plan plan_from_json(const Json& json);

/// Metrics as a store keeps them: an object of numbers in their order, exact to the last bit.
std::string text_of(const Metrics& metrics);
Metrics metrics_of(std::string_view text);

/// One text for equal parameters, whatever their order: the key of a stored trial.
std::string canonical(const Params& params);

}  // namespace sigmagrad::lab::detail
