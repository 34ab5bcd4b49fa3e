// SPDX-License-Identifier: BSD-3-Clause
// The laboratory from a program of one's own.
#include <filesystem>

#include <gtest/gtest.h>

#include <sigmagrad/lab/program/run.hpp>
#include <sigmagrad/lab/run/export.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::lab {
namespace {

using testing::contains;
using testing::message_of;
using testing::scratch_directory;

TEST(Run, GivesTheNumbersOfTheProgram) {
  const auto stored = drive(testing::sample_session(scratch_directory("run-program"))).evaluations.at(0).results;
  for (const int jobs : {1, 4}) {
    const Results results = run("test/sample", {.jobs = jobs});
    ASSERT_EQ(results.groups().size(), stored.groups().size());
    for (std::size_t i = 0; i < stored.groups().size(); ++i) {
      EXPECT_EQ(results.groups()[i].params(), stored.groups()[i].params());
      for (const auto& metric : stored.groups()[i].metrics())
        EXPECT_EQ(results.groups()[i].values(metric), stored.groups()[i].values(metric)) << metric;
    }
  }
}

TEST(Run, TakesValuesTrialsAndPreset) {
  const Results swept = run("test/sample", {.trials = 2, .values = {{"d", {8, 32}}, {"scale", {1.0}}}});
  ASSERT_EQ(swept.groups().size(), 2u);
  EXPECT_EQ(swept.at({{"d", 32}}).trials(), 2);
  const Results paper = run("test/sample", {.preset = Preset::Paper, .trials = 1});
  EXPECT_EQ(paper.groups().size(), 4u);
  EXPECT_TRUE(contains(message_of([] { run("test/sample", {.values = {{"dd", {8}}}}); }), "unknown parameter 'dd'"));
  EXPECT_TRUE(contains(message_of([] { run("test/smple"); }), "did you mean 'test/sample'?"));
}

TEST(Run, KeepsWhatDidNotFail) {
  const Results results = run("test/sample", {.values = {{"d", {16}}, {"fault", {"throws"}}}});
  EXPECT_EQ(results.failed(), 2);
  EXPECT_EQ(results.groups().at(0).values("mean_error").size(), 4u);
  EXPECT_EQ(results.groups()[0].failures().at(0).reason, "sample: told to <fail>");
}

TEST(Run, WritesWhereItIsTold) {
  const auto out = scratch_directory("run-out");
  const Results results = run("test/sample", {.trials = 2, .out = out});
  EXPECT_TRUE(std::filesystem::exists(out / "report.html"));
  EXPECT_EQ(results.groups().at(0).trials(), 2);
  const int before = testing::sample_trials_run();
  EXPECT_EQ(run("test/sample", {.trials = 3, .out = out}).groups().at(0).trials(), 3);
  EXPECT_EQ(testing::sample_trials_run() - before, 3);
}

}  // namespace
}  // namespace sigmagrad::lab
