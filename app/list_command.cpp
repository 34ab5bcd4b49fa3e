// SPDX-License-Identifier: BSD-3-Clause
#include <iostream>
#include <memory>

#include <sigmagrad/app/command.hpp>
#include <sigmagrad/experiments/harness/catalogue.hpp>
#include <sigmagrad/experiments/harness/registry.hpp>

namespace sigmagrad::app {

namespace {

std::string text_of(const std::vector<std::string>& ids) {
  if (ids.empty()) return experiments::catalogue_text();
  std::string text;
  for (const auto& id : ids) text += experiments::experiment_text(experiments::find_experiment(id));
  return text;
}

Action declare(CLI::App& options) {
  struct Arguments {
    std::vector<std::string> ids;
    bool json = false;
  };
  const auto given = std::make_shared<Arguments>();
  auto* ids = options.add_option("ids", given->ids, "Only these, with all that there is to say about them");
  options.add_flag("--json", given->json, "Print one JSON array")->excludes(ids);
  return [given] {
    std::cout << (given->json ? experiments::catalogue_json_text() + '\n' : text_of(given->ids));
    return 0;
  };
}

const Register list{{"list", "Every experiment: source, expected time, parameters with their defaults", declare}};

}  // namespace

}  // namespace sigmagrad::app
