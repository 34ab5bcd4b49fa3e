// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <iterator>
#include <limits>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/model/experiment.hpp>
#include <sigmagrad/lab/run/runner.hpp>
#include <sigmagrad/lab/run/trials.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::lab {
namespace {

const Int m{.name = "m", .help = "2 is faulty", .quick = {1, 2}};
const Quantity draw{.name = "draw"}, together{.name = "together"};

// The first draw of each trial; trial 3 of m = 2 is not a number, trial 4 cannot be run in company nor alone.
void run_batch(std::span<Trial> trials) {
  for (Trial& t : trials) {
    double drawn = 0;
    t.generator()->normal({&drawn, 1});
    if (t[m] == 2 && t.index() == 4) throw Error("batch: trial 4 cannot be run");
    if (t[m] == 2 && t.index() == 3) drawn = std::numeric_limits<double>::infinity();
    t.record(draw, drawn);
    t.record(together, static_cast<double>(trials.size()));
  }
}

const Register batched{{.id = "test/batched",
                        .title = "Trials as one model",
                        .parameters = {m},
                        .trials = {.quick = 10, .paper = 10},
                        .batch = run_batch,
                        .batch_size = 4}};

const Register diverging{{.id = "test/diverging",
                          .title = "A diverged trial is a result",
                          .parameters = {m},
                          .trials = {.quick = 5},
                          .batch = run_batch,
                          .diverged_is_result = true}};

std::vector<Finished> finished_trials(const Plan& plan) {
  const auto tasks = tasks_of(plan);
  std::vector<Finished> finished;
  for (const auto& piece : pieces(tasks, 1)) std::ranges::move(run_trials(piece), std::back_inserter(finished));
  return finished;
}

TEST(Batch, PiecesHoldTrialsOfOneGroupUpToTheBatchSize) {
  const auto tasks = tasks_of(plans({.ids = {"test/batched"}}).front());
  ASSERT_EQ(tasks.size(), 20u);
  std::vector<std::size_t> sizes;
  for (const auto& piece : pieces(tasks, 1)) {
    sizes.push_back(piece.size());
    for (const Task& task : piece) EXPECT_EQ(task.trial.params, piece.front().trial.params);
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 4, 2, 4, 4, 2}));
  EXPECT_EQ(pieces(tasks, 8).size(), 20u);
}

TEST(Batch, ATrialThatFailsFailsAlone) {
  const auto finished = finished_trials(plans({.ids = {"test/batched"}}).front());
  ASSERT_EQ(finished.size(), 20u);
  for (const Finished& one : finished) {
    const auto index = one.task.trial.index;
    const bool faulty = one.task.trial.params[m] == 2 && (index == 3 || index == 4);
    EXPECT_EQ(one.error.empty(), !faulty) << index << ": " << one.error;
  }
  EXPECT_EQ(finished[14].error, "batch: trial 4 cannot be run");
  EXPECT_EQ(finished[13].error, "draw is inf");
}

TEST(Batch, ADivergedTrialIsAResultWhereTheExperimentSaysSo) {
  const auto finished = finished_trials(plans({.ids = {"test/diverging"}}).front());
  ASSERT_EQ(finished.size(), 10u);
  EXPECT_EQ(finished[8].error, "");
  EXPECT_EQ(finished[8].metrics, (Metrics{{"together", 2}, {"diverged", 1}}));
  EXPECT_EQ(finished[7].metrics.items().back(), (Metrics::Item{"diverged", 0}));
  EXPECT_EQ(finished[9].error, "batch: trial 4 cannot be run");  // what is thrown is no result
}

TEST(Batch, NumbersDoNotDependOnTheSplit) {
  Wishes wishes{.ids = {"test/batched"}};
  wishes.overrides = {{.parameter = "m", .values = {"1"}}};
  const auto tasks = tasks_of(plans(wishes).front());
  const auto draws = [&](int threads) {
    std::vector<double> all;
    for (const auto& piece : pieces(tasks, threads))
      for (const Finished& one : run_trials(piece)) all.push_back(one.metrics.items().front().second);
    return all;
  };
  EXPECT_EQ(draws(1), draws(5));
}

}  // namespace
}  // namespace sigmagrad::lab
