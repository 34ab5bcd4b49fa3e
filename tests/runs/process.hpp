// SPDX-License-Identifier: BSD-3-Clause
// The program in processes of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::testing {

using Words = std::vector<std::string>;

class Process {
 public:
  /// Starts it, with what it prints in files of `scratch`. `environment`: "NAME=value" beside what is there.
  Process(const Scratch& scratch, const Words& command, const Words& environment = {});
  ~Process();
  Process(const Process&) = delete;

  void signal(int number) const;
  bool running();
  /// Its exit code; the negative number of the signal that ended it.
  int wait();
  std::string out() const;
  std::string err() const;

 private:
  pid_t pid_ = 0;
  int status_ = 0;
  bool ended_ = false;
  std::filesystem::path out_, err_;
};

/// `sigmagrad arguments...` with the experiments of the tests.
Words program(const Words& arguments);
/// Starts it by mpirun, as `processes` processes of `jobs` threads. Empty where there is no mpirun.
Words program_under_mpirun(int processes, const Words& arguments);

/// Runs to the end. A code other than the one expected is a failure that shows what was printed.
void run_program(const Words& command, int expected_code = 1);

/// How many trials are stored there so far; 0 before there is a database.
std::int64_t stored_trials(const std::filesystem::path& directory);
/// Waits until so many are stored, or the process has ended.
void wait_for_trials(Process& process, const std::filesystem::path& directory, std::int64_t count);

/// The rows `sigmagrad export` prints, without the header. A database that is not sound is a failure.
std::vector<std::string> exported_rows(const std::filesystem::path& directory);

}  // namespace sigmagrad::testing
