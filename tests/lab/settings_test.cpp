// SPDX-License-Identifier: BSD-3-Clause
#include <limits>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/model/json.hpp>
#include <sigmagrad/lab/model/nearest.hpp>
#include <sigmagrad/lab/model/settings.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::experiments {
namespace {

using testing::contains;
using testing::sample_request;
using testing::Texts;

std::string message_of(const Request& request) {
  return testing::message_of([&] { resolve(request); });
}

Request with(const std::string& parameter, const std::vector<std::string>& values) {
  Request request = sample_request();
  request.overrides.push_back({"", parameter, values});
  return request;
}

std::vector<std::string> groups(const Request& request) {
  std::vector<std::string> texts;
  for (const Params& params : grid(resolve(request).front())) texts.push_back(to_text(params));
  return texts;
}

TEST(Grid, FirstParameterVariesSlowestAndInvalidPointsAreLeftOut) {
  EXPECT_EQ(groups(sample_request()), (Texts{"d=16 scale=1 fault=none flag=true", "d=16 scale=2 fault=none flag=true",
                                             "d=64 scale=1 fault=none flag=true"}));
}

TEST(Grid, OverridesReplaceTheListAndTheLastWins) {
  Request request = with("d", {"8", "4", "8"});
  request.overrides.push_back({"", "scale", {"2"}});
  request.overrides.push_back({"test/sample", "scale", {"1"}});
  EXPECT_EQ(groups(request), (Texts{"d=8 scale=1 fault=none flag=true", "d=4 scale=1 fault=none flag=true"}));
}

TEST(Resolve, TakesListsAndTrialsFromThePreset) {
  Request request = sample_request();
  request.preset = Preset::Paper;
  const Settings settings = resolve(request).front();
  EXPECT_EQ(settings.trials, 20);
  EXPECT_EQ(settings.lists.front().second.size(), 3U);
}

TEST(Resolve, RefusesAGridThatIsTooLargeBeforeItIsMade) {
  std::vector<std::string> many;
  for (int i = 1; i <= 4000; ++i) many.push_back(std::to_string(i));
  Request request = with("d", many);
  request.overrides.push_back({"", "scale", many});
  EXPECT_TRUE(contains(message_of(request), "1.6e+07 combinations of parameters are too many for one run"));
}

TEST(Resolve, NamesTheNearestNameOfWhatIsUnknown) {
  EXPECT_TRUE(contains(message_of(with("scal", {"1"})), "unknown parameter 'scal'; did you mean 'scale'?"));
  EXPECT_TRUE(contains(message_of(with("fault", {"thrown"})), "unknown value 'thrown'; did you mean 'throws'?"));
  EXPECT_TRUE(contains(message_of({.ids = {"test/smaple"}}), "did you mean 'test/sample'?"));
}

TEST(Resolve, ChecksWhatIsSaidOfExperimentsThatAreNotRun) {
  Request request = sample_request();
  request.overrides = {{"test/batched", "m", {"1"}}};
  EXPECT_EQ(groups(request).size(), 3U);
  request.overrides = {{"test/batched", "n", {"1"}}};
  EXPECT_TRUE(contains(message_of(request), "test/batched: unknown parameter 'n'; did you mean 'm'?"));
  request.overrides = {{"test/batche", "m", {"1"}}};
  EXPECT_TRUE(contains(message_of(request), "unknown experiment 'test/batche'; did you mean 'test/batched'?"));
}

TEST(Resolve, RefusesValuesOfTheWrongTypeOrRange) {
  EXPECT_TRUE(contains(message_of(with("d", {"1.5"})), "d: '1.5' is not an integer"));
  EXPECT_TRUE(contains(message_of(with("d", {"0"})), "d: 0 is out of range (expected 1 to 4096)"));
  EXPECT_TRUE(contains(message_of(with("scale", {"big"})), "scale: 'big' is not a number"));
  EXPECT_TRUE(contains(message_of(with("scale", {"nan"})), "not a number"));
  EXPECT_TRUE(contains(message_of(with("flag", {"yes"})), "neither true nor false"));
  Request nothing_valid = with("scale", {"2"});
  nothing_valid.overrides.push_back({"", "d", {"64"}});
  EXPECT_TRUE(contains(message_of(nothing_valid), "no combination"));
}

TEST(Resolve, RefusesMoreTrialsThanFitInMemory) {
  Request request = sample_request();
  for (const std::int64_t trials : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 62}) {
    request.trials = trials;
    EXPECT_TRUE(contains(message_of(request), "trials must be >= 1 and <= 10000000"));
  }
  request.trials = 9'000'000;
  EXPECT_TRUE(contains(message_of(request), "3 groups of 9000000 trials are too many for one run"));
}

TEST(Settings, AreShownWithEveryParameter) {
  EXPECT_EQ(to_text(resolve(sample_request()).front()),
            "test/sample  preset quick, seed 42, stream philox, 5 trials a group\n"
            "  d=16,64 scale=1,2 fault=none flag=true\n");
}

TEST(Resolve, TakesInfinityWhereOneIsDeclared) {
  EXPECT_TRUE(contains(message_of(with("scale", {"inf"})), "scale: 'inf' is not a number"));
  Request request{.ids = {"completion/unequal"}, .overrides = {{.parameter = "m", .values = {"inf"}}}};
  const Settings settings = resolve(request).front();
  const auto& m = settings.lists.front();
  EXPECT_TRUE(same_value(m.second.front(), std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(differences(detail::settings_from_json(detail::to_json(settings)), settings).empty());
}

TEST(Resolve, RefusesSeedsNumPyDoesNotHave) {
  Request request = sample_request();
  request.stream = Stream::Numpy;
  for (const std::uint64_t seed : {std::uint64_t{0xffffffff}, ~std::uint64_t{0}}) {
    request.seed = seed;
    EXPECT_TRUE(contains(message_of(request), "32 bits"));
  }
}

TEST(Differences, NameWhatChangedButForTheTrials) {
  Request changed = with("d", {"16"});
  changed.seed = 7;
  changed.trials = 99;
  EXPECT_EQ(differences(resolve(sample_request()).front(), resolve(changed).front()),
            (Texts{"seed: 42 -> 7", "d: 16,64 -> 16"}));
}

TEST(Params, RefuseAWrongNameOrType) {
  const Params params({{"d", 16}, {"lr", 0.5}});
  EXPECT_EQ(params.integer("d"), 16);
  EXPECT_THROW(params.real("d"), Error);
  EXPECT_THROW(params.integer("depth"), Error);
  EXPECT_TRUE(params.matches({{"d", 16.0}}));
  EXPECT_FALSE(params.matches({{"d", 16}, {"lr", 0.25}}));
}

TEST(EditDistance, CountsInsertionsDeletionsAndSubstitutions) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("same", "same"), 0U);
}

}  // namespace
}  // namespace sigmagrad::experiments
