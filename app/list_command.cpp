// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/app/command.hpp>
#include <sigmagrad/experiments/harness/catalogue.hpp>

#include <iostream>
#include <memory>

namespace sigmagrad::app {

namespace {

Action declare(CLI::App& options) {
  const auto json = std::make_shared<bool>(false);
  options.add_flag("--json", *json, "Print one JSON array");
  return [json] {
    std::cout << (*json ? experiments::catalogue_json_text() + '\n' : experiments::catalogue_text());
    return 0;
  };
}

const Register list{{"list", "Every experiment: source, expected time, parameters with their defaults", declare}};

}  // namespace

}  // namespace sigmagrad::app
