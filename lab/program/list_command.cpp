// SPDX-License-Identifier: BSD-3-Clause
#include <iostream>
#include <memory>

#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/program/command.hpp>
#include <sigmagrad/lab/program/experiment_words.hpp>
#include <sigmagrad/lab/report/catalogue.hpp>

namespace sigmagrad::lab {

namespace {

std::string text_of(const std::vector<std::string>& ids) {
  if (ids.empty()) return catalogue_text();
  std::string text;
  for (const auto& id : ids) text += experiment_text(find_experiment(id));
  return text;
}

Action declare(Options& options) {
  struct Arguments {
    std::vector<std::string> ids;
    bool json = false;
  };
  const auto given = std::make_shared<Arguments>();
  options.push_back({.name = "ids",
                     .into = &given->ids,
                     .help = "Only these, with all that there is to say about them",
                     .type = "ID"});
  options.push_back({.name = "--json", .into = &given->json, .help = "Print one JSON array", .excludes = "ids"});
  return [given] {
    std::cout << (given->json ? catalogue_json_text() + '\n' : text_of(given->ids));
    return 0;
  };
}

}  // namespace

Command list_command() {
  return {"list", "Every experiment: source, expected time, parameters with their defaults", declare, experiment_words};
}

}  // namespace sigmagrad::lab
