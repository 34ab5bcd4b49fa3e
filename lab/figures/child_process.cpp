// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/figures/child_process.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sigmagrad::lab::detail {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int tick_ms = 5;                  // from the child's end, or an interrupt, to hearing of it
constexpr std::size_t most_output = 65536;  // bytes that are kept: a child may never stop talking

struct Pipe {
  int from = -1, into = -1;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == 0) from = ends[0], into = ends[1];
  }
  ~Pipe() {
    close_end(from);
    close_end(into);
  }
  Pipe(const Pipe&) = delete;
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

// Between fork and exec, where other threads' locks may be held for ever: system calls alone. posix_spawn has none that
// ends the child with its parent.
[[noreturn]] void become(char* const* arguments, const char* folder, const Pipe& output, const Pipe& failure,
                         pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == parent && chdir(folder) == 0 && dup2(output.into, STDOUT_FILENO) >= 0 &&
      dup2(output.into, STDERR_FILENO) >= 0)
    execvp(arguments[0], arguments);
  const int error = errno;
  [[maybe_unused]] const auto told = write(failure.into, &error, sizeof error);
  _exit(127);
}

ssize_t read_patiently(int descriptor, void* buffer, std::size_t size) {
  for (;;) {
    const auto count = read(descriptor, buffer, size);
    if (count >= 0 || errno != EINTR) return count;
  }
}

// Appends what a pipe holds; false at its end. No more than a pipe holds, because a child that writes faster than this
// reads would never let it return.
bool drain(int descriptor, std::string& output) {
  std::array<char, most_output> buffer;
  const auto count = read_patiently(descriptor, buffer.data(), buffer.size());
  if (count <= 0) return count < 0 && errno == EAGAIN;
  output.append(buffer.data(), std::min(static_cast<std::size_t>(count), most_output - output.size()));
  return true;
}

// Watches the process as well as its output: either may end without the other. Where this program was started with
// SIGCHLD ignored, nobody can say how the child ended, and waitpid fails once it has: its files tell.
void watch(pid_t child, Pipe& output, const Patience& patience, Ended& ended) {
  const auto deadline = Clock::now() + patience.limit;
  fcntl(output.from, F_SETFL, O_NONBLOCK);
  for (;;) {
    const bool gone = waitpid(child, &ended.status, WNOHANG) != 0;
    if (output.from >= 0 && !drain(output.from, ended.output)) Pipe::close_end(output.from);
    if (gone) return;
    ended.interrupted = patience.interrupted();
    ended.late = Clock::now() >= deadline;
    if (ended.interrupted || ended.late) break;
    pollfd ready{output.from, POLLIN, 0};  // one that is closed is a wait alone
    poll(&ready, 1, tick_ms);
  }
  kill(-child, SIGKILL);
  while (waitpid(child, &ended.status, 0) < 0 && errno == EINTR) continue;
}

}  // namespace

Ended run_child(const std::vector<std::string>& words, const std::filesystem::path& folder, const Patience& patience) {
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));  // execvp changes none of them
  arguments.push_back(nullptr);
  Pipe output, failure;
  if (output.from < 0 || failure.from < 0) return {.error = errno};
  const pid_t parent = getpid(), child = fork();
  if (child < 0) return {.error = errno};
  if (child == 0) become(arguments.data(), folder.c_str(), output, failure, parent);
  Pipe::close_end(output.into);
  Pipe::close_end(failure.into);
  Ended ended;
  if (read_patiently(failure.from, &ended.error, sizeof ended.error) != sizeof ended.error) ended.error = 0;
  watch(child, output, patience, ended);
  return ended;
}

}  // namespace sigmagrad::lab::detail
