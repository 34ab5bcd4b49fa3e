// SPDX-License-Identifier: BSD-3-Clause
#include <numeric>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/run/session.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::experiments {
namespace {

using sigmagrad::detail::read_file;
using testing::contains;
using testing::sample_request;
using testing::sample_session;
using testing::sample_trials_run;
using testing::scratch_directory;

int trials_of(const Session& session) {
  const int before = sample_trials_run();
  run(session);
  return sample_trials_run() - before;
}

Request with_trials(std::int64_t trials) {
  Request request = sample_request();
  request.trials = trials;
  return request;
}

TEST(Session, ResumesWithOnlyWhatIsMissing) {
  const auto out = scratch_directory("resume");
  EXPECT_EQ(trials_of(sample_session(out)), 15);
  EXPECT_EQ(trials_of(sample_session(out)), 0);
  EXPECT_EQ(trials_of(sample_session(out, with_trials(7))), 6);
  const auto fewer = run(sample_session(out, with_trials(2)));
  EXPECT_EQ(fewer.evaluations.at(0).results.groups().at(0).trials(), 2);
}

TEST(Session, IsTheSameForEveryNumberOfJobsAndShards) {
  const auto one = scratch_directory("one"), four = scratch_directory("four"), shards = scratch_directory("shards");
  Session session = sample_session(one);
  session.jobs = 1;
  const auto expected = to_json_text(run(session).evaluations);
  session.out = four;
  session.jobs = 4;
  EXPECT_EQ(to_json_text(run(session).evaluations), expected);
  EXPECT_EQ(read_file(one / "figures/sample.csv"), read_file(four / "figures/sample.csv"));
  session.out = shards;
  for (const std::int64_t i : {3, 1, 2}) {
    session.shard = {i, 3};
    const auto outcome = run(session);
    if (i == 2) {
      EXPECT_EQ(to_json_text(outcome.evaluations), expected);
    }
  }
}

TEST(Session, RefusesOtherParametersUnlessFresh) {
  const auto out = scratch_directory("changed");
  run(sample_session(out));
  Request request = sample_request();
  request.seed = 43;
  Session session = sample_session(out, request);
  const int before = sample_trials_run();
  try {
    run(session);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_TRUE(contains(error.what(), "seed: 42 -> 43"));
  }
  EXPECT_EQ(sample_trials_run(), before);
  session.fresh = true;
  EXPECT_EQ(trials_of(session), 15);
}

TEST(Session, RefusesADamagedManifestBeforeItDropsResults) {
  const auto out = scratch_directory("manifest");
  run(sample_session(out));
  {
    Store store = Store::create(out);
    store.put(resolve({.ids = {"test/slow-to-judge"}}));  // an experiment that --fresh keeps, with its manifest
  }
  sigmagrad::detail::write_file(out / "manifest.json", "{");
  Session session = sample_session(out);
  session.fresh = true;
  EXPECT_TRUE(contains(testing::message_of([&] { run(session); }), "manifest.json: damaged", "move it away"));
  EXPECT_TRUE(Store::open(out).missing(session.settings.front()).empty());
}

TEST(Session, KeepsWhatDidNotFail) {
  Request request = sample_request();
  request.overrides.push_back({"", "fault", {"throws", "not_a_number"}});
  const auto outcome = run(sample_session(scratch_directory("failed"), request));
  const Results& results = outcome.evaluations.at(0).results;
  EXPECT_EQ(results.failed(), 6);
  const Group& throwing = results.group({{"d", 64}, {"fault", "throws"}});
  EXPECT_EQ(throwing.values("mean_error").size(), 4U);
  EXPECT_EQ(throwing.failures().at(0).trial, 1);
  EXPECT_EQ(throwing.failures().at(0).reason, "sample: told to <fail>");
  EXPECT_EQ(results.group({{"d", 64}, {"fault", "not_a_number"}}).failures().at(0).reason, "broken is nan");
}

TEST(Session, NotesFiguresAndClaimsWhoseGroupsWereNotRun) {
  Request request = sample_request();
  request.overrides.push_back({"", "d", {"16"}});
  const auto outcome = run(sample_session(scratch_directory("partial"), request));
  const Claim& claim = outcome.evaluations.at(0).claims.at(0);
  EXPECT_EQ(claim.verdict, Verdict::NotTested);
  EXPECT_EQ(claim.why, "d=64 scale=1 was not run");
}

TEST(Session, SaysWhereAClaimIsJudgedWithOtherParameters) {
  Request request = sample_request();
  request.overrides.push_back({"", "d", {"16", "64", "24", "256"}});
  const auto outcome = run(sample_session(scratch_directory("other"), request));
  EXPECT_EQ(outcome.evaluations.at(0).notes.at(0),
            "test/sample: claims are judged with d = 24, values of neither preset");
  EXPECT_TRUE(run(sample_session(scratch_directory("usual"))).evaluations.at(0).notes.empty());
}

TEST(Session, HoldsNoClaimWhereEveryTrialFailed) {
  Request request = sample_request();
  request.trials = 1;
  request.overrides.push_back({"", "fault", {"not_a_number"}});
  const auto outcome = run(sample_session(scratch_directory("all-failed"), request));
  EXPECT_EQ(outcome.evaluations.at(0).claims.at(0).verdict, Verdict::NotTested);
  EXPECT_EQ(outcome.evaluations.at(0).claims.at(0).why, "no trial has succeeded");
}

TEST(Session, StopsWhenInterruptedAndResumes) {
  const auto out = scratch_directory("interrupted");
  Session session = sample_session(out);
  session.interrupted = [] { return true; };
  const auto outcome = run(session);
  const auto stored = 15 - pending(sample_session(out)).size();
  EXPECT_EQ(outcome.evaluations.empty(), outcome.interrupted);
  session.interrupted = [] { return false; };
  EXPECT_EQ(trials_of(session) + static_cast<int>(stored), 15);
}

TEST(Session, SaysWhatIsKeptWhenItCannotGoOn) {
  const auto out = scratch_directory("broken");
  Session session = sample_session(out);
  session.jobs = 1;
  std::filesystem::create_directories(out / "report.html");  // where the report should go
  try {
    run(session);
    FAIL() << "no error";
  } catch (const RunFailed& error) {
    EXPECT_TRUE(contains(error.what(), "report.html", "of 15 trials of this run 15 are kept in " + out.string()));
  }
  EXPECT_TRUE(pending(session).empty());
}

TEST(Session, RetriesFailedTrialsWhenAsked) {
  Request request = sample_request();
  request.overrides.push_back({"", "fault", {"throws"}});
  Session session = sample_session(scratch_directory("again"), request);
  EXPECT_EQ(trials_of(session), 15);
  EXPECT_EQ(trials_of(session), 0);
  session.failed = Failed::Retried;
  EXPECT_EQ(trials_of(session), 3);
}

TEST(Session, RemembersEarlierRuns) {
  const auto out = scratch_directory("earlier");
  const auto manifest = [&] { return nlohmann::json::parse(read_file(out / "manifest.json")); };
  Session session = sample_session(out);
  session.command = {"first"};
  run(session);
  EXPECT_TRUE(manifest()["earlier"].empty());
  session = sample_session(out, with_trials(7));
  session.command = {"second"};
  run(session);
  run(session);  // runs nothing
  ASSERT_EQ(manifest()["earlier"].size(), 1U);
  EXPECT_EQ(manifest()["earlier"][0]["command"][0], "first");
  EXPECT_EQ(manifest()["command"][0], "second");
  EXPECT_EQ(manifest()["experiments"][0]["trials"], 7);
}

TEST(Session, PhiloxAndNumpyStreamsAreKeyedAsDocumented) {
  Trial trial{.params = {}, .index = 3, .seed = 42, .stream = Stream::Numpy};
  std::vector<double> drawn(5), expected(5);
  trial.generator(7)->normal(drawn);
  NumpyGenerator(42 + 300 + 7).normal(expected);
  EXPECT_EQ(drawn, expected);
  trial.stream = Stream::Philox;
  trial.generator(7)->normal(drawn);
  Generator(42, 3, 7).normal(expected);
  EXPECT_EQ(drawn, expected);
}

TEST(Shard, IsReadAsIOfN) {
  EXPECT_EQ(parse_shard("2/4").index, 2);
  EXPECT_EQ(parse_shard("2/4").count, 4);
  for (const auto* text : {"", "2", "0/4", "5/4", "a/b", "1/", "1/2x"}) EXPECT_THROW(parse_shard(text), Error) << text;
}

TEST(Results, ReadCurvesBackInTheirOrder) {
  const auto outcome = run(sample_session(scratch_directory("curve")));
  const auto points = outcome.evaluations.at(0).results.group({{"d", 64}}).curve("running");
  ASSERT_EQ(points.size(), 8U);
  EXPECT_EQ(points.front().at, 8);
  EXPECT_EQ(points.back().at, 64);
}

}  // namespace
}  // namespace sigmagrad::experiments
