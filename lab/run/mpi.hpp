// SPDX-License-Identifier: BSD-3-Clause
// The only place that knows MPI.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <vector>

namespace sigmagrad::lab {

/// The processes that one `mpirun` has started; a plain start is one process, and MPI is not touched. Messages are
/// texts. One of these a program, in the thread that uses it.
class Mpi {
 public:
  struct Message {
    int from = 0;
    std::string text = {};
  };

  /// An Error where mpirun has started this program and it was built without MPI. `jobs` threads a process; 0: the
  /// cores this process may use, shared with the processes of its host that may use them too.
  explicit Mpi(int jobs = 0);
  /// The first process tells the others to end.
  ~Mpi();
  Mpi(const Mpi&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }
  /// Threads that each process runs, and what its machine is: by rank.
  int threads() const { return threads_[static_cast<std::size_t>(rank_)]; }
  int total_threads() const;
  const std::vector<std::string>& machines() const { return machines_; }

  /// Returns at once; the text is on its way.
  void send(int to, std::string text);
  /// The first process calls it before it leaves without finishing.
  void send_all(const std::string& text);
  /// The next message, if one has come.
  std::optional<Message> receive();

 private:
  struct Sending;
  void introduce(int jobs);
  void forget_sent();

  int rank_ = 0, size_ = 1;
  bool started_ = false;
  std::vector<int> threads_;
  std::vector<std::string> machines_;
  std::list<Sending> sending_;
};

/// What the first process sends last: nothing is left to do, or it leaves at once and so should the others.
inline constexpr const char* end_of_work = "end";
inline constexpr const char* leave_work = "leave";

}  // namespace sigmagrad::lab
