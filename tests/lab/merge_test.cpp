// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/report/stored_report.hpp>
#include <sigmagrad/lab/run/export.hpp>
#include <sigmagrad/lab/run/manifest.hpp>
#include <sigmagrad/lab/run/merge.hpp>
#include <sigmagrad/lab/run/trials.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::lab {
namespace {

using testing::contains;
using testing::message_of;
using testing::sample_session;
using testing::sample_wishes;
using testing::scratch_directory;

// A run without its report.
std::filesystem::path finished(const std::string& name, const Wishes& wishes = sample_wishes(), Shard shard = {}) {
  const auto out = scratch_directory(name);
  Store store = Store::create(out);
  const auto all = plans(wishes);
  store.put(all);
  for (const Task& task : take_shard(store.missing(all.front()), shard)) store.append(run_trials({&task, 1}));
  write_manifest({.command = {name}, .plans = all}, out);
  return out;
}

std::string exported(const std::filesystem::path& directory) { return export_csv(directory, {}); }

TEST(Merge, JoinsShardsToTheSameResults) {
  const auto whole = finished("merge-whole"), into = scratch_directory("merge-into");
  const auto first = finished("merge-first", sample_wishes(), {1, 2});
  const auto second = finished("merge-second", sample_wishes(), {2, 2});
  const auto evaluations = rebuild_report(into, merge({second, first}, into, {"merging"}));
  EXPECT_EQ(exported(into), exported(whole));
  EXPECT_EQ(evaluations.at(0).claims.at(0).verdict, Verdict::Holds);
  EXPECT_TRUE(std::filesystem::exists(into / "report.html"));
  const auto manifest = nlohmann::json::parse(sigmagrad::detail::read_file(into / "manifest.json"));
  EXPECT_EQ(manifest["command"][0], "merging");
  ASSERT_EQ(manifest["earlier"].size(), 2u);
  EXPECT_EQ(manifest["earlier"][0]["command"][0], "merge-second");
  EXPECT_TRUE(pending(sample_session(into)).empty());
}

TEST(Merge, KeepsATrialThatIsThereTwiceOnce) {
  const auto one = finished("merge-one"), into = finished("merge-two");
  merge({one, one}, into, {});
  EXPECT_EQ(exported(into), exported(one));
}

TEST(Merge, TakesWhatSucceededWhereItHadFailedElsewhere) {
  const auto whole = finished("merge-succeeded"), failed = scratch_directory("merge-failed");
  {
    Store store = Store::create(failed);
    const Plan plan = testing::sample_plan();
    store.put({plan});
    const std::vector<Finished> trial{{.task = store.missing(plan).at(2), .error = "out of memory"}};
    store.append(trial);
  }
  const auto first = scratch_directory("merge-failed-first"), last = scratch_directory("merge-failed-last");
  merge({failed, whole}, first, {});
  merge({whole, failed}, last, {});
  EXPECT_EQ(exported(first), exported(whole));
  EXPECT_EQ(exported(last), exported(whole));
}

TEST(Merge, TakesTheLargerNumberOfTrialsAndOtherExperiments) {
  Wishes more = sample_wishes(), other{.ids = {"test/batched"}};
  more.trials = 7;
  other.overrides = {{.parameter = "m", .values = {"1"}}};
  const auto into = scratch_directory("merge-more");
  const auto evaluations = rebuild_report(
      into, merge({finished("merge-5"), finished("merge-7", more), finished("merge-other", other)}, into, {}));
  ASSERT_EQ(evaluations.size(), 2u);
  EXPECT_EQ(evaluations[0].results.groups().at(0).trials(), 7);
  EXPECT_EQ(evaluations[1].plan.experiment->id, "test/batched");
}

TEST(Merge, JoinsSweepsOfOneParameter) {
  const auto all = finished("merge-sweep", testing::sample_with("d", {"8", "16", "64"}));
  const auto one = finished("merge-sweep-1", testing::sample_with("d", {"8", "64"}));
  const auto two = finished("merge-sweep-2", testing::sample_with("d", {"16"}));
  const auto into = scratch_directory("merge-sweeps"), back = scratch_directory("merge-sweeps-back");
  merge({one, two}, into, {});
  merge({two, one}, back, {});
  EXPECT_EQ(exported(into), exported(all));
  EXPECT_EQ(exported(back), exported(all));
}

TEST(Merge, RefusesAnotherSeedWithTheDifference) {
  Wishes changed = sample_wishes();
  changed.seed = 7;
  const auto one = finished("merge-42"), seven = finished("merge-seed-7", changed), into = scratch_directory("none");
  EXPECT_TRUE(contains(message_of([&] {
                         merge({one, seven}, into, {});
                       }),
                       "test/sample", one.string(), seven.string(), "seed: 42 -> 7"));
  EXPECT_FALSE(std::filesystem::exists(into));
  EXPECT_TRUE(contains(message_of([&] { merge({one}, one, {}); }), "--into is", "itself"));
  EXPECT_TRUE(contains(message_of([&] { merge({into}, one, {}); }), "holds no results.db"));
}

TEST(Merge, RefusesATrialThatDiffersAndChangesNothing) {
  const auto one = finished("merge-same"), into = finished("merge-shard", sample_wishes(), {1, 2});
  const auto other = scratch_directory("merge-differs");
  {
    Store store = Store::create(other);
    const Plan plan = testing::sample_plan();
    store.put({plan});
    const std::vector<Finished> wrong{{.task = store.missing(plan).at(2), .metrics = {{"mean_error", 0.25}}}};
    store.append(wrong);
  }
  const auto before = exported(into);
  EXPECT_TRUE(contains(message_of([&] {
                         merge({one, other}, into, {});
                       }),
                       "trial 2 of test/sample d=16 scale=1 fault=none flag=true is there twice and differs",
                       "{\"mean_error\":0.25}"));
  EXPECT_EQ(exported(into), before);
}

}  // namespace
}  // namespace sigmagrad::lab
