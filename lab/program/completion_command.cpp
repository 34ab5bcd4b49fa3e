// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cctype>
#include <iostream>
#include <memory>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/model/nearest.hpp>
#include <sigmagrad/lab/program/command.hpp>
#include <sigmagrad/lab/program/program.hpp>

namespace sigmagrad::lab {

namespace {

// "--bias,!--no-bias" as --bias and --no-bias; none of an argument, whose name is not typed.
std::vector<std::string> spellings(std::string names) {
  std::ranges::replace(names, ',', ' ');
  std::erase(names, '!');
  std::vector<std::string> all;
  std::istringstream words(names);
  for (std::string word; words >> word;)
    if (word.starts_with('-')) all.push_back(word);
  return all;
}

// What bash's compgen is asked for a value of this type; empty where nothing can be offered.
std::string generator(const std::string& type, const Words& words) {
  if (type == "FILE") return "-f";
  if (type == "DIR") return "-d";
  if (const auto found = words.find(type); found != words.end())
    return fmt::format("-W \"{}\"", fmt::join(found->second, " "));
  if (type.find('|') == std::string::npos) return {};
  std::string choices = type;
  std::ranges::replace(choices, '|', ' ');
  return fmt::format("-W \"{}\"", choices);
}

// The two parts of the script that speak of one command: values of its options, and what else may follow it. They are
// read off the command itself, so that none is forgotten here.
struct Cases {
  std::string values = {}, rest = {};

  void add(const Command& command) {
    Options options;
    const Action declared = command.declare(options);
    const Words words = command.words ? command.words() : Words{};
    std::string names = "--help ", arguments;
    for (const Option& option : options) {
      const auto offered = generator(option.type, words);
      if (!option.name.starts_with('-') && !offered.empty()) arguments += "; offer " + offered;
      for (const auto& name : spellings(option.name)) {
        if (name.starts_with("--")) names += name + ' ';
        if (!offered.empty()) values += fmt::format("    {}:{}) offer {} ;;\n", command.name, name, offered);
      }
    }
    rest += fmt::format("    {}) offer -W \"{}\"{} ;;\n", command.name, names, arguments);
  }
};

std::string bash_script() {
  std::string names;
  Cases cases;
  for (const auto& [name, command] : commands()) {
    names += name + ' ';
    cases.add(command);
  }
  std::string function = program_name();
  std::ranges::replace_if(
      function, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return fmt::format(R"bash(# Load it with: source <({0} completion bash)
_{1}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  offer() {{
    COMPREPLY+=($(compgen "$@" -- "$current"))
    if [[ ${{COMPREPLY[0]}} == *= ]]; then compopt -o nospace; fi
  }}
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    offer -W "{2}--help --version"
    return
  fi
  case ${{COMP_WORDS[1]}}:$previous in
{3}    *) case ${{COMP_WORDS[1]}} in
{4}    esac ;;
  esac
}}
complete -F _{1} {0}
)bash",
                     program_name(), function, names, cases.values, cases.rest);
}

Action declare(Options& options) {
  const auto shell = std::make_shared<std::string>();
  options.push_back(
      {.name = "shell", .into = shell.get(), .help = "Its name: bash", .type = "SHELL", .required = true});
  return [shell] {
    if (*shell != "bash") throw Error(unknown("completion", "shell", *shell, {"bash"}));
    std::cout << bash_script();
    return 0;
  };
}

}  // namespace

Command completion_command() {
  return {"completion", "Print a script that completes commands in a shell", declare, [] {
            return Words{{"SHELL", {"bash"}}};
          }};
}

}  // namespace sigmagrad::lab
