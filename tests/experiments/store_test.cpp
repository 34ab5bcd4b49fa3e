// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/store.hpp>

#include <sigmagrad/autograd/error.hpp>
#include <sigmagrad/tests/experiments/sample.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <limits>

namespace sigmagrad::experiments {
namespace {

using testing::sample_request;
using testing::scratch_directory;

TEST(Store, KeepsDoublesToTheLastBit) {
  const auto folder = scratch_directory("bits");
  const Settings settings = resolve(sample_request()).front();
  const std::vector<double> numbers{0.1 + 0.2,         -0.0, 5e-324, std::numeric_limits<double>::max(), 1e23,
                                    4503599627370497.5};
  Metrics metrics;
  for (std::size_t i = 0; i < numbers.size(); ++i) metrics.add("m" + std::to_string(i), numbers[i]);
  {
    Store store = Store::create(folder);
    store.put(settings);
    const std::vector<Finished> batch{{.task = store.missing(settings).front(), .metrics = metrics}};
    store.append(batch);
  }
  const Group group = Store::open(folder).results(settings).groups().front();
  ASSERT_EQ(group.metrics().size(), numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    EXPECT_EQ(std::bit_cast<std::uint64_t>(group.values("m" + std::to_string(i)).at(0)),
              std::bit_cast<std::uint64_t>(numbers[i]));
}

TEST(Store, CountsATrialOnceAndKnowsWhatIsMissing) {
  Store store = Store::create(scratch_directory("once"));
  const Settings settings = resolve(sample_request()).front();
  store.put(settings);
  const auto tasks = store.missing(settings);
  ASSERT_EQ(tasks.size(), 15U);
  const std::vector<Finished> batch{{.task = tasks[3], .metrics = {{"m", 1}}}, {.task = tasks[7], .error = "broken"}};
  store.append(batch);
  store.append(batch);
  EXPECT_EQ(store.missing(settings).size(), 13U);
  const Results results = store.results(settings);
  EXPECT_EQ(results.groups()[0].values("m").size(), 1U);
  ASSERT_EQ(results.groups()[1].failures().size(), 1U);
  EXPECT_EQ(results.groups()[1].failures()[0].trial, 2);
  EXPECT_EQ(results.groups()[1].failures()[0].reason, "broken");
}

TEST(Store, GivesBackTheSettings) {
  const auto folder = scratch_directory("settings");
  Request request = sample_request();
  request.seed = std::numeric_limits<std::uint64_t>::max();
  request.stream = Stream::Philox;
  request.overrides.push_back({"", "scale", {"0.1", "1"}});
  const Settings settings = resolve(request).front();
  Store::create(folder).put(settings);
  const auto stored = Store::open(folder).settings(*settings.experiment);
  ASSERT_TRUE(stored);
  EXPECT_TRUE(differences(*stored, settings).empty());
  EXPECT_EQ(stored->trials, settings.trials);
}

TEST(Store, RefusesPlacesThatCannotHoldOne) {
  EXPECT_THROW(Store::create("/proc/nowhere"), Error);
  EXPECT_THROW(Store::open(scratch_directory("nothing")), Error);
  const auto folder = scratch_directory("garbage");
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "results.db") << "this is a text and not a database, whatever its name may say about it\n";
  EXPECT_THROW(Store::open(folder), Error);
}

}  // namespace
}  // namespace sigmagrad::experiments
