// SPDX-License-Identifier: BSD-3-Clause
// A subcommand of a program is one .cpp. Those of every laboratory are the functions below; a program adds its own by a
// file among its objects:
//
//   const RegisterCommand bench{{"bench", "Speed of training steps", [](CLI::App& options) -> Action {...}}};
//
// What a shell offers for an option or an argument follows from its type name: `quick|paper` these words, FILE and DIR
// what is there, any other name what `Command::words` says of it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <CLI/App.hpp>

namespace sigmagrad::lab {

/// What a subcommand does once its options are parsed; returns the exit code.
using Action = std::function<int()>;

/// By type name. A word that ends in = is typed on.
using Words = std::map<std::string, std::vector<std::string>>;

struct Command {
  std::string name = {};
  std::string help = {};
  /// Declares the options; the action owns the variables they fill.
  std::function<Action(CLI::App&)> declare = {};
  std::function<Words()> words = {};
};

class RegisterCommand {
 public:
  explicit RegisterCommand(Command command);
};

/// Every subcommand of this program, by name.
const std::map<std::string, Command>& commands();

Command completion_command();
Command export_command();
Command list_command();
Command merge_command();
Command report_command();
Command run_command();

}  // namespace sigmagrad::lab
