// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/writer_lock.hpp>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/run/machine.hpp>

namespace sigmagrad::lab::detail {

using engine::fail;

namespace {

std::string reason_of(int error) { return std::generic_category().message(error); }

// For the message of whoever comes second.
void write_holder(int descriptor, const std::filesystem::path& file) {
  const auto text = fmt::format("process {} on {}", getpid(), this_machine().host);
  if (ftruncate(descriptor, 0) != 0 || write(descriptor, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    fail("{}: cannot be written: {}", file.string(), reason_of(errno));
}

// A process that was killed holds its locks until its last thread has gone.
constexpr std::chrono::milliseconds patience(1000), pause(20);

// flock, not SQLite's own locks: those would keep readers out for as long as the run takes.
void lock(int descriptor, const std::filesystem::path& file) {
  for (auto waited = std::chrono::milliseconds(0);; waited += pause) {
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return;
    if (errno != EWOULDBLOCK || waited >= patience) break;
    std::this_thread::sleep_for(pause);
  }
  if (errno != EWOULDBLOCK) fail("{}: cannot be locked: {}", file.string(), reason_of(errno));
  fail("{}: {} is writing to it; runs at the same time need an --out each, and `sigmagrad merge` joins them",
       file.parent_path().string(), sigmagrad::detail::read_file(file));
}

}  // namespace

WriterLock::WriterLock(const std::filesystem::path& directory) {
  const auto file = directory / "results.lock";
  descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("{}: cannot be written: {}", file.string(), reason_of(errno));
  try {
    lock(descriptor_, file);
    write_holder(descriptor_, file);
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

WriterLock::~WriterLock() { close(descriptor_); }

}  // namespace sigmagrad::lab::detail
