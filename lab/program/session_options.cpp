// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/program/session_options.hpp>

#include <charconv>
#include <ctime>
#include <filesystem>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/program/choose.hpp>
#include <sigmagrad/lab/program/interrupt.hpp>

namespace sigmagrad::lab {

namespace {

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
  if (given.threads > 1) add("--threads", std::to_string(given.threads));
  if (given.shard != "1/1") add("--shard", given.shard);
  if (given.retry_failed) command.emplace_back("--retry-failed");
  if (!given.claims.empty()) add("--claims", given.claims);
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

}  // namespace

void declare_session_options(Options& options, SessionOptions& given) {
  options.push_back(
      {.name = "--preset",
       .into = &given.preset,
       .help =
           "quick (the shape, in seconds), reduced (about an hour, if it has such a size) or paper (the document's)",
       .type = "quick|reduced|paper"});
  options.push_back({.name = "--trials", .into = &given.trials, .help = "Trials a group, instead of the preset's"});
  options.push_back({.name = "--seed", .into = &given.seed, .help = "Seed of the first trial (42)"});
  options.push_back(
      {.name = "--jobs",
       .into = &given.jobs,
       .help = "Trials at once in each process (all cores; under mpirun a fair share); results do not depend on it"});
  options.push_back({.name = "--threads",
                     .into = &given.threads,
                     .help =
                         "Threads that share the work of each trial (1), for large networks; without --jobs, cores / "
                         "threads trials run at once. Results do not depend on it"});
  options.push_back({.name = "--shard",
                     .into = &given.shard,
                     .help = "I/N: every N-th trial only, with the seeds it would have had"});
  options.push_back({.name = "--out",
                     .into = &given.out,
                     .help = "Directory of the results; an existing one is completed. One run at a time",
                     .type = "DIR"});
  options.push_back({.name = "--fresh", .into = &given.fresh, .help = "Drop what --out holds of these experiments"});
  options.push_back(
      {.name = "--retry-failed",
       .into = &given.retry_failed,
       .help = "Run again what is stored as failed; else a failed trial counts as done, for it would fail again"});
  options.push_back({.name = "--dry-run", .into = &given.dry_run, .help = "Only list what would run, with estimates"});
  options.push_back({.name = "--json",
                     .into = &given.json,
                     .help = "Print one JSON object on standard output",
                     .excludes = "--dry-run"});
}

Wishes wishes_of(const SessionOptions& given, const std::vector<std::string>& ids) {
  return {.ids = ids,
          .preset = choose<Preset>("run", "preset", given.preset,
                                   {{"quick", Preset::Quick}, {"reduced", Preset::Reduced}, {"paper", Preset::Paper}}),
          .seed = seed_of(given.seed),
          .trials = given.trials};
}

Session session_of(const Wishes& wishes, const SessionOptions& given, std::vector<std::string> command,
                   const std::string& name) {
  Session session{.plans = plans(wishes),
                  .out = given.out,
                  .jobs = given.jobs,
                  .threads = given.threads,
                  .shard = parse_shard(given.shard),
                  .fresh = given.fresh,
                  .failed = given.retry_failed ? Failed::Retried : Failed::Kept,
                  .interrupted = interrupted};
  if (given.threads < 1) engine::fail("--threads must be >= 1 (got {})", given.threads);
  thread_count(given.jobs, 1);  // an Error for a negative number, before anything starts
  if (given.out.empty()) session.out = new_directory(name, !given.dry_run);
  session.command = resume_command(std::move(command), given, session);
  return session;
}

}  // namespace sigmagrad::lab
