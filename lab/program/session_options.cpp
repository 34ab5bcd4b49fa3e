// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/program/session_options.hpp>

#include <sigmagrad/lab/model/text.hpp>
#include <sigmagrad/lab/program/interrupt.hpp>
#include <sigmagrad/lab/program/outcome.hpp>
#include <sigmagrad/lab/program/program.hpp>
#include <sigmagrad/lab/run/dry_run.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iostream>

namespace sigmagrad::lab {

namespace {

constexpr int exit_failed = 1, exit_interrupted = 130;

// What was typed, with the directory that was chosen.
std::vector<std::string> resume_command(std::vector<std::string> command, const SessionOptions& given,
                                        const Session& session) {
  const auto add = [&](const std::string& option, const std::string& value) {
    command.push_back(option);
    command.push_back(value);
  };
  if (given.preset != "quick") add("--preset", given.preset);
  if (given.seed != "42") add("--seed", given.seed);
  if (given.trials) add("--trials", std::to_string(*given.trials));
  if (given.jobs > 0) add("--jobs", std::to_string(given.jobs));
  if (given.shard != "1/1") add("--shard", given.shard);
  if (given.retry_failed) command.emplace_back("--retry-failed");
  add("--out", session.out.string());
  return command;
}

// runs/<name>-<time>, made now unless nothing is written: two runs of the same second get a directory each.
std::filesystem::path new_directory(const std::string& name, bool make) {
  const auto first = fmt::format("runs/{}-{:%Y%m%d-%H%M%S}", name, fmt::localtime(std::time(nullptr)));
  std::error_code error;
  if (make) std::filesystem::create_directories("runs", error);
  for (int i = 1;; ++i) {
    std::filesystem::path path = i == 1 ? first : fmt::format("{}-{}", first, i);
    if (!make || error || std::filesystem::create_directory(path, error) || error) return path;
  }
}

std::uint64_t seed_of(const std::string& text) {
  std::uint64_t seed = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (status != std::errc{} || end != text.data() + text.size())
    throw Error(fmt::format("--seed: '{}' is not an integer from 0 to {}", text, std::uint64_t(-1)));
  return seed;
}

Session session_of(const Request& request, const SessionOptions& given, std::vector<std::string> command,
                   const std::string& name) {
  Session session{.settings = resolve(request),
                  .out = given.out,
                  .jobs = given.jobs,
                  .shard = parse_shard(given.shard),
                  .fresh = given.fresh,
                  .failed = given.retry_failed ? Failed::Retried : Failed::Kept,
                  .interrupted = interrupted};
  thread_count(given.jobs, 1);  // an Error for a negative number, before anything starts
  if (given.out.empty()) session.out = new_directory(name, !given.dry_run);
  session.command = resume_command(std::move(command), given, session);
  return session;
}

}  // namespace

void declare_session_options(CLI::App& options, SessionOptions& given) {
  options.add_option("--preset", given.preset, "quick (the shape, in seconds) or paper (the document's own sizes)")
      ->type_name("quick|paper");
  options.add_option("--trials", given.trials, "Trials a group, instead of the preset's");
  options.add_option("--seed", given.seed, "Seed of the first trial (42)");
  options.add_option("--jobs", given.jobs,
                     "Threads of each process (all cores; under mpirun a fair share); results do not depend on it");
  options.add_option("--shard", given.shard, "I/N: every N-th trial only, with the seeds it would have had");
  options.add_option("--out", given.out, "Directory of the results; an existing one is completed. One run at a time")
      ->type_name("DIR");
  options.add_flag("--fresh", given.fresh, "Drop what --out holds of these experiments");
  options.add_flag("--retry-failed", given.retry_failed,
                   "Run again what is stored as failed; else a failed trial counts as done, for it would fail again");
  auto* dry_run = options.add_flag("--dry-run", given.dry_run, "Only list what would run, with estimates");
  options.add_flag("--json", given.json, "Print one JSON object on standard output")->excludes(dry_run);
}

Request request_of(const SessionOptions& given, const std::vector<std::string>& ids) {
  return {.ids = ids,
          .preset = choose<Preset>("preset", given.preset, {{"quick", Preset::Quick}, {"paper", Preset::Paper}}),
          .seed = seed_of(given.seed),
          .trials = given.trials};
}

namespace {

// Trials may still be running in threads of their own: nothing that they use may be torn down.
[[noreturn]] void leave(int code) {
  std::cout.flush();
  std::cerr.flush();
  std::_Exit(code);
}

[[noreturn]] void leave(const Session& session, const std::string& message, int code) {
  std::cerr << message << std::flush;
  session.mpi->send_all(leave_work);
  leave(code);
}

[[noreturn]] void leave_interrupted(const Session& session) {
  std::string resume;
  for (const auto& word : session.command) resume += ' ' + shell_quoted(word);
  leave(session, fmt::format("interrupted; what had finished is kept. Resume with:{}\n", resume), exit_interrupted);
}

int carry_out(const Session& session, bool json) {
  try {
    const auto outcome = run(session);
    if (outcome.interrupted) leave_interrupted(session);
    print_outcome(outcome.evaluations, session.out, json);
    const auto failed = [](const Evaluation& evaluation) { return evaluation.results.failed() > 0; };
    return std::ranges::any_of(outcome.evaluations, failed) ? exit_failed : 0;
  } catch (const RunFailed& error) {
    leave(session, fmt::format("{}: {}\n", program_name(), error.what()), exit_failed);
  }
}

}  // namespace

int execute(const std::function<Request()>& request, const SessionOptions& given, std::vector<std::string> command,
            const std::string& name) {
  note_interrupts();
  Mpi mpi(given.jobs);
  if (mpi.rank() > 0) {
    if (!serve(mpi)) leave(exit_interrupted);
    return 0;
  }
  Session session = session_of(request(), given, std::move(command), name);
  if (given.dry_run) {
    std::cout << dry_run_text(session);
    return 0;
  }
  session.jobs = mpi.threads();
  session.mpi = &mpi;
  if (!given.json)
    session.begun = [&] {
      for (const auto& settings : session.settings) std::cout << to_text(settings) << std::flush;
    };
  return carry_out(session, given.json);
}

}  // namespace sigmagrad::lab
