// SPDX-License-Identifier: BSD-3-Clause
#include <numeric>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/program/drive.hpp>
#include <sigmagrad/lab/run/export.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::lab {
namespace {

using sigmagrad::detail::read_file;
using testing::contains;
using testing::sample_session;
using testing::sample_trials_run;
using testing::sample_wishes;
using testing::sample_with;
using testing::scratch_directory;

const Int plain{.name = "plain", .help = "nothing", .quick = {1, 2}};
const Quantity rank{.name = "rank"}, misspelled{.name = "ranc"};
const Curve loss{.name = "loss", .over = "step"};

void record_both(Trial& t) {
  t.record(rank, static_cast<double>(t[plain]));
  for (const int step : {0, 1}) t.record(loss, step, 1.0 / (1 + step));
}

void throw_a_number(Trial& t) {
  if (t[plain] == 2 && t.index() == 0) throw 5;
  record_both(t);
}

const Register without_figures{
    {.id = "test/plain", .title = "No figure", .parameters = {plain}, .trials = {.quick = 2}, .trial = record_both}};

const Register with_a_wrong_name{{.id = "test/misspelled",
                                  .title = "What nobody records",
                                  .parameters = {plain},
                                  .trials = {.quick = 2},
                                  .trial = throw_a_number,
                                  .figures = {figure("rank", "Rank.").panel("Rank", plot(plain, misspelled))},
                                  .claims = {{.claim = "It is small", .holds = below(median(misspelled), 3)}}}};

int trials_of(const Session& session) {
  const int before = sample_trials_run();
  drive(session);
  return sample_trials_run() - before;
}

Wishes with_trials(std::int64_t trials) {
  Wishes wishes = sample_wishes();
  wishes.trials = trials;
  return wishes;
}

TEST(Session, ResumesWithOnlyWhatIsMissing) {
  const auto out = scratch_directory("resume");
  EXPECT_EQ(trials_of(sample_session(out)), 15);
  EXPECT_EQ(trials_of(sample_session(out)), 0);
  EXPECT_EQ(trials_of(sample_session(out, with_trials(7))), 6);
  const auto fewer = drive(sample_session(out, with_trials(2)));
  EXPECT_EQ(fewer.evaluations.at(0).results.groups().at(0).trials(), 2);
}

TEST(Session, IsTheSameForEveryNumberOfJobsAndShards) {
  const auto one = scratch_directory("one"), four = scratch_directory("four"), shards = scratch_directory("shards");
  Session session = sample_session(one);
  session.jobs = 1;
  const auto expected = to_json_text(drive(session).evaluations);
  session.out = four;
  session.jobs = 4;
  EXPECT_EQ(to_json_text(drive(session).evaluations), expected);
  EXPECT_EQ(read_file(one / "figures/test-sample.csv"), read_file(four / "figures/test-sample.csv"));
  session.out = shards;
  for (const std::int64_t i : {3, 1, 2}) {
    session.shard = {i, 3};
    const auto outcome = drive(session);
    if (i == 2) {
      EXPECT_EQ(to_json_text(outcome.evaluations), expected);
    }
  }
}

TEST(Session, IsTheSameForEveryNumberOfThreadsOfATrial) {
  const auto one = scratch_directory("alone"), three = scratch_directory("spread");
  Session session = sample_session(one);
  const auto expected = to_json_text(drive(session).evaluations);
  session.out = three;
  session.threads = 3;
  EXPECT_EQ(to_json_text(drive(session).evaluations), expected);
  session.threads = 2;
  EXPECT_EQ(trials_of(session), 0);  // what is stored is stored, whatever it was run on
}

TEST(Session, ASweepGrowsAndRunsOnlyWhatIsMissing) {
  const auto out = scratch_directory("grown"), whole = scratch_directory("grown-whole");
  EXPECT_EQ(trials_of(sample_session(out, sample_with("d", {"16", "256"}))), 15);
  EXPECT_EQ(trials_of(sample_session(out, sample_with("d", {"16", "64", "256"}))), 5);
  EXPECT_EQ(trials_of(sample_session(out, sample_with("d", {"64", "8"}))), 5);
  const auto outcome = drive(sample_session(out, sample_with("d", {"8"})));
  ASSERT_EQ(outcome.evaluations.at(0).results.groups().size(), 5u);
  EXPECT_EQ(outcome.evaluations[0].plan.lists.at(0).second, (Values{8, 16, 64, 256}));
  drive(sample_session(whole, sample_with("d", {"8", "16", "64", "256"})));
  EXPECT_EQ(export_csv(out, {}), export_csv(whole, {}));
  EXPECT_EQ(read_file(out / "figures/test-sample.csv"), read_file(whole / "figures/test-sample.csv"));
}

// An interrupted run may be asked for something else: what it had left undone stays undone until it is asked for again.
TEST(Session, AGrownSweepMayHaveGroupsThatWereNotFinished) {
  const auto out = scratch_directory("unfinished");
  Session session = sample_session(out, sample_with("d", {"16", "64"}));
  session.shard = {1, 2};
  EXPECT_EQ(trials_of(session), 9);
  EXPECT_EQ(trials_of(sample_session(out, sample_with("d", {"256"}))), 5);
  EXPECT_EQ(pending(sample_session(out)).size(), 6u);
}

TEST(Session, RefusesAnotherSeedUnlessFresh) {
  const auto out = scratch_directory("changed");
  drive(sample_session(out));
  Wishes wishes = sample_wishes();
  wishes.seed = 43;
  Session session = sample_session(out, wishes);
  const int before = sample_trials_run();
  try {
    drive(session);
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
  drive(sample_session(out));
  {
    Store store = Store::create(out);
    store.put(plans({.ids = {"test/slow-to-judge"}}));  // an experiment that --fresh keeps, with its manifest
  }
  sigmagrad::detail::write_file(out / "manifest.json", "{");
  Session session = sample_session(out);
  session.fresh = true;
  EXPECT_TRUE(contains(testing::message_of([&] { drive(session); }), "manifest.json: damaged", "move it away"));
  EXPECT_TRUE(Store::open(out).missing(session.plans.front()).empty());
}

TEST(Session, KeepsWhatDidNotFail) {
  const auto wishes = sample_with("fault", {"throws", "not_a_number"});
  const auto outcome = drive(sample_session(scratch_directory("failed"), wishes));
  const Results& results = outcome.evaluations.at(0).results;
  EXPECT_EQ(results.failed(), 6);
  const Group& throwing = results.group({{"d", 64}, {"fault", "throws"}});
  EXPECT_EQ(throwing.values("mean_error").size(), 4U);
  EXPECT_EQ(throwing.failures().at(0).trial, 1);
  EXPECT_EQ(throwing.failures().at(0).reason, "sample: told to <fail>");
  EXPECT_EQ(results.group({{"d", 64}, {"fault", "not_a_number"}}).failures().at(0).reason, "broken is nan");
}

TEST(Session, SaysOfClaimsWhoseGroupsWereNotRun) {
  const auto outcome = drive(sample_session(scratch_directory("partial"), sample_with("d", {"16"})));
  const JudgedClaim& claim = outcome.evaluations.at(0).claims.at(0);
  EXPECT_EQ(claim.verdict, Verdict::NotTested);
  EXPECT_EQ(claim.why, "expected at scale = 1, d = 64 was not run");
  EXPECT_TRUE(outcome.evaluations[0].notes.empty());
}

TEST(Session, NotesWhatNoTrialHasRecorded) {
  const auto evaluation =
      drive(sample_session(scratch_directory("unrecorded"), {.ids = {"test/misspelled"}})).evaluations.at(0);
  EXPECT_EQ(evaluation.claims.at(0).verdict, Verdict::NotTested);
  EXPECT_EQ(evaluation.claims[0].why, "no trial of all has recorded ranc");
  ASSERT_EQ(evaluation.notes.size(), 2u);
  EXPECT_EQ(evaluation.notes[0], "figure 'rank': no trial has recorded 'ranc'; did you mean 'rank'?");
  EXPECT_EQ(evaluation.notes[1], "claim 'It is small' is not tested: no trial of all has recorded ranc");
  EXPECT_EQ(evaluation.results.groups().at(1).failures().at(0).reason,
            "an exception that says nothing: it is no std::exception");
}

TEST(Session, DrawsWhatWasSweptWhereNoFigureIsDeclared) {
  const auto evaluation =
      drive(sample_session(scratch_directory("default"), {.ids = {"test/plain"}})).evaluations.at(0);
  ASSERT_EQ(evaluation.figures.size(), 2u);
  EXPECT_EQ(evaluation.figures[0].name, "test-plain-medians");
  ASSERT_EQ(evaluation.figures[0].panels.size(), 1u);
  EXPECT_EQ(evaluation.figures[0].panels[0].series.at(0).x, (std::vector<double>{1, 2}));
  EXPECT_EQ(evaluation.figures[1].name, "test-plain-curves");
  EXPECT_EQ(evaluation.figures[1].panels.at(0).series.size(), 2u);
}

TEST(Session, SaysWhereAClaimIsJudgedWithOtherParameters) {
  const auto wishes = sample_with("d", {"16", "64", "24", "256"});
  const auto outcome = drive(sample_session(scratch_directory("other"), wishes));
  EXPECT_EQ(outcome.evaluations.at(0).notes.at(0), "test/sample: claims are judged with d = 24, values of no preset");
  EXPECT_TRUE(drive(sample_session(scratch_directory("usual"))).evaluations.at(0).notes.empty());
}

TEST(Session, HoldsNoClaimWhereEveryTrialFailed) {
  auto wishes = sample_with("fault", {"not_a_number"});
  wishes.trials = 1;
  const auto outcome = drive(sample_session(scratch_directory("all-failed"), wishes));
  EXPECT_EQ(outcome.evaluations.at(0).claims.at(0).verdict, Verdict::NotTested);
  EXPECT_EQ(outcome.evaluations.at(0).claims.at(0).why, "no trial has succeeded");
}

TEST(Session, StopsWhenInterruptedAndResumes) {
  const auto out = scratch_directory("interrupted");
  Session session = sample_session(out);
  session.interrupted = [] { return true; };
  const auto outcome = drive(session);
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
    drive(session);
    FAIL() << "no error";
  } catch (const RunFailed& error) {
    EXPECT_TRUE(contains(error.what(), "report.html", "of 15 trials of this run 15 are kept in " + out.string()));
  }
  EXPECT_TRUE(pending(session).empty());
}

TEST(Session, RetriesFailedTrialsWhenAsked) {
  Session session = sample_session(scratch_directory("again"), sample_with("fault", {"throws"}));
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
  drive(session);
  EXPECT_TRUE(manifest()["earlier"].empty());
  session = sample_session(out, with_trials(7));
  session.command = {"second"};
  drive(session);
  drive(session);  // runs nothing
  ASSERT_EQ(manifest()["earlier"].size(), 1U);
  EXPECT_EQ(manifest()["earlier"][0]["command"][0], "first");
  EXPECT_EQ(manifest()["command"][0], "second");
  EXPECT_EQ(manifest()["experiments"][0]["trials"], 7);
}

TEST(Session, PhiloxAndNumpyStreamsAreKeyedAsDocumented) {
  const Trial numpy(TrialKey{.index = 3, .stream = Stream::Numpy}), philox(TrialKey{.index = 3});
  std::vector<double> drawn(5), expected(5);
  numpy.generator(7)->normal(drawn);
  NumpyGenerator(42 + 300 + 7).normal(expected);
  EXPECT_EQ(drawn, expected);
  philox.generator(7)->normal(drawn);
  Generator(42, 3, 7).normal(expected);
  EXPECT_EQ(drawn, expected);
}

TEST(Shard, IsReadAsIOfN) {
  EXPECT_EQ(parse_shard("2/4").index, 2);
  EXPECT_EQ(parse_shard("2/4").count, 4);
  for (const auto* text : {"", "2", "0/4", "5/4", "a/b", "1/", "1/2x"}) EXPECT_THROW(parse_shard(text), Error) << text;
}

TEST(Results, ReadCurvesBackInTheirOrder) {
  const auto outcome = drive(sample_session(scratch_directory("curve")));
  const auto points = outcome.evaluations.at(0).results.group({{"d", 64}}).curve("running");
  ASSERT_EQ(points.size(), 8U);
  EXPECT_EQ(points.front().at, 8);
  EXPECT_EQ(points.back().at, 64);
}

}  // namespace
}  // namespace sigmagrad::lab
