// SPDX-License-Identifier: BSD-3-Clause
#include <iostream>
#include <memory>

#include <spawn.h>
#include <sys/wait.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/program/command.hpp>
#include <sigmagrad/lab/program/exit_codes.hpp>
#include <sigmagrad/lab/program/print_outcome.hpp>
#include <sigmagrad/lab/report/stored_report.hpp>

namespace sigmagrad::lab {

namespace {

void open_in_browser(std::string page) {
  std::string program = "xdg-open";
  char* arguments[] = {program.data(), page.data(), nullptr};
  pid_t child = 0;
  int status = 1;
  if (posix_spawnp(&child, program.c_str(), nullptr, nullptr, arguments, environ) == 0) waitpid(child, &status, 0);
  if (status != 0) throw Error("report: xdg-open cannot open " + page);
}

Action declare(Options& options) {
  struct Arguments {
    std::string directory;
    bool open = false;
  };
  const auto given = std::make_shared<Arguments>();
  options.push_back(
      {.name = "directory", .into = &given->directory, .help = "The --out of a run", .type = "DIR", .required = true});
  options.push_back({.name = "--open", .into = &given->open, .help = "Show it in the browser"});
  return [given] {
    const auto evaluations = rebuild_report(given->directory);
    for (const auto& evaluation : evaluations)
      for (const auto& note : evaluation.notes) std::cerr << note << '\n';
    const auto page = given->directory + "/report.html";
    std::cout << page << '\n';
    if (given->open) open_in_browser(page);
    return any_damaged(evaluations) ? exit_code::failed : 0;
  };
}

}  // namespace

Command report_command() {
  return {"report", "Draw the figures and write report.html again, from the stored results", declare};
}

}  // namespace sigmagrad::lab
