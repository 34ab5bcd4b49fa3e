// SPDX-License-Identifier: BSD-3-Clause
#include <memory>

#include <sigmagrad/app/command.hpp>
#include <sigmagrad/app/session_options.hpp>
#include <sigmagrad/experiments/harness/registry.hpp>

namespace sigmagrad::app {

namespace {

std::vector<std::string> every_id() {
  std::vector<std::string> ids;
  for (const auto* experiment : experiments::all_experiments()) ids.push_back(experiment->id);
  return ids;
}

Action declare(CLI::App& options) {
  const auto given = std::make_shared<SessionOptions>();
  declare_session_options(options, *given);
  return [given] {
    return execute([&] { return request_of(*given, every_id()); }, *given, {"sigmagrad", "reproduce"},
                   "reproduce-" + given->preset);
  };
}

const Register reproduce{{"reproduce", "Run every experiment into one directory, with one report", declare}};

}  // namespace

}  // namespace sigmagrad::app
