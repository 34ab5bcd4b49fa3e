// SPDX-License-Identifier: BSD-3-Clause
#include <cstdint>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>
#include <unistd.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/model/json.hpp>
#include <sigmagrad/lab/report/stored_report.hpp>
#include <sigmagrad/lab/run/export.hpp>
#include <sigmagrad/lab/run/sqlite.hpp>
#include <sigmagrad/lab/run/store.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::lab {
namespace {

using testing::contains;
using testing::message_of;
using testing::sample_wishes;
using testing::scratch_directory;

TEST(Store, KeepsDoublesToTheLastBit) {
  const auto folder = scratch_directory("bits");
  const Plan plan = testing::sample_plan();
  const std::vector<double> numbers{0.1 + 0.2,         -0.0, 5e-324, std::numeric_limits<double>::max(), 1e23,
                                    4503599627370497.5};
  Metrics metrics;
  for (std::size_t i = 0; i < numbers.size(); ++i) metrics.add("m" + std::to_string(i), numbers[i]);
  {
    Store store = Store::create(folder);
    store.put({plan});
    const std::vector<Finished> batch{{.task = store.missing(plan).front(), .metrics = metrics}};
    store.append(batch);
  }
  const Group group = Store::open(folder).results(plan).groups().front();
  ASSERT_EQ(group.metrics().size(), numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    EXPECT_EQ(std::bit_cast<std::uint64_t>(group.values("m" + std::to_string(i)).at(0)),
              std::bit_cast<std::uint64_t>(numbers[i]));
}

TEST(Store, KeepsLongCurvesInTheirOrder) {
  const auto folder = scratch_directory("curves");
  const Plan plan = testing::sample_plan();
  std::vector<Metrics::Item> points;
  for (int i = 20'000; i > 0; --i) points.emplace_back("loss@" + std::to_string(i), 1.0 / i);
  const Metrics metrics(points);
  Store store = Store::create(folder);
  store.put({plan});
  const std::vector<Finished> batch{{.task = store.missing(plan).front(), .metrics = metrics}};
  store.append(batch);
  int found = 0;
  store.each(plan,
             [&](const PlannedGroup&, const Finished& finished) { found += finished.metrics == metrics ? 1 : 0; });
  EXPECT_EQ(found, 1);
}

TEST(Store, KeepsMetricsOfAnyName) {
  const Metrics metrics{{"", 1}, {"a \"b\" \\", -0.0}, {"\n\t\x01", 2.5}, {"\u00e9:,}", 1e300}};
  EXPECT_EQ(detail::metrics_of(detail::text_of(metrics)), metrics);
  EXPECT_EQ(detail::metrics_of("{}"), Metrics());
  for (const auto* text : {"", "{", "{\"a\":}", "{\"a\":1,}", "{\"a\":null}", "{\"a\":1}}", "{\"a", "{\"a\\", "[1]"})
    EXPECT_TRUE(contains(message_of([&] { detail::metrics_of(text); }), "is no object of numbers")) << text;
}

TEST(Store, CountsATrialOnceAndKnowsWhatIsMissing) {
  Store store = Store::create(scratch_directory("once"));
  const Plan plan = testing::sample_plan();
  store.put({plan});
  const auto tasks = store.missing(plan);
  ASSERT_EQ(tasks.size(), 15U);
  const std::vector<Finished> batch{{.task = tasks[3], .metrics = {{"m", 1}}}, {.task = tasks[7], .error = "broken"}};
  store.append(batch);
  store.append(batch);
  const std::vector<Finished> other{{.task = tasks[3], .metrics = {{"m", 2}}}};
  store.append(other);
  EXPECT_EQ(store.missing(plan).size(), 13U);
  const Results results = store.results(plan);
  EXPECT_EQ(results.groups()[0].values("m"), std::vector<double>{1});
  ASSERT_EQ(results.groups()[1].failures().size(), 1U);
  EXPECT_EQ(results.groups()[1].failures()[0].trial, 2);
  EXPECT_EQ(results.groups()[1].failures()[0].reason, "broken");
}

TEST(Store, KeepsAFailedTrialUntilItIsRetried) {
  Store store = Store::create(scratch_directory("retried"));
  const Plan plan = testing::sample_plan();
  store.put({plan});
  const auto tasks = store.missing(plan);
  const std::vector<Finished> failed{{.task = tasks[0], .error = "out of memory"}, {.task = tasks[1], .metrics = {}}};
  store.append(failed);
  EXPECT_EQ(store.missing(plan).size(), 13U);
  const auto again = store.missing(plan, Failed::Retried);
  ASSERT_EQ(again.size(), 14U);
  EXPECT_EQ(again.front().trial.index, 0);
  const std::vector<Finished> succeeded{{.task = again.front(), .metrics = {{"m", 1}}}};
  store.append(succeeded);
  EXPECT_EQ(store.missing(plan, Failed::Retried).size(), 13U);
  EXPECT_EQ(store.results(plan).failed(), 0);
}

TEST(Store, HasOneWriterAndAnyNumberOfReaders) {
  const auto folder = scratch_directory("writers");
  const Plan plan = testing::sample_plan();
  {
    Store writer = Store::create(folder);
    writer.put({plan});
    EXPECT_TRUE(contains(message_of([&] { Store::create(folder); }), "process " + std::to_string(getpid()),
                         "is writing to it; runs at the same time need an --out each"));
    EXPECT_EQ(Store::open(folder).plans().size(), 1U);
    writer.put({plan});
  }
  Store::create(folder);
}

TEST(Store, GivesBackThePlan) {
  const auto folder = scratch_directory("settings");
  Wishes wishes = sample_wishes();
  wishes.seed = std::numeric_limits<std::uint64_t>::max();
  wishes.stream = Stream::Philox;
  wishes.overrides.push_back({"", "scale", {"0.1", "1"}});
  const Plan plan = plans(wishes).front();
  Store::create(folder).put({plan});
  const auto stored = Store::open(folder).plan(*plan.experiment);
  ASSERT_TRUE(stored);
  EXPECT_TRUE(differences(*stored, plan).empty());
  EXPECT_EQ(stored->trials(), plan.trials());
  EXPECT_EQ(stored->groups.size(), plan.groups.size());
}

TEST(Store, RefusesPlacesThatCannotHoldOne) {
  EXPECT_THROW(Store::create("/proc/nowhere"), Error);
  EXPECT_THROW(Store::open(scratch_directory("nothing")), Error);
  const auto folder = scratch_directory("garbage");
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "results.db") << "this is a text and not a database, whatever its name may say about it\n";
  EXPECT_THROW(Store::open(folder), Error);
  EXPECT_TRUE(contains(message_of([&] { Store::create(folder); }), "results.db: is no results file of sigmagrad",
                       "choose another --out"));
}

TEST(Store, RefusesOtherProgramsDatabasesAndOtherSchemas) {
  const auto folder = scratch_directory("foreign");
  std::filesystem::create_directories(folder);
  detail::Database database((folder / "results.db").string(), true);
  EXPECT_TRUE(contains(message_of([&] { Store::open(folder); }), "is not a store of sigmagrad"));
  database.execute("CREATE TABLE trials (whatever)");
  EXPECT_TRUE(contains(message_of([&] { Store::create(folder); }), "is not a store of sigmagrad"));
  EXPECT_EQ(database.integer("SELECT count(*) FROM sqlite_master"), 1);
  const auto other = scratch_directory("schema");
  Store::create(other);
  detail::Database((other / "results.db").string(), false).execute("PRAGMA user_version = 99");
  EXPECT_TRUE(contains(message_of([&] { Store::open(other); }), "has schema 99, and this version of the program",
                       "use the version that wrote it"));
}

// Schema 2 had tables of its own: whoever opens it names the way out, and leaves the file as it was.
TEST(Store, OfAnOlderSchemaIsRefusedByEveryCommand) {
  const auto folder = scratch_directory("older");
  std::filesystem::create_directories(folder);
  detail::Database database((folder / "results.db").string(), true);
  database.execute("CREATE TABLE trials (experiment TEXT, trial INTEGER)");
  database.execute("PRAGMA application_id = 1936158049");  // "sgma"
  database.execute("PRAGMA user_version = 2");
  const auto run = [&] { drive(testing::sample_session(folder)); };
  const auto report = [&] { rebuild_report(folder); };
  const auto written_out = [&] { export_csv(folder, {}); };
  for (const auto& message : {message_of(run), message_of(report), message_of(written_out)})
    EXPECT_TRUE(contains(message, "has schema 2, and this version of the program reads schema",
                         "use the version that wrote it, or choose another --out"));
  EXPECT_EQ(database.integer("PRAGMA user_version"), 2);
}

}  // namespace
}  // namespace sigmagrad::lab
