// SPDX-License-Identifier: BSD-3-Clause
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/model/text.hpp>
#include <sigmagrad/lab/program/command.hpp>
#include <sigmagrad/lab/program/drive.hpp>
#include <sigmagrad/lab/program/program.hpp>

namespace sigmagrad::app {

using namespace lab;

namespace {

// By its own estimate, in seconds: networks of a paper's size are asked for by name.
constexpr double longest = 3600;

// What takes no longer than that; the others are named on standard error.
Wishes wishes(const SessionOptions& given) {
  auto wishes = wishes_of(given, {});
  for (const auto* experiment : all_experiments()) {
    const double seconds = experiment->seconds[wishes.preset];
    if (seconds <= longest)
      wishes.ids.push_back(experiment->id);
    else
      fmt::print(stderr, "reproduce: leaves out {}, which takes about {}: sigmagrad run {} --preset {}\n",
                 experiment->id, short_duration(seconds), experiment->id, to_text(wishes.preset));
  }
  return wishes;
}

Action declare(Options& options) {
  const auto given = std::make_shared<SessionOptions>();
  declare_session_options(options, *given);
  options.push_back({.name = "--claims",
                     .into = &given->claims,
                     .help = "Also write every claim with its verdict as a page of Markdown; - is standard output",
                     .type = "FILE"});
  return [given] {
    return execute([&] { return wishes(*given); }, *given, {program_name(), "reproduce"}, "reproduce-" + given->preset);
  };
}

const RegisterCommand reproduce{
    {"reproduce", "Run every experiment of up to an hour into one directory, with one report", declare}};

}  // namespace

}  // namespace sigmagrad::app
