// SPDX-License-Identifier: BSD-3-Clause
// A subcommand of a program is one .cpp. Those of every laboratory are the functions below; a program adds its own by a
// file among its objects:
//
//   const RegisterCommand bench{{"bench", "Speed of training steps", [](Options& options) -> Action {...}}};
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sigmagrad::lab {

/// What a subcommand does once its options are parsed; returns the exit code.
using Action = std::function<int()>;

/// Where the value goes; its type says what is read. A bool is a flag, a list takes one value each time it is named.
using Destination = std::variant<bool*, int*, std::int64_t*, std::optional<std::int64_t>*, std::uint64_t*, double*,
                                 std::string*, std::vector<std::string>*>;

/// An option, or an argument if its name has no dash. `type` stands in the help and says what a shell offers:
/// `quick|paper` these words, FILE and DIR what is there, any other name what `Command::words` has for it.
struct Option {
  std::string name = {};  // "--out", "-o,--output", "--bias,!--no-bias"
  Destination into = {};
  std::string help = {};
  std::string type = {};
  bool required = false;
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  std::string excludes = {};  // an option declared before it
};
using Options = std::vector<Option>;

/// By type. A word that ends in = is typed on.
using Words = std::map<std::string, std::vector<std::string>>;

struct Command {
  std::string name = {};
  std::string help = {};
  /// Declares the options; the action owns the variables they fill.
  std::function<Action(Options&)> declare = {};
  std::function<Words()> words = {};
  /// What the help says below the options.
  std::function<std::string()> footer = {};
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
