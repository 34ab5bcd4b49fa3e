// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/compare/tuning.hpp>

#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace sigmagrad::lab::detail {

namespace {

using Part = std::function<void(Validation&)>;  // writes entries that no other part writes

// An ensemble for each variant where that is possible, else a training for each setting and seed.
std::vector<Part> parts_of(const TuningTask& task) {
  std::vector<Part> parts;
  const auto& settings = task.candidate.settings;
  for (std::size_t v = 0; v < task.candidate.variants.size(); ++v) {
    const Variant& variant = task.candidate.variants[v];
    std::vector<std::pair<std::size_t, std::int64_t>> places;
    std::vector<Run> runs;
    for (std::size_t i = 0; i < settings.size(); ++i)
      for (std::int64_t j = 0; j < task.seeds && settings[i].variant == v; ++j) {
        places.emplace_back(i, j);
        runs.push_back({tuning_trial(task.key, j), settings[i].rate});
      }
    if (runs.empty()) continue;
    const auto keep = [](Validation& found, const auto& place, const Outcome& outcome) {
      found[place.first][static_cast<std::size_t>(place.second)] = outcome.final_loss();
    };
    if (train_together(task.problem, variant, runs.front().trial)) {
      parts.emplace_back([=, &variant, &problem = task.problem, steps = task.steps](Validation& found) {
        const auto outcomes = train_ensemble(problem, variant, runs, steps);
        for (std::size_t k = 0; k < places.size(); ++k) keep(found, places[k], outcomes[k]);
      });
      continue;
    }
    for (std::size_t k = 0; k < runs.size(); ++k)
      parts.emplace_back([=, run = runs[k], place = places[k], &variant, &problem = task.problem, steps = task.steps](
                             Validation& found) { keep(found, place, train(problem, variant, run, steps)); });
  }
  return parts;
}

class SharedTuning {
 public:
  const Tuned& get(const TuningTask& task) {
    std::unique_lock lock(mutex_);
    if (!started_) start(task);
    while (next_ < parts_.size()) {
      const Part part = parts_[next_++];
      lock.unlock();
      std::exception_ptr error;
      try {
        part(tuned_.validation);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      if (error && !error_) error_ = error;
      if (++done_ == parts_.size()) finish();
    }
    all_done_.wait(lock, [this] { return done_ == parts_.size(); });
    if (error_) std::rethrow_exception(error_);
    return tuned_;
  }

 private:
  void start(const TuningTask& task) {
    parts_ = parts_of(task);
    tuned_.validation.assign(task.candidate.settings.size(),
                             std::vector<std::optional<double>>(static_cast<std::size_t>(task.seeds)));
    started_ = true;
  }
  void finish() {
    if (!error_) tuned_.setting = best_setting(tuned_.validation);
    parts_.assign(parts_.size(), {});
    all_done_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable all_done_;
  bool started_ = false;
  std::vector<Part> parts_;
  std::size_t next_ = 0, done_ = 0;
  Tuned tuned_;
  std::exception_ptr error_;
};

SharedTuning& shared(const TuningTask& task) {
  static auto& mutex = *new std::mutex;  // never destroyed: interrupted threads may outlive main
  static auto& all = *new std::map<std::string, std::unique_ptr<SharedTuning>>;
  const auto name =
      fmt::format("{} {} {} {}", task.experiment, task.key.seed, to_text(task.key.stream), to_text(task.key.params));
  const std::scoped_lock lock(mutex);
  auto& one = all[name];
  if (!one) one = std::make_unique<SharedTuning>();
  return *one;
}

}  // namespace

const Tuned& tuned(const TuningTask& task) { return shared(task).get(task); }

}  // namespace sigmagrad::lab::detail
