// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/model/experiment.hpp>
#include <sigmagrad/lab/run/runner.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::experiments {
namespace {

// The first draw of each trial; trial 3 of m = 2 is not a number, trial 4 cannot be run in company nor alone.
std::vector<Metrics> run_batch(std::span<const Trial> trials) {
  std::vector<Metrics> all;
  for (const Trial& trial : trials) {
    double draw = 0;
    trial.generator()->normal({&draw, 1});
    const bool faulty = trial.params.integer("m") == 2;
    if (faulty && trial.index == 4) throw Error("batch: trial 4 cannot be run");
    if (faulty && trial.index == 3) draw = std::numeric_limits<double>::infinity();
    all.push_back({{"draw", draw}, {"together", static_cast<double>(trials.size())}});
  }
  return all;
}

const Register batched{Experiment{.id = "test/batched",
                                  .title = "Trials as one model",
                                  .parameters = {{"m", "2 is faulty", {1, 2}}},
                                  .trials = {.quick = 10, .paper = 10},
                                  .batch = run_batch,
                                  .batch_size = 4,
                                  .trials_factor = [](const Params& p) { return p.integer("m"); }}};

std::vector<Task> tasks_of(const Settings& settings) {
  std::vector<Task> tasks;
  for (const Params& params : grid(settings))
    for (std::int64_t k = 0; k < trials_of(settings, params); ++k)
      tasks.push_back({settings.experiment, {params, k, settings.seed, settings.stream}});
  return tasks;
}

TEST(Batch, PiecesHoldTrialsOfOneGroupUpToTheBatchSize) {
  const auto tasks = tasks_of(resolve({.ids = {"test/batched"}}).front());
  ASSERT_EQ(tasks.size(), 30u);
  std::vector<std::size_t> sizes;
  for (const auto& piece : pieces(tasks, 1)) {
    sizes.push_back(piece.size());
    for (const Task& task : piece) EXPECT_EQ(task.trial.params, piece.front().trial.params);
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 4, 2, 4, 4, 4, 4, 4}));
  EXPECT_EQ(pieces(tasks, 8).size(), 30u);
}

TEST(Batch, ATrialThatFailsFailsAlone) {
  const auto tasks = tasks_of(resolve({.ids = {"test/batched"}}).front());
  std::vector<Finished> finished;
  for (const auto& piece : pieces(tasks, 1)) std::ranges::move(run_trials(piece), std::back_inserter(finished));
  ASSERT_EQ(finished.size(), tasks.size());
  for (const Finished& one : finished) {
    const bool faulty = one.task.trial.params.integer("m") == 2;
    const auto index = one.task.trial.index;
    EXPECT_EQ(one.error.empty(), !(faulty && (index == 3 || index == 4))) << index << ": " << one.error;
  }
  EXPECT_EQ(finished[14].error, "batch: trial 4 cannot be run");
  EXPECT_EQ(finished[13].error, "draw is inf");
}

TEST(Batch, NumbersDoNotDependOnTheSplit) {
  Request request{.ids = {"test/batched"}};
  request.overrides = {{.parameter = "m", .values = {"1"}}};
  const auto tasks = tasks_of(resolve(request).front());
  const auto draws = [&](int threads) {
    std::vector<double> all;
    for (const auto& piece : pieces(tasks, threads))
      for (const Finished& one : run_trials(piece)) all.push_back(one.metrics.items().front().second);
    return all;
  };
  EXPECT_EQ(draws(1), draws(5));
}

}  // namespace
}  // namespace sigmagrad::experiments
