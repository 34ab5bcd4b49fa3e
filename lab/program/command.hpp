// SPDX-License-Identifier: BSD-3-Clause
// A subcommand is one .cpp that registers itself:
//
//   const RegisterCommand list{{"list", "every experiment", [](CLI::App& options) -> Action {...}}};
#pragma once

#include <functional>
#include <map>
#include <string>

#include <CLI/App.hpp>

namespace sigmagrad::lab {

/// What a subcommand does once its options are parsed; returns the exit code.
using Action = std::function<int()>;

struct Command {
  std::string name = {};
  std::string help = {};
  /// Declares the options; the action owns the variables they fill.
  std::function<Action(CLI::App&)> declare = {};
};

class RegisterCommand {
 public:
  explicit RegisterCommand(Command command);
};

const std::map<std::string, Command>& commands();

}  // namespace sigmagrad::lab
