// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/program/interrupt.hpp>

#include <atomic>
#include <csignal>

namespace sigmagrad::lab {

namespace {

std::atomic<bool> noted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

}  // namespace

void note_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { noted = true; };
  action.sa_flags = SA_RESETHAND | SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

bool interrupted() { return noted; }

}  // namespace sigmagrad::lab
