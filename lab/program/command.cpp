// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/program/command.hpp>

namespace sigmagrad::lab {

namespace {

std::map<std::string, Command> of_every_laboratory() {
  std::map<std::string, Command> all;
  for (Command command :
       {completion_command(), export_command(), list_command(), merge_command(), report_command(), run_command()}) {
    const std::string name = command.name;
    all.emplace(name, std::move(command));
  }
  return all;
}

std::map<std::string, Command>& registered() {
  static std::map<std::string, Command> all = of_every_laboratory();
  return all;
}

}  // namespace

RegisterCommand::RegisterCommand(Command command) {
  const std::string name = command.name;
  registered().emplace(name, std::move(command));
}

const std::map<std::string, Command>& commands() { return registered(); }

}  // namespace sigmagrad::lab
