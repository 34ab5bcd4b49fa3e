// SPDX-License-Identifier: BSD-3-Clause
#include <iostream>
#include <memory>

#include <fmt/format.h>

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/program/command.hpp>
#include <sigmagrad/lab/program/exit_codes.hpp>
#include <sigmagrad/lab/program/experiment_words.hpp>
#include <sigmagrad/lab/run/export.hpp>

namespace sigmagrad::lab {

namespace {

struct Arguments {
  std::string directory, out;
  ExportOptions options;
};

int execute(const Arguments& given) {
  std::vector<Damage> damaged;
  const auto text = export_csv(given.directory, given.options, damaged);
  if (given.out.empty()) {
    std::cout << text;
  } else {
    sigmagrad::detail::write_file(given.out, text);
  }
  if (damaged.empty()) return 0;
  std::cout.flush();
  fmt::print(stderr, "{}: damaged and left out: {}; {}\n", given.directory, to_text(damaged), to_mend);
  return exit_code::failed;
}

Action declare(Options& options) {
  const auto given = std::make_shared<Arguments>();
  options.push_back(
      {.name = "directory", .into = &given->directory, .help = "The --out of a run", .type = "DIR", .required = true});
  options.push_back(
      {.name = "ids", .into = &given->options.ids, .help = "Experiments (all that are stored there)", .type = "ID"});
  options.push_back(
      {.name = "--out", .into = &given->out, .help = "File to write, instead of standard output", .type = "FILE"});
  options.push_back({.name = "--seconds",
                     .into = &given->options.seconds,
                     .help = "Also what each trial took, which no two runs have in common"});
  return [given] { return execute(*given); };
}

}  // namespace

Command export_command() {
  return {"export", "Print the stored trials as CSV, one row each, the same for equal results", declare,
          experiment_words};
}

}  // namespace sigmagrad::lab
