// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/threads/threads.hpp>

#include <memory>
#include <system_error>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/autograd/threads/detail/team.hpp>

namespace sigmagrad {
namespace {

using engine::Team;
using engine::threads;

struct OwnTeam {
  std::unique_ptr<Team> team;
  ~OwnTeam() { threads.number = threads.spread = 1; }  // for what this thread still runs while it ends
};
thread_local OwnTeam own;

struct Alone {
  Alone() { threads.spread = 1; }
  ~Alone() { threads.spread = threads.number; }
};

std::unique_ptr<Team> team_of(int n) {
  if (n == 1) return nullptr;
  try {
    auto team = std::make_unique<Team>();
    team->start(n - 1);
    return team;
  } catch (const std::system_error& error) {
    engine::fail("set_num_threads: {} threads could not be started: {}", n, error.what());
  }
}

}  // namespace

void set_num_threads(int n) {
  if (n < 1) engine::fail("set_num_threads: n must be >= 1 (got {})", n);
  if (n == threads.number) return;
  own.team = team_of(n);
  threads.number = threads.spread = n;
}

int num_threads() { return threads.number; }

void engine::run_in_pieces(std::int64_t n, std::int64_t grain, const RangeFunction& f) {
  // Large pieces begin at a multiple of 64: two of them then share no cache line (64 bytes), however small an entry is.
  constexpr std::int64_t unit = 64, pieces_a_thread = 4;
  grain = std::min(grain, threads.most_grain);
  if (n <= grain) return f(0, n);
  const std::int64_t pieces = std::min((n - 1) / grain + 1, pieces_a_thread * threads.spread);
  threads.pieces += static_cast<std::uint64_t>(pieces);
  const Alone guard;
  own.team->run(static_cast<int>(pieces), n, grain >= unit ? unit : 1, f);
}

}  // namespace sigmagrad
