// SPDX-License-Identifier: BSD-3-Clause
// Evaluates programs, one line of JSON each, from the standard input, and prints a line for each: the entries of every
// result and of the gradients of the last one, as hexadecimal numbers, or the Error that ended it.
//
//   {"dtype": "f64", "inputs": [{"shape": [2], "values": ["0x1p+0", "0x1.8p+1"], "gradient": true}],
//    "steps": [{"op": "square", "args": [0], "parameters": {}}, {"op": "sum", "args": [1], "parameters": {}}]}
#include <iostream>

#include <fmt/format.h>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/oracle/operations.hpp>

namespace sigmagrad::oracle {
namespace {

using nlohmann::json;

Tensor input(const json& description, Dtype dtype) {
  std::vector<double> values;
  for (const auto& text : description.at("values"))
    values.push_back(std::strtod(text.get<std::string>().c_str(), nullptr));
  const auto sizes = description.at("shape").get<std::vector<std::int64_t>>();
  Tensor result = tensor(values, Shape(std::span<const std::int64_t>(sizes)), dtype);
  if (description.at("gradient").get<bool>()) result.requires_grad_();
  return result;
}

json entries(const Tensor& tensor) {
  json result = json::array();
  for (const double value : tensor.to_vector()) result.push_back(fmt::format("{:a}", value));
  return result;
}

// Inputs and results are numbered in one row.
json evaluated(const json& program) {
  const Dtype dtype = program.at("dtype") == "f32" ? f32 : f64;
  Args values;
  Args leaves;
  json answer{{"results", json::array()}, {"gradients", json::array()}};
  try {
    for (const auto& description : program.at("inputs")) {
      values.push_back(input(description, dtype));
      if (values.back().requires_grad()) leaves.push_back(values.back());
    }
    for (const auto& step : program.at("steps")) {
      Args args;
      for (const auto index : step.at("args").get<std::vector<std::size_t>>()) args.push_back(values.at(index));
      values.push_back(operations().at(step.at("op"))(args, step.at("parameters")));
      answer["results"].push_back(entries(values.back()));
    }
    for (const auto& gradient : grad(values.back(), leaves, {.allow_unused = true}))
      answer["gradients"].push_back(gradient.defined() ? entries(gradient) : json());
  } catch (const std::exception& error) {
    answer["error"] = error.what();
  }
  return answer;
}

}  // namespace
}  // namespace sigmagrad::oracle

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << sigmagrad::oracle::evaluated(nlohmann::json::parse(line)) << '\n' << std::flush;
}
