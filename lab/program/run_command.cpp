// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include <sigmagrad/lab/program/choose.hpp>
#include <sigmagrad/lab/program/command.hpp>
#include <sigmagrad/lab/program/drive.hpp>
#include <sigmagrad/lab/program/experiment_words.hpp>
#include <sigmagrad/lab/program/program.hpp>
#include <sigmagrad/lab/run/config_file.hpp>

namespace sigmagrad::lab {

namespace {

struct Arguments {
  std::vector<std::string> ids, set, sweep;
  std::string stream = "philox", config;
  SessionOptions session;
};

Wishes wishes_of(const Arguments& given) {
  auto wishes = wishes_of(given.session, given.ids);
  wishes.stream = choose<Stream>("run", "stream", given.stream, {{"philox", Stream::Philox}, {"numpy", Stream::Numpy}});
  auto& overrides = wishes.overrides;
  if (!given.config.empty()) overrides = read_config(given.config);
  for (const auto& text : given.set) overrides.push_back(parse_override(text, true));
  for (const auto& text : given.sweep) overrides.push_back(parse_override(text, false));
  return wishes;
}

std::vector<std::string> command_of(const Arguments& given) {
  std::vector<std::string> words{program_name(), "run"};
  words.insert(words.end(), given.ids.begin(), given.ids.end());
  const auto add = [&](const std::string& option, const std::string& value) {
    words.push_back(option);
    words.push_back(value);
  };
  if (given.stream != "philox") add("--stream", given.stream);
  if (!given.config.empty()) add("--config", given.config);
  for (const auto& text : given.set) add("--set", text);
  for (const auto& text : given.sweep) add("--sweep", text);
  return words;
}

// spectral-depth; the first id stands for several.
std::string name_of(const std::vector<std::string>& ids) {
  auto name = ids.front();
  std::ranges::replace(name, '/', '-');
  if (ids.size() > 1) name += fmt::format("-and-{}-more", ids.size() - 1);
  return name;
}

Action declare(Options& options) {
  const auto given = std::make_shared<Arguments>();
  const auto list = [&](const char* name, std::vector<std::string>& values, const char* help) {
    options.push_back({.name = name, .into = &values, .help = help, .type = "KEY=VALUE"});
  };
  options.push_back({.name = "ids",
                     .into = &given->ids,
                     .help = "Experiments, as `list` names them",
                     .type = "ID",
                     .required = true});
  list("--set", given->set, "key=value: one value for a parameter");
  list("--sweep", given->sweep, "key=a,b,c: several values for a parameter");
  options.push_back({.name = "--stream",
                     .into = &given->stream,
                     .help = "philox, or numpy where the experiment has a NumPy recipe",
                     .type = "philox|numpy"});
  options.push_back({.name = "--config", .into = &given->config, .help = "A TOML file of parameters", .type = "FILE"});
  declare_session_options(options, given->session);
  return [given] {
    return execute([&] { return wishes_of(*given); }, given->session, command_of(*given), name_of(given->ids));
  };
}

}  // namespace

Command run_command() {
  return {"run", "Run experiments; the same command on the same --out completes what is missing", declare,
          experiment_words};
}

}  // namespace sigmagrad::lab
