// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/app/command.hpp>

namespace sigmagrad::app {

namespace {

std::map<std::string, Command>& registry() {
  static std::map<std::string, Command> all;
  return all;
}

}  // namespace

Register::Register(Command command) {
  const std::string name = command.name;
  registry().emplace(name, std::move(command));
}

const std::map<std::string, Command>& commands() { return registry(); }

}  // namespace sigmagrad::app
