// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/runs/process.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <sstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/run/export.hpp>
#include <sigmagrad/lab/run/sqlite.hpp>

namespace sigmagrad::testing {

namespace {

constexpr auto patience = std::chrono::minutes(2);

void redirect(int descriptor, const std::filesystem::path& file) {
  dup2(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666), descriptor);
}

[[noreturn]] void become(const Words& command, const Words& environment) {
  for (const auto& variable : environment)
    setenv(variable.substr(0, variable.find('=')).c_str(), variable.c_str() + variable.find('=') + 1, 1);
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  std::_Exit(127);
}

}  // namespace

Process::Process(const Scratch& scratch, const Words& command, const Words& environment) {
  static int count = 0;
  out_ = scratch / ("out" + std::to_string(count));
  err_ = scratch / ("err" + std::to_string(count++));
  pid_ = fork();
  if (pid_ > 0) return;
  redirect(STDOUT_FILENO, out_);
  redirect(STDERR_FILENO, err_);
  become(command, environment);
}

Process::~Process() {
  if (ended_) return;
  signal(SIGKILL);
  wait();
}

void Process::signal(int number) const { kill(pid_, number); }

bool Process::running() {
  if (!ended_) ended_ = waitpid(pid_, &status_, WNOHANG) == pid_;
  return !ended_;
}

int Process::wait() {
  if (!ended_) waitpid(pid_, &status_, 0);
  ended_ = true;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
}

std::string Process::out() const { return detail::read_file(out_); }
std::string Process::err() const { return detail::read_file(err_); }

Words program(const Words& arguments) {
  Words command{std::filesystem::read_symlink("/proc/self/exe").string(), "--program"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

Words program_under_mpirun([[maybe_unused]] int processes, [[maybe_unused]] const Words& arguments) {
#ifdef SIGMAGRAD_MPIRUN
  Words command{SIGMAGRAD_MPIRUN, "--allow-run-as-root", "--oversubscribe", "-n", std::to_string(processes)};
  for (const auto& word : program(arguments)) command.push_back(word);
  return command;
#else
  return {};
#endif
}

void run_program(const Words& command, int expected_code) {
  const Scratch scratch;
  Process process(scratch, command);
  EXPECT_EQ(process.wait(), expected_code) << process.out() << process.err();
}

std::int64_t stored_trials(const std::filesystem::path& directory) {
  try {
    lab::detail::Database database((directory / "results.db").string(), false);
    return database.integer("SELECT count(*) FROM trials");
  } catch (const Error&) {
    return 0;
  }
}

void wait_for_trials(Process& process, const std::filesystem::path& directory, std::int64_t count) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (process.running() && stored_trials(directory) < count)
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << process.err();
}

std::vector<std::string> exported_rows(const std::filesystem::path& directory) {
  {
    lab::detail::Database database((directory / "results.db").string(), false);
    lab::detail::Statement check(database, "PRAGMA integrity_check");
    EXPECT_TRUE(check.step());
    EXPECT_EQ(check.text(0), "ok");
  }
  std::vector<std::string> rows;
  std::istringstream text(lab::export_csv(directory, {}));
  for (std::string line; std::getline(text, line);) rows.push_back(line);
  rows.erase(rows.begin());
  return rows;
}

}  // namespace sigmagrad::testing
