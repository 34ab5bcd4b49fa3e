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

Action declare(CLI::App& options) {
  const auto given = std::make_shared<Arguments>();
  options.add_option("directory", given->directory, "The --out of a run")->type_name("DIR")->required();
  options.add_option("ids", given->options.ids, "Experiments (all that are stored there)")->type_name("ID");
  options.add_option("--out", given->out, "File to write, instead of standard output")->type_name("FILE");
  options.add_flag("--seconds", given->options.seconds, "Also what each trial took, which no two runs have in common");
  return [given] { return execute(*given); };
}

}  // namespace

Command export_command() {
  return {"export", "Print the stored trials as CSV, one row each, the same for equal results", declare,
          experiment_words};
}

}  // namespace sigmagrad::lab
