// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/exchange.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>

#include <sigmagrad/lab/model/registry.hpp>
#include <sigmagrad/lab/run/checkpoints.hpp>

namespace sigmagrad::lab {

namespace detail {

namespace {

// A text of any bytes: an error's message may hold what is not UTF-8.
std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json piece_json(const Piece& piece) {
  const auto& [experiment, first, threads, out] = piece.tasks.front();
  Json trials = Json::array();
  for (const Task& task : piece.tasks) trials.push_back(task.trial.index);
  return {{"id", piece.id},
          {"experiment", experiment->id},
          {"params", to_json(first.params)},
          {"seed", first.seed},
          {"stream", to_text(first.stream)},
          {"trials", trials},
          {"threads", threads},
          {"out", out ? out->string() : std::string()}};
}

Piece piece_from_json(const Json& json) {
  Assignments assignments;
  for (const auto& [name, value] : json.at("params").items()) assignments.emplace_back(name, value_from_json(value));
  Task task{&find_experiment(json.at("experiment").get<std::string>()),
            {Params(std::move(assignments)), 0, json.at("seed").get<std::uint64_t>(),
             json.at("stream") == to_text(Stream::Numpy) ? Stream::Numpy : Stream::Philox}};
  task.threads = json.at("threads").get<int>();
  if (const auto out = json.at("out").get<std::string>(); !out.empty())
    task.out = std::make_shared<const std::filesystem::path>(out);
  Piece piece{.id = json.at("id").get<std::int64_t>()};
  for (const Json& index : json.at("trials")) {
    task.trial.index = index.get<std::int64_t>();
    piece.tasks.push_back(task);
  }
  return piece;
}

Json done_json(const DonePiece& done) {
  Json trials = Json::array();
  for (const Finished& one : done.trials)
    trials.push_back({{"metrics", text_of(one.metrics)}, {"error", one.error}, {"seconds", one.seconds}});
  return {{"id", done.id}, {"trials", trials}};
}

// How many pieces a process asks for: one a thread where they take long, so that none waits in a queue at the end of
// the run while another process has nothing to do; where they are short, enough of them to bridge the way there and
// back.
class Appetite {
 public:
  explicit Appetite(int threads) : threads_(threads) {}

  void note(const std::vector<DonePiece>& done) {
    held_ -= done.size();
    pieces_ += static_cast<double>(done.size());
    for (const DonePiece& piece : done)
      for (const Finished& trial : piece.trials) seconds_ += trial.seconds;
  }
  // How many further pieces to ask for.
  std::size_t more() {
    constexpr double bridge_seconds = 0.02;
    constexpr double most = 1000;
    const double ahead = pieces_ > 0 ? std::min(bridge_seconds * pieces_ / std::max(seconds_, 1e-9), most) : 0;
    const auto target = static_cast<std::size_t>(threads_) * (1 + static_cast<std::size_t>(ahead));
    const auto wanted = target - std::min(target, held_);
    held_ += wanted;
    return wanted;
  }

 private:
  int threads_;
  std::size_t held_ = 0;  // asked for and not yet done
  double pieces_ = 0, seconds_ = 0;
};

const Source& message_source() {
  static const Source source{"mpi: a message", "every process must run the same version of the program"};
  return source;
}

std::vector<Piece> pieces_from_json(const Json& json) {
  std::vector<Piece> pieces;
  for (const Json& piece : json) pieces.push_back(piece_from_json(piece));
  return pieces;
}

}  // namespace

void Exchange::take_in(const Mpi::Message& message, std::vector<Finished>& finished) {
  read_json(message.text, message_source(), [&](const Json& json) { take_in(json, message.from, finished); });
}

void Exchange::take_in(const Json& json, int from, std::vector<Finished>& finished) {
  wanted_.at(static_cast<std::size_t>(from)) += json.at("want").get<std::size_t>();
  for (const Json& done : json.at("done")) {
    const auto piece = away_.extract(done.at("id").get<std::int64_t>());
    if (piece.empty() || piece.mapped().tasks.size() != done.at("trials").size())
      throw Error("results of a piece that was not given away");
    auto task = piece.mapped().tasks.begin();
    for (const Json& one : done.at("trials"))
      finished.push_back({.task = *task++,
                          .metrics = metrics_of(one.at("metrics").get<std::string>()),
                          .error = one.at("error").get<std::string>(),
                          .seconds = one.at("seconds").get<double>()});
  }
}

void Exchange::step(Pool& pool, std::vector<Finished>& finished) {
  while (const auto message = mpi_.receive()) take_in(*message, finished);
  for (int rank = 1; rank < mpi_.size(); ++rank) {
    auto& wanted = wanted_[static_cast<std::size_t>(rank)];
    // Nobody gets more than a fair part of the last pieces.
    const auto fair = std::max<std::size_t>(pool.waiting() / static_cast<std::size_t>(mpi_.size()), 1);
    auto given = wanted > 0 ? pool.give_away(std::min(wanted, fair)) : std::vector<Piece>{};
    if (given.empty()) continue;
    wanted -= given.size();
    Json json = Json::array();
    for (Piece& piece : given) {
      json.push_back(piece_json(piece));
      const auto id = piece.id;
      away_.emplace(id, std::move(piece));
    }
    mpi_.send(rank, dump(json));
  }
}

}  // namespace detail

namespace {

// Files that this process wrote on a disk of its own, which the first one does not see.
void drop_own_checkpoints(const std::vector<Finished>& ended) {
  for (const Finished& one : ended)
    if (one.task.out) drop_checkpoints(*one.task.out, {&one, 1});
  if (!ended.empty() && ended.front().task.out) drop_empty_folders(*ended.front().task.out);
}

}  // namespace

// Signals are the first process's matter: mpirun sends them to all, and kills what is left as soon as one has ended,
// which must not be before the first has stored what there is.
bool serve(Mpi& mpi) {
  const auto pool = std::make_shared<detail::Pool>();
  detail::Threads threads(pool, mpi.threads());
  detail::Appetite appetite(mpi.threads());
  std::vector<Finished> ended;
  for (std::vector<detail::DonePiece> done;; done = pool->collect()) {
    appetite.note(done);
    for (const auto& piece : done)
      for (const auto& one : piece.trials) ended.push_back({.task = one.task, .error = one.error});
    if (const auto want = appetite.more(); want > 0 || !done.empty()) {
      detail::Json json{{"want", want}, {"done", detail::Json::array()}};
      for (const auto& piece : done) json["done"].push_back(detail::done_json(piece));
      mpi.send(0, detail::dump(json));
    }
    while (const auto message = mpi.receive()) {
      if (message->text == end_of_work) drop_own_checkpoints(ended);
      if (message->text == end_of_work || message->text == leave_work) return message->text == end_of_work;
      pool->add(detail::read_json(message->text, detail::message_source(), detail::pieces_from_json));
    }
    std::this_thread::sleep_for(detail::tick);
  }
}

}  // namespace sigmagrad::lab
