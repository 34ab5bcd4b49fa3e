// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/mpi.hpp>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/run/machine.hpp>
#include <sigmagrad/lab/run/runner.hpp>

#ifdef SIGMAGRAD_MPI
#include <mpi.h>
#endif
#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <limits>
#include <numeric>

namespace sigmagrad::lab {

using engine::fail;

namespace {

// Open MPI's own launcher sets the first, Slurm's srun the second.
bool under_mpirun() { return std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr || std::getenv("PMIX_RANK") != nullptr; }

}  // namespace

int Mpi::total_threads() const { return std::accumulate(threads_.begin(), threads_.end(), 0); }

#ifdef SIGMAGRAD_MPI

namespace {

constexpr std::size_t name_size = 256;
using Name = std::array<char, name_size>;

struct Introduction {
  Name machine{};
  Name host{};
  cpu_set_t cores{};
  int jobs = 0;
};

Name name_of(const std::string& text) {
  Name name{};
  std::copy_n(text.begin(), std::min(text.size(), name_size - 1), name.begin());
  return name;
}

Introduction introduction_of(int jobs) {
  const Machine machine = this_machine();
  Introduction own{.machine = name_of(fmt::format("{} ({})", machine.host, machine.cpu)),
                   .host = name_of(machine.host),
                   .jobs = jobs};
  sched_getaffinity(0, sizeof own.cores, &own.cores);
  return own;
}

// A core that k processes may use is 1/k of a core for each.
int fair_threads(const Introduction& own, const std::vector<Introduction>& all) {
  if (own.jobs > 0) return own.jobs;
  double share = 0;
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &own.cores)) continue;
    share += 1.0 / static_cast<double>(std::ranges::count_if(all, [&](const Introduction& other) {
               return other.host == own.host && CPU_ISSET(core, &other.cores);
             }));
  }
  return std::max(1, static_cast<int>(share + 1e-9));
}

}  // namespace

struct Mpi::Sending {
  MPI_Request request = MPI_REQUEST_NULL;
  std::string text = {};
};

Mpi::Mpi(int jobs) : threads_{thread_count(jobs, std::numeric_limits<std::size_t>::max())} {
  if (!under_mpirun()) return;
  int provided = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  started_ = true;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  MPI_Comm_size(MPI_COMM_WORLD, &size_);
  introduce(jobs);
}

void Mpi::send_all(const std::string& text) {
  for (int to = 1; to < size_; ++to) send(to, text);
}

void Mpi::introduce(int jobs) {
  const Introduction own = introduction_of(jobs);
  std::vector<Introduction> all(static_cast<std::size_t>(size_));
  MPI_Allgather(&own, sizeof own, MPI_BYTE, all.data(), sizeof own, MPI_BYTE, MPI_COMM_WORLD);
  threads_.clear();
  for (const Introduction& one : all) {
    threads_.push_back(fair_threads(one, all));
    machines_.emplace_back(one.machine.data());
  }
}

// A process that fails leaves without a word: mpirun then ends the others, which would wait for it.
Mpi::~Mpi() {
  if (!started_ || (rank_ > 0 && std::uncaught_exceptions() > 0)) return;
  if (rank_ == 0) send_all(end_of_work);
  for (Sending& one : sending_) MPI_Wait(&one.request, MPI_STATUS_IGNORE);
  MPI_Finalize();
}

void Mpi::send(int to, std::string text) {
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    fail("mpi: a message of {} bytes (at most 2 GiB)", text.size());
  forget_sent();
  Sending& one = sending_.emplace_back(Sending{.text = std::move(text)});
  MPI_Isend(one.text.data(), static_cast<int>(one.text.size()), MPI_CHAR, to, 0, MPI_COMM_WORLD, &one.request);
}

// A list, whose elements stay where they are: MPI reads the text until the request has ended.
void Mpi::forget_sent() {
  for (int sent = 1; !sending_.empty() && sent != 0;) {
    MPI_Test(&sending_.front().request, &sent, MPI_STATUS_IGNORE);
    if (sent != 0) sending_.pop_front();
  }
}

std::optional<Mpi::Message> Mpi::receive() {
  if (!started_) return std::nullopt;
  forget_sent();
  int there = 0, size = 0;
  MPI_Status status;
  MPI_Iprobe(MPI_ANY_SOURCE, 0, MPI_COMM_WORLD, &there, &status);
  if (there == 0) return std::nullopt;
  MPI_Get_count(&status, MPI_CHAR, &size);
  Message message{status.MPI_SOURCE, std::string(static_cast<std::size_t>(size), '\0')};
  MPI_Recv(message.text.data(), size, MPI_CHAR, message.from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  return message;
}

#else

struct Mpi::Sending {};

Mpi::Mpi(int jobs) : threads_{thread_count(jobs, std::numeric_limits<std::size_t>::max())} {
  if (under_mpirun())
    fail(
        "run: started by mpirun, but this program was built without MPI: each process would run everything; build it "
        "where libopenmpi-dev is installed, or use --shard and `sigmagrad merge`");
}
Mpi::~Mpi() = default;
void Mpi::send(int, std::string) {}
void Mpi::send_all(const std::string&) {}
std::optional<Mpi::Message> Mpi::receive() { return std::nullopt; }

#endif

}  // namespace sigmagrad::lab
