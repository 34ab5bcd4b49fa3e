// SPDX-License-Identifier: BSD-3-Clause
// How the processes of one `mpirun` share trials: the others say how many pieces they want and send back what came of
// them, the first hands them out of its own pool. Nobody waits inside MPI, which would keep a core busy.
#pragma once

#include <map>
#include <vector>

#include <sigmagrad/lab/model/json.hpp>
#include <sigmagrad/lab/run/mpi.hpp>
#include <sigmagrad/lab/run/pool.hpp>

namespace sigmagrad::lab {

namespace detail {

constexpr auto tick = std::chrono::milliseconds(1);

/// The first process's side.
class Exchange {
 public:
  explicit Exchange(Mpi& mpi) : mpi_(mpi), wanted_(static_cast<std::size_t>(mpi.size()), 0) {}

  /// Appends what has come back to `finished`, and gives away from `pool` what is wanted.
  void step(Pool& pool, std::vector<Finished>& finished);
  /// Whether others still have pieces.
  bool away() const { return !away_.empty(); }

 private:
  void take_in(const Mpi::Message& message, std::vector<Finished>& finished);
  void take_in(const Json& json, int from, std::vector<Finished>& finished);

  Mpi& mpi_;
  std::vector<std::size_t> wanted_;  // by rank
  std::map<std::int64_t, Piece> away_;
};

}  // namespace detail

/// What the other processes do: run what the first hands out until it has no more. Returns false where it has left.
bool serve(Mpi& mpi);

}  // namespace sigmagrad::lab
