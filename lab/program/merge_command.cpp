// SPDX-License-Identifier: BSD-3-Clause
#include <memory>

#include <sigmagrad/lab/program/command.hpp>
#include <sigmagrad/lab/program/exit_codes.hpp>
#include <sigmagrad/lab/program/print_outcome.hpp>
#include <sigmagrad/lab/program/program.hpp>
#include <sigmagrad/lab/report/stored_report.hpp>
#include <sigmagrad/lab/run/merge.hpp>

namespace sigmagrad::lab {

namespace {

struct Arguments {
  std::vector<std::string> directories;
  std::string into;
};

int execute(const Arguments& given) {
  std::vector<std::string> command{program_name(), "merge"};
  command.insert(command.end(), given.directories.begin(), given.directories.end());
  command.insert(command.end(), {"--into", given.into});
  const std::vector<std::filesystem::path> directories(given.directories.begin(), given.directories.end());
  const auto evaluations = rebuild_report(given.into, merge(directories, given.into, command));
  print_outcome(evaluations, given.into);
  return any_damaged(evaluations) ? exit_code::failed : 0;
}

Action declare(Options& options) {
  const auto given = std::make_shared<Arguments>();
  options.push_back({.name = "directories",
                     .into = &given->directories,
                     .help = "The --out of runs, finished or not",
                     .type = "DIR",
                     .required = true});
  options.push_back({.name = "--into",
                     .into = &given->into,
                     .help = "Directory of all of them; what it holds already is kept",
                     .type = "DIR",
                     .required = true});
  return [given] { return execute(*given); };
}

}  // namespace

Command merge_command() {
  return {"merge", "Join the results of several runs, as of shards on several machines", declare};
}

}  // namespace sigmagrad::lab
