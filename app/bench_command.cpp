// SPDX-License-Identifier: BSD-3-Clause
#include <iostream>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/bench/workloads.hpp>
#include <sigmagrad/lab/model/text.hpp>
#include <sigmagrad/lab/program/command.hpp>
#include <sigmagrad/lab/run/machine.hpp>

namespace sigmagrad::app {

using namespace lab;

namespace {

using Json = nlohmann::ordered_json;
using bench::WorkloadResult;

Json to_json(const std::optional<double>& number) { return number ? Json(*number) : Json(); }

Json to_json(const WorkloadResult& r) {
  return {{"name", r.name},
          {"limit_us", to_json(r.limit_us)},
          {"eager_us", to_json(r.eager_us)},
          {"captured_us", to_json(r.captured_us)},
          {"eager_ratio", to_json(r.eager_ratio)},
          {"captured_ratio", to_json(r.captured_ratio)}};
}

std::string json_text(const std::vector<WorkloadResult>& results) {
  Json workloads = Json::array();
  for (const WorkloadResult& result : results) workloads.push_back(to_json(result));
  const auto machine = lab::this_machine();
  return Json{{"cpu", machine.cpu}, {"blas", machine.blas}, {"workloads", workloads}}.dump(2) + '\n';
}

std::string table(const std::vector<WorkloadResult>& results) {
  const auto cell = [](const std::optional<double>& number) { return number ? fmt::format("{:.2f}", *number) : "-"; };
  std::vector<std::vector<std::string>> rows{
      {"workload", "limit us", "eager us", "captured us", "eager/limit", "captured/limit"}};
  for (const WorkloadResult& r : results)
    rows.push_back(
        {r.name, cell(r.limit_us), cell(r.eager_us), cell(r.captured_us), cell(r.eager_ratio), cell(r.captured_ratio)});
  const auto machine = lab::this_machine();
  return fmt::format("{}\n{}\n\n{}", machine.cpu, machine.blas, lab::align(rows));
}

Action declare(Options& options) {
  const auto json = std::make_shared<bool>(false);
  const auto given = std::make_shared<bench::Options>();
  options.push_back({.name = "--json", .into = json.get(), .help = "Print one JSON object"});
  options.push_back(
      {.name = "--filter", .into = &given->filter, .help = "Only the workloads whose name contains this"});
  options.push_back(
      {.name = "--seconds", .into = &given->seconds, .help = "How long to measure each workload", .minimum = 0});
  return [json, given] {
    const auto results = bench::run_workloads(*given);
    std::cout << (*json ? json_text(results) : table(results));
    return 0;
  };
}

const RegisterCommand command{
    {"bench", "Speed of training steps on this machine, against a hand-written loop", declare}};

}  // namespace

}  // namespace sigmagrad::app
