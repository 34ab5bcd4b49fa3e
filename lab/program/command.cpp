// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/program/command.hpp>

namespace sigmagrad::lab {

namespace {

std::map<std::string, Command>& registry() {
  static std::map<std::string, Command> all;
  return all;
}

}  // namespace

RegisterCommand::RegisterCommand(Command command) {
  const std::string name = command.name;
  registry().emplace(name, std::move(command));
}

const std::map<std::string, Command>& commands() { return registry(); }

}  // namespace sigmagrad::lab
