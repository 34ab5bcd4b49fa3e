// SPDX-License-Identifier: BSD-3-Clause
#include <memory>

#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/program/command.hpp>
#include <sigmagrad/lab/program/drive.hpp>
#include <sigmagrad/lab/program/program.hpp>

namespace sigmagrad::app {

using namespace lab;

namespace {

std::vector<std::string> every_id() {
  std::vector<std::string> ids;
  for (const auto* experiment : lab::all_experiments()) ids.push_back(experiment->id);
  return ids;
}

Action declare(Options& options) {
  const auto given = std::make_shared<SessionOptions>();
  declare_session_options(options, *given);
  return [given] {
    return execute([&] { return wishes_of(*given, every_id()); }, *given, {program_name(), "reproduce"},
                   "reproduce-" + given->preset);
  };
}

const RegisterCommand reproduce{{"reproduce", "Run every experiment into one directory, with one report", declare}};

}  // namespace

}  // namespace sigmagrad::app
