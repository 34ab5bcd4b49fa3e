// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/program/program.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <stdexcept>

#include <fmt/format.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/model/nearest.hpp>
#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/program/command.hpp>
#include <sigmagrad/lab/program/exit_codes.hpp>
#include <sigmagrad/lab/program/options.hpp>
#include <sigmagrad/version.hpp>

namespace sigmagrad::lab {

namespace {

std::string& name_of_program() {
  static std::string name = "sigmagrad";
  return name;
}

int complain(std::string message, int code) {
  std::ranges::replace(message, '\n', ' ');
  fmt::print(stderr, "{}: {}\n", program_name(), message);
  return code;
}

// CLI11 would take an unknown name for an argument of the program itself.
void check_command(const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front().starts_with('-') || commands().contains(arguments.front())) return;
  std::vector<std::string> names;
  for (const auto& [name, command] : commands()) names.push_back(name);
  throw Error(unknown({}, "command", arguments.front(), names));
}

void check_nothing_left(const CLI::App& app) {
  const auto left = app.remaining();
  if (left.empty()) return;
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  const std::string option = left.front().substr(0, left.front().find('='));
  const std::string command = app.get_parent() ? app.get_name() : "";
  if (option.starts_with('-')) throw Error(unknown(command, "option", option, names));
  throw Error(command + (command.empty() ? "" : ": ") + "unexpected argument '" + option + "'");
}

int parse_and_run(const std::vector<std::string>& arguments) {
  all_experiments();  // an Error for a wrong declaration, whatever is asked for
  CLI::App app("A laboratory: experiments, their runs and reports.", program_name());
  app.set_version_flag("--version", fmt::format("sigmagrad {} ({})", version, revision()));
  app.require_subcommand(1);
  app.allow_extras();
  std::map<const CLI::App*, Action> actions;
  for (const auto& [name, command] : commands()) {
    CLI::App* options = app.add_subcommand(name, command.help);
    options->allow_extras();
    Options declared;
    actions[options] = command.declare(declared);
    declare_options(*options, declared);
    if (command.footer) options->footer(command.footer);
  }
  check_command(arguments);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // the last one first
  } catch (const CLI::Success& help_or_version) {
    return app.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    for (const CLI::App* options : app.get_subcommands()) check_nothing_left(*options);
    check_nothing_left(app);
    return complain(error.what(), exit_code::bad_arguments);
  }
  const CLI::App* chosen = app.get_subcommands().front();
  check_nothing_left(app);
  check_nothing_left(*chosen);
  const int code = actions.at(chosen)();
  if (!std::cout.flush()) throw std::runtime_error("standard output cannot be written");
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 1) return run_program({});
  return run_program({argv + 1, argv + argc}, std::filesystem::path(argv[0]).filename().string());
}

const std::string& program_name() { return name_of_program(); }

int run_program(const std::vector<std::string>& arguments, const std::string& name) {
  name_of_program() = name;
  try {
    return parse_and_run(arguments);
  } catch (const Error& error) {
    return complain(error.what(), exit_code::bad_arguments);
  } catch (const std::exception& error) {
    return complain(error.what(), exit_code::failed);
  }
}

}  // namespace sigmagrad::lab
