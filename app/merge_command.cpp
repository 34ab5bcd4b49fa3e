// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/app/command.hpp>
#include <sigmagrad/experiments/harness/merge.hpp>

#include <iostream>
#include <memory>

namespace sigmagrad::app {

namespace {

struct Arguments {
  std::vector<std::string> directories;
  std::string into;
};

int execute(const Arguments& given) {
  std::vector<std::string> command{"sigmagrad", "merge"};
  command.insert(command.end(), given.directories.begin(), given.directories.end());
  command.insert(command.end(), {"--into", given.into});
  const std::vector<std::filesystem::path> directories(given.directories.begin(), given.directories.end());
  for (const auto& evaluation : experiments::merge(directories, given.into, command)) {
    std::cout << to_console_text(evaluation) << '\n';
    for (const auto& note : evaluation.notes) std::cerr << note << '\n';
  }
  std::cout << "Report: " << given.into << "/report.html\n";
  return 0;
}

Action declare(CLI::App& options) {
  const auto given = std::make_shared<Arguments>();
  options.add_option("directories", given->directories, "The --out of runs, finished or not")->required();
  options.add_option("--into", given->into, "Directory of all of them; what it holds already is kept")->required();
  return [given] { return execute(*given); };
}

const Register command{{"merge", "Join the results of several runs, as of shards on several machines", declare}};

}  // namespace

}  // namespace sigmagrad::app
