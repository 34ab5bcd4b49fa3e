// SPDX-License-Identifier: BSD-3-Clause
#include <iostream>
#include <memory>
#include <set>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/model/nearest.hpp>
#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/program/command.hpp>

namespace sigmagrad::lab {

namespace {

std::vector<std::string> experiment_ids() {
  std::vector<std::string> ids;
  for (const auto* experiment : all_experiments()) ids.push_back(experiment->id);
  return ids;
}

// The options of each command are read off the command itself, so that none is forgotten here.
std::vector<std::string> option_names(const Command& command) {
  CLI::App app;
  command.declare(app);
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string parameter_names() {
  std::set<std::string> names;
  for (const auto* experiment : all_experiments())
    for (const auto& parameter : experiment->parameters) names.insert(parameter.name + '=');
  return fmt::format("{}", fmt::join(names, " "));
}

std::string bash_script() {
  std::string names, cases;
  for (const auto& [name, command] : commands()) {
    names += name + ' ';
    const auto ids = name == "run" || name == "list" ? experiment_ids() : std::vector<std::string>{};
    cases +=
        fmt::format("    {}) words=\"{} {}\" ;;\n", name, fmt::join(option_names(command), " "), fmt::join(ids, " "));
  }
  return fmt::format(R"bash(# Load it with: source <(sigmagrad completion bash)
_sigmagrad() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} words
  case $previous in
    --set|--sweep) compopt -o nospace; COMPREPLY=($(compgen -W "{2}" -- "$current")); return ;;
    --preset) COMPREPLY=($(compgen -W "quick paper" -- "$current")); return ;;
    --stream) COMPREPLY=($(compgen -W "philox numpy" -- "$current")); return ;;
    --out|--into) COMPREPLY=($(compgen -d -- "$current")); return ;;
    --config|--output|-o|--predict) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --loss) COMPREPLY=($(compgen -W "square absolute huber" -- "$current")); return ;;
    --separator) COMPREPLY=($(compgen -W "auto comma semicolon tab space ::" -- "$current")); return ;;
    --row-names) COMPREPLY=($(compgen -W "auto yes no" -- "$current")); return ;;
    --format) COMPREPLY=($(compgen -W "auto triplets dense" -- "$current")); return ;;
    completion) COMPREPLY=($(compgen -W "bash" -- "$current")); return ;;
  esac
  case ${{COMP_WORDS[1]}} in
{1}    *) words="{0}--help --version" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ $current == -* || $COMP_CWORD -eq 1 ]] && return
  case ${{COMP_WORDS[1]}} in
    report|merge|export) COMPREPLY+=($(compgen -d -- "$current")) ;;
    complete) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}}
complete -F _sigmagrad sigmagrad
)bash",
                     names, cases, parameter_names());
}

Action declare(CLI::App& options) {
  const auto shell = std::make_shared<std::string>();
  options.add_option("shell", *shell, "bash")->required();
  return [shell] {
    if (*shell != "bash") throw Error(unknown("completion", "shell", *shell, {"bash"}));
    std::cout << bash_script();
    return 0;
  };
}

const RegisterCommand completion{{"completion", "Print a script that completes commands in a shell", declare}};

}  // namespace

}  // namespace sigmagrad::lab
