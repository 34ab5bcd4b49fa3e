// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/program/drive.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <thread>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/model/text.hpp>
#include <sigmagrad/lab/program/exit_codes.hpp>
#include <sigmagrad/lab/program/interrupt.hpp>
#include <sigmagrad/lab/program/print_outcome.hpp>
#include <sigmagrad/lab/program/program.hpp>
#include <sigmagrad/lab/report/report.hpp>
#include <sigmagrad/lab/report/reproduction.hpp>
#include <sigmagrad/lab/report/stored_report.hpp>
#include <sigmagrad/lab/run/dry_run.hpp>
#include <sigmagrad/lab/run/exchange.hpp>

namespace sigmagrad::lab {

namespace {

Outcome sorted(std::vector<Evaluation> all, const std::vector<Plan>& asked) {
  const auto experiment_of = [](const Evaluation& evaluation) { return evaluation.plan.experiment; };
  Outcome outcome;
  for (const Plan& plan : asked) {
    const auto own = std::ranges::find(all, plan.experiment, experiment_of);
    outcome.evaluations.push_back(std::move(*own));
    all.erase(own);
  }
  outcome.others = std::move(all);
  return outcome;
}

Outcome run_and_report(Run& run, const Session& session) {
  if (!run.complete()) return {.interrupted = true};
  auto all = evaluate_all(run.stored());
  if (!write_report(all, session.out, session.interrupted)) return {.interrupted = true};
  return sorted(std::move(all), session.plans);
}

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
  leave(session, fmt::format("interrupted; what had finished is kept. Resume with:{}\n", resume),
        exit_code::interrupted);
}

constexpr std::string_view standard_output = "-";

std::string page_of(const Outcome& outcome, const Session& session) {
  Reproduction reproduction{.runs = runs_in(session.out), .program = program_name()};
  for (const auto* some : {&outcome.evaluations, &outcome.others})
    for (const Evaluation& one : *some) reproduction.evaluations.push_back(&one);
  return reproduction_page(reproduction);
}

// What standard output holds in place of the summary.
std::string printed_instead(const Outcome& outcome, const Session& session, const SessionOptions& given) {
  const auto& all = outcome.evaluations;
  if (given.json) return (all.size() == 1 ? to_json_text(all.front()) : to_json_text(all)) + '\n';
  return given.claims == standard_output ? page_of(outcome, session) : std::string();
}

// Nobody waits for hours to hear that the page has no place.
void check_claims(const SessionOptions& given) {
  if (given.claims.empty()) return;
  if (given.claims != standard_output)
    sigmagrad::detail::AtomicFile{given.claims};  // an Error if it cannot be written
  else if (given.json)
    engine::fail("--claims -: standard output is taken by --json; name a file");
}

int drive_and_print(const Session& session, const SessionOptions& given) {
  try {
    const auto outcome = drive(session);
    if (outcome.interrupted) leave_interrupted(session);
    if (!given.claims.empty() && given.claims != standard_output)
      sigmagrad::detail::write_file(given.claims, page_of(outcome, session));
    print_outcome(outcome.evaluations, session.out, printed_instead(outcome, session, given));
    const auto failed = [](const Evaluation& evaluation) { return evaluation.results.failed() > 0; };
    return std::ranges::any_of(outcome.evaluations, failed) ? exit_code::failed : 0;
  } catch (const RunFailed& error) {
    leave(session, fmt::format("{}: {}\n", program_name(), error.what()), exit_code::failed);
  }
}

}  // namespace

Outcome drive(const Session& session) {
  Run run(session);
  try {
    return run_and_report(run, session);
  } catch (const std::exception& error) {
    throw run.failed(error);
  }
}

int execute(const std::function<Wishes()>& wishes, const SessionOptions& given, std::vector<std::string> command,
            const std::string& name) {
  note_interrupts();
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  Mpi mpi(given.jobs == 0 && given.threads > 1 ? std::max(1, cores / given.threads) : given.jobs);
  if (mpi.rank() > 0) {
    if (!serve(mpi)) leave(exit_code::interrupted);
    return 0;
  }
  check_claims(given);
  Session session = session_of(wishes(), given, std::move(command), name);
  if (given.dry_run) {
    std::cout << dry_run_text(session);
    return 0;
  }
  session.jobs = mpi.threads();
  session.mpi = &mpi;
  if (!given.json && given.claims != standard_output)
    session.begun = [&] {
      for (const Plan& plan : session.plans) std::cout << to_text(plan) << std::flush;
    };
  return drive_and_print(session, given);
}

}  // namespace sigmagrad::lab
