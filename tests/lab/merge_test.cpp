// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/run/export.hpp>
#include <sigmagrad/lab/run/manifest.hpp>
#include <sigmagrad/lab/run/merge.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::experiments {
namespace {

using testing::contains;
using testing::message_of;
using testing::sample_request;
using testing::sample_session;
using testing::scratch_directory;

// A run without its report.
std::filesystem::path finished(const std::string& name, const Request& request = sample_request(), Shard shard = {}) {
  const auto out = scratch_directory(name);
  Store store = Store::create(out);
  const auto settings = resolve(request);
  store.put(settings);
  for (const Task& task : take_shard(store.missing(settings.front()), shard)) store.append(run_trials({&task, 1}));
  write_manifest({.command = {name}, .settings = settings}, out);
  return out;
}

std::string exported(const std::filesystem::path& directory) { return export_csv(directory, {}); }

TEST(Merge, JoinsShardsToTheSameResults) {
  const auto whole = finished("merge-whole"), into = scratch_directory("merge-into");
  const auto first = finished("merge-first", sample_request(), {1, 2});
  const auto second = finished("merge-second", sample_request(), {2, 2});
  const auto evaluations = merge({second, first}, into, {"merging"});
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
    const Settings settings = resolve(sample_request()).front();
    store.put({settings});
    const std::vector<Finished> trial{{.task = store.missing(settings).at(2), .error = "out of memory"}};
    store.append(trial);
  }
  const auto first = scratch_directory("merge-failed-first"), last = scratch_directory("merge-failed-last");
  merge({failed, whole}, first, {});
  merge({whole, failed}, last, {});
  EXPECT_EQ(exported(first), exported(whole));
  EXPECT_EQ(exported(last), exported(whole));
}

TEST(Merge, TakesTheLargerNumberOfTrialsAndOtherExperiments) {
  Request more = sample_request(), other{.ids = {"test/batched"}};
  more.trials = 7;
  other.overrides = {{.parameter = "m", .values = {"1"}}};
  const auto into = scratch_directory("merge-more");
  const auto evaluations =
      merge({finished("merge-5"), finished("merge-7", more), finished("merge-other", other)}, into, {});
  ASSERT_EQ(evaluations.size(), 2u);
  EXPECT_EQ(evaluations[0].results.groups().at(0).trials(), 7);
  EXPECT_EQ(evaluations[1].settings.experiment->id, "test/batched");
}

TEST(Merge, RefusesOtherParametersWithTheDifference) {
  Request changed = sample_request();
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
  const auto one = finished("merge-same"), into = finished("merge-shard", sample_request(), {1, 2});
  const auto other = scratch_directory("merge-differs");
  {
    Store store = Store::create(other);
    const Settings settings = resolve(sample_request()).front();
    store.put({settings});
    const std::vector<Finished> wrong{{.task = store.missing(settings).at(2), .metrics = {{"mean_error", 0.25}}}};
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
}  // namespace sigmagrad::experiments
