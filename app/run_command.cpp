// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/app/command.hpp>
#include <sigmagrad/app/interrupt.hpp>
#include <sigmagrad/autograd/error.hpp>
#include <sigmagrad/experiments/harness/columns.hpp>
#include <sigmagrad/experiments/harness/config_file.hpp>
#include <sigmagrad/experiments/harness/dry_run.hpp>
#include <sigmagrad/experiments/harness/nearest.hpp>
#include <sigmagrad/experiments/harness/text.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <memory>

namespace sigmagrad::app {

namespace {

using experiments::Evaluation;
using experiments::Preset;
using experiments::Session;
using experiments::Stream;

constexpr int exit_failed = 1, exit_interrupted = 130;

struct Arguments {
  std::vector<std::string> ids, set, sweep;
  std::string preset = "quick", stream = "philox", shard = "1/1", config, out;
  std::uint64_t seed = 42;
  std::int64_t trials = 0;
  int jobs = 0;
  bool fresh = false, dry_run = false, json = false;
};

template <class Choice>
Choice choose(std::string_view option, const std::string& text, const std::map<std::string, Choice>& choices) {
  if (const auto found = choices.find(text); found != choices.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [name, choice] : choices) names.push_back(name);
  throw Error(experiments::unknown("run", option, text, names));
}

experiments::Request request_of(const Arguments& given, const CLI::App& options) {
  experiments::Request request{
      .ids = given.ids,
      .preset = choose<Preset>("preset", given.preset, {{"quick", Preset::Quick}, {"paper", Preset::Paper}}),
      .seed = given.seed,
      .stream = choose<Stream>("stream", given.stream, {{"philox", Stream::Philox}, {"numpy", Stream::Numpy}})};
  if (options.count("--trials") > 0) request.trials = given.trials;
  auto& overrides = request.overrides;
  if (!given.config.empty()) overrides = experiments::read_config(given.config);
  for (const auto& text : given.set) overrides.push_back(experiments::parse_override(text, true));
  for (const auto& text : given.sweep) overrides.push_back(experiments::parse_override(text, false));
  return request;
}

// runs/spectral-depth-20250131-120000; the first id stands for several.
std::string default_directory(const std::vector<std::string>& ids) {
  auto name = ids.front();
  std::ranges::replace(name, '/', '-');
  if (ids.size() > 1) name += fmt::format("-and-{}-more", ids.size() - 1);
  return fmt::format("runs/{}-{:%Y%m%d-%H%M%S}", name, fmt::localtime(std::time(nullptr)));
}

std::vector<std::string> resume_command(const Arguments& given, const Session& session) {
  std::vector<std::string> words{"sigmagrad", "run"};
  words.insert(words.end(), given.ids.begin(), given.ids.end());
  const auto add = [&](const std::string& option, const std::string& value) {
    words.push_back(option);
    words.push_back(value);
  };
  if (given.preset != "quick") add("--preset", given.preset);
  if (given.seed != 42) add("--seed", std::to_string(given.seed));
  if (given.stream != "philox") add("--stream", given.stream);
  if (given.trials > 0) add("--trials", std::to_string(given.trials));
  if (given.jobs > 0) add("--jobs", std::to_string(given.jobs));
  if (given.shard != "1/1") add("--shard", given.shard);
  if (!given.config.empty()) add("--config", given.config);
  for (const auto& text : given.set) add("--set", text);
  for (const auto& text : given.sweep) add("--sweep", text);
  add("--out", session.out.string());
  return words;
}

Session session_of(const Arguments& given, const CLI::App& options) {
  Session session{.settings = experiments::resolve(request_of(given, options)),
                  .out = given.out.empty() ? default_directory(given.ids) : given.out,
                  .jobs = given.jobs,
                  .shard = experiments::parse_shard(given.shard),
                  .fresh = given.fresh,
                  .interrupted = interrupted};
  experiments::thread_count(given.jobs, 1);  // an Error for a negative number, before anything starts
  session.command = resume_command(given, session);
  return session;
}

int print_outcome(const std::vector<Evaluation>& evaluations, const Session& session, bool json) {
  std::int64_t failed = 0;
  for (const Evaluation& evaluation : evaluations) {
    failed += evaluation.results.failed();
    if (!json) std::cout << to_console_text(evaluation) << '\n';
    for (const auto& note : evaluation.notes) std::cerr << note << '\n';
    for (const auto& line : failure_lines(evaluation.results)) std::cerr << "failed: " << line << '\n';
  }
  if (json) {
    std::cout << (evaluations.size() == 1 ? to_json_text(evaluations.front()) : to_json_text(evaluations)) << '\n';
  } else {
    std::cout << "Report: " << (session.out / "report.html").string() << '\n';
  }
  return failed > 0 ? exit_failed : 0;
}

int execute(const Arguments& given, const CLI::App& options) {
  const Session session = session_of(given, options);
  if (given.dry_run) {
    std::cout << dry_run_text(session);
    return 0;
  }
  note_interrupts();
  const auto outcome = experiments::run(session);
  if (!outcome.interrupted) return print_outcome(outcome.evaluations, session, given.json);
  std::string command;
  for (const auto& word : session.command) command += ' ' + experiments::shell_quoted(word);
  std::cerr << fmt::format("\ninterrupted; what had finished is kept. Resume with:{}\n", command);
  std::cerr.flush();
  std::_Exit(exit_interrupted);  // trials may still be running in threads of their own
}

Action declare(CLI::App& options) {
  const auto given = std::make_shared<Arguments>();
  const auto list = [&](const char* name, std::vector<std::string>& values, const char* help) {
    options.add_option(name, values, help)->allow_extra_args(false);
  };
  options.add_option("ids", given->ids, "Experiments, as `sigmagrad list` names them")->required();
  options.add_option("--preset", given->preset, "quick (the shape, in seconds) or paper (the document's own sizes)");
  list("--set", given->set, "key=value: one value for a parameter");
  list("--sweep", given->sweep, "key=a,b,c: several values for a parameter");
  options.add_option("--trials", given->trials, "Trials a group, instead of the preset's");
  options.add_option("--seed", given->seed, "Seed of the first trial (42)")->check(CLI::NonNegativeNumber);
  options.add_option("--stream", given->stream, "philox, or numpy where the experiment has a NumPy recipe");
  options.add_option("--jobs", given->jobs, "Threads (all cores); results do not depend on it");
  options.add_option("--shard", given->shard, "I/N: every N-th trial only, with the seeds it would have had");
  options.add_option("--config", given->config, "A TOML file of parameters");
  options.add_option("--out", given->out, "Directory of the results; an existing one is completed");
  options.add_flag("--fresh", given->fresh, "Drop what --out holds of these experiments");
  auto* dry_run = options.add_flag("--dry-run", given->dry_run, "Only list what would run, with estimates");
  options.add_flag("--json", given->json, "Print one JSON object on standard output")->excludes(dry_run);
  return [given, &options] { return execute(*given, options); };
}

const Register run{{"run", "Run experiments; the same command on the same --out completes what is missing", declare}};

}  // namespace

}  // namespace sigmagrad::app
