// SPDX-License-Identifier: BSD-3-Clause
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/model/json.hpp>
#include <sigmagrad/lab/model/nearest.hpp>
#include <sigmagrad/lab/model/plan.hpp>
#include <sigmagrad/lab/run/task.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::lab {
namespace {

using testing::contains;
using testing::sample_plan;
using testing::sample_wishes;
using testing::sample_with;
using testing::Texts;

const Real size{.name = "size", .help = "of something", .quick = {1, std::numeric_limits<double>::infinity()}};
const Quantity twice{.name = "twice"};

void double_size(Trial& t) { t.record(twice, t.index()); }

const Register checked{{.id = "test/fresh",
                        .title = "What is printed, and other trials of it",
                        .parameters = {size},
                        .printed_at = size == 1,
                        .trials = {.quick = 3},
                        .fresh = 4,
                        .trial = double_size}};

const Int factors{.name = "factors", .help = "of something", .quick = {1}, .minimum = 2};
const Register repeated{{.id = "test/times",
                         .title = "Groups of several times the usual trials",
                         .parameters = {factors.with({3, 5}).at_least(1)},
                         .trials = {.quick = 2},
                         .times = [](const Params& p) { return p[factors]; },
                         .trial = double_size}};

std::string message_of(const Wishes& wishes) {
  return testing::message_of([&] { plans(wishes); });
}

Texts groups(const Plan& plan) {
  Texts texts;
  for (const PlannedGroup& group : plan.groups) texts.push_back(to_text(group.params));
  return texts;
}
Texts groups(const Wishes& wishes) { return groups(plans(wishes).front()); }

Plan with(const std::string& parameter, const Texts& values, std::int64_t trials = 5) {
  auto wishes = sample_with(parameter, values);
  wishes.trials = trials;
  return plans(wishes).front();
}

std::vector<std::int64_t> trials_of(const Plan& plan) {
  std::vector<std::int64_t> trials;
  for (const PlannedGroup& group : plan.groups) trials.push_back(group.trials);
  return trials;
}

TEST(Plan, FirstParameterVariesSlowestAndInvalidPointsAreLeftOut) {
  EXPECT_EQ(groups(sample_wishes()), (Texts{"d=16 scale=1 fault=none flag=true", "d=16 scale=2 fault=none flag=true",
                                            "d=64 scale=1 fault=none flag=true"}));
}

TEST(Plan, OverridesReplaceTheListAndTheLastWins) {
  auto wishes = sample_with("d", {"8", "4", "8"});
  wishes.overrides.push_back({"", "scale", {"2"}});
  wishes.overrides.push_back({"test/sample", "scale", {"1"}});
  EXPECT_EQ(groups(wishes), (Texts{"d=8 scale=1 fault=none flag=true", "d=4 scale=1 fault=none flag=true"}));
}

TEST(Plan, TakesListsAndTrialsFromThePreset) {
  auto wishes = sample_wishes();
  wishes.preset = Preset::Paper;
  const Plan plan = plans(wishes).front();
  EXPECT_EQ(plan.trials(), 20);
  EXPECT_EQ(plan.lists.front().second.size(), 3U);
  wishes.preset = Preset::Reduced;  // the sample has no such size
  const Plan reduced = plans(wishes).front();
  EXPECT_EQ(reduced.trials(), 5);
  EXPECT_EQ(reduced.lists.front().second.size(), 2U);
  EXPECT_EQ(detail::plan_from_json(detail::to_json(reduced)).preset, Preset::Reduced);
}

TEST(Plan, TakesAReducedSizeWhereOneIsDeclared) {
  const Parameter side = Int{.name = "size", .help = "", .quick = {1}, .reduced = {1, 2}, .paper = {3}};
  EXPECT_EQ(side.values(Preset::Quick), Values{std::int64_t{1}});
  EXPECT_EQ(side.values(Preset::Reduced), (Values{std::int64_t{1}, std::int64_t{2}}));
  EXPECT_EQ(side.values(Preset::Paper), Values{std::int64_t{3}});
  const PerPreset<int> trials{.quick = 2, .reduced = 3};
  EXPECT_EQ(trials[Preset::Reduced], 3);
  EXPECT_EQ(trials[Preset::Paper], 2);
}

TEST(Plan, HasEveryTrialOfEveryGroupOnce) {
  const auto tasks = tasks_of(with("d", {"16", "64"}, 2));
  ASSERT_EQ(tasks.size(), 6u);
  EXPECT_EQ(tasks[3].trial.index, 1);
  EXPECT_EQ(to_text(tasks[3].trial.params), "d=16 scale=2 fault=none flag=true");
}

TEST(Plan, GivesFreshTrialsToThePrintedSettingAlone) {
  const Plan plan = plans({.ids = {"test/fresh"}}).front();
  EXPECT_EQ(groups(plan), (Texts{"size=1 sample=paper", "size=1 sample=other", "size=inf sample=paper"}));
  EXPECT_EQ(trials_of(plan), (std::vector<std::int64_t>{3, 12, 3}));
}

TEST(Plan, GivesGroupsSeveralTimesTheTrials) {
  const Plan plan = plans({.ids = {"test/times"}}).front();
  EXPECT_EQ(trials_of(plan), (std::vector<std::int64_t>{6, 10}));
}

TEST(Plan, RefusesAGridThatIsTooLargeBeforeItIsMade) {
  Texts many;
  for (int i = 1; i <= 4000; ++i) many.push_back(std::to_string(i));
  auto wishes = sample_with("d", many);
  wishes.overrides.push_back({"", "scale", many});
  EXPECT_TRUE(contains(message_of(wishes), "1.6e+07 combinations of parameters are too many for one run"));
}

TEST(Plan, NamesTheNearestNameOfWhatIsUnknown) {
  EXPECT_TRUE(contains(message_of(sample_with("scal", {"1"})), "unknown parameter 'scal'; did you mean 'scale'?"));
  EXPECT_TRUE(contains(message_of(sample_with("fault", {"thrown"})), "unknown value 'thrown'; did you mean 'throws'?"));
  EXPECT_EQ(message_of({.ids = {"test/smaple"}}), "unknown experiment 'test/smaple'; did you mean 'test/sample'?");
}

TEST(Plan, ChecksWhatIsSaidOfExperimentsThatAreNotRun) {
  auto wishes = sample_wishes();
  wishes.overrides = {{"test/batched", "m", {"1"}}};
  EXPECT_EQ(groups(wishes).size(), 3U);
  wishes.overrides = {{"test/batched", "n", {"1"}}};
  EXPECT_TRUE(contains(message_of(wishes), "test/batched: unknown parameter 'n'; did you mean 'm'?"));
  wishes.overrides = {{"test/batche", "m", {"1"}}};
  EXPECT_TRUE(contains(message_of(wishes), "unknown experiment 'test/batche'; did you mean 'test/batched'?"));
}

TEST(Plan, RefusesValuesOfTheWrongTypeOrRange) {
  EXPECT_TRUE(contains(message_of(sample_with("d", {"1.5"})), "d: '1.5' is not an integer"));
  EXPECT_TRUE(contains(message_of(sample_with("d", {"0"})), "d: 0 is out of range (expected 1 to 4096)"));
  EXPECT_TRUE(contains(message_of(sample_with("scale", {"big"})), "scale: 'big' is not a number"));
  EXPECT_TRUE(contains(message_of(sample_with("scale", {"nan"})), "not a number"));
  EXPECT_TRUE(contains(message_of(sample_with("flag", {"yes"})), "neither true nor false"));
}

TEST(Plan, NamesTheSweepWhereSeveralValuesWereSet) {
  EXPECT_EQ(message_of(sample_with("d", {"16,64"})),
            "d: '16,64' is not an integer; for several values: --sweep d=16,64");
}

TEST(Plan, NamesTheRuleThatLeavesNoGroup) {
  auto wishes = sample_with("scale", {"2"});
  wishes.overrides.push_back({"", "d", {"64", "128"}});
  EXPECT_EQ(message_of(wishes),
            "test/sample: no combination of these parameters is valid: scale = 2 goes with d = 16 alone; d = 16 would "
            "be, in place of 64,128");
}

TEST(Plan, RefusesMoreTrialsThanFitInMemory) {
  auto wishes = sample_wishes();
  for (const std::int64_t trials : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 62}) {
    wishes.trials = trials;
    EXPECT_TRUE(contains(message_of(wishes), "trials must be >= 1 and <= 10000000"));
  }
  wishes.trials = 9'000'000;
  EXPECT_TRUE(contains(message_of(wishes), "3 groups of 9000000 trials are too many for one run"));
}

TEST(Plan, IsShownWithEveryParameter) {
  EXPECT_EQ(to_text(sample_plan()),
            "test/sample  preset quick, seed 42, stream philox, 5 trials a group\n"
            "  d=16,64 scale=1,2 fault=none flag=true\n");
}

TEST(Plan, TakesInfinityWhereOneIsDeclared) {
  EXPECT_TRUE(contains(message_of(sample_with("scale", {"inf"})), "scale: 'inf' is not a number"));
  const Plan plan = plans({.ids = {"test/fresh"}, .overrides = {{.parameter = "size", .values = {"inf"}}}}).front();
  EXPECT_TRUE(same_value(plan.lists.front().second.front(), std::numeric_limits<double>::infinity()));
  const Plan read = detail::plan_from_json(detail::to_json(plan));
  EXPECT_TRUE(differences(read, plan).empty());
  EXPECT_EQ(groups(read), groups(plan));
}

TEST(Plan, RefusesSeedsNumPyDoesNotHave) {
  auto wishes = sample_wishes();
  wishes.stream = Stream::Numpy;
  for (const std::uint64_t seed : {std::uint64_t{0xffffffff}, ~std::uint64_t{0}}) {
    wishes.seed = seed;
    EXPECT_TRUE(contains(message_of(wishes), "32 bits"));
  }
}

TEST(Growth, AddsValuesInTheirOrderAndTrials) {
  const Plan stored = with("d", {"16", "256"}), further = with("d", {"64"}, 7);
  const Plan both = grown(stored, further);
  EXPECT_EQ(groups(both), (Texts{"d=16 scale=1 fault=none flag=true", "d=16 scale=2 fault=none flag=true",
                                 "d=64 scale=1 fault=none flag=true", "d=256 scale=1 fault=none flag=true"}));
  EXPECT_EQ(trials_of(both), (std::vector<std::int64_t>{5, 5, 7, 5}));
  EXPECT_EQ(groups(grown(further, stored)), groups(both));
}

// Two sweeps of two parameters are not the product of all their values.
TEST(Growth, RunsNothingThatWasNotAskedFor) {
  auto first = sample_with("d", {"16"}), second = sample_with("d", {"64"});
  first.overrides.push_back({"", "scale", {"2"}});
  second.overrides.push_back({"", "scale", {"1"}});
  const Plan both = grown(plans(first).front(), plans(second).front());
  EXPECT_EQ(groups(both), (Texts{"d=16 scale=2 fault=none flag=true", "d=64 scale=1 fault=none flag=true"}));
  EXPECT_EQ(both.sweeps.size(), 2u);
}

TEST(Growth, TheLatestSweepSaysHowManyTrialsAndTheMergedOnesTheLargerNumber) {
  const Plan many = with("d", {"16", "64"}, 9), few = with("d", {"16", "64"}, 2);
  EXPECT_EQ(trials_of(grown(many, few)), (std::vector<std::int64_t>{2, 2, 2}));
  EXPECT_EQ(grown(many, few).sweeps.size(), 1u);  // the first is repeated by the second
  EXPECT_EQ(trials_of(joined(many, few)), (std::vector<std::int64_t>{9, 9, 9}));
  EXPECT_EQ(trials_of(joined(few, many)), (std::vector<std::int64_t>{9, 9, 9}));
}

TEST(Growth, IsReadBackAsItWasStored) {
  const Plan both = grown(with("d", {"16", "256"}), with("d", {"64"}, 7));
  const Plan read = detail::plan_from_json(detail::to_json(both));
  EXPECT_EQ(groups(read), groups(both));
  EXPECT_EQ(trials_of(read), trials_of(both));
  EXPECT_FALSE(detail::to_json(sample_plan()).contains("earlier_sweeps"));
}

TEST(Growth, RefusesSweepsOfDifferentParameters) {
  auto json = detail::to_json(grown(with("d", {"16", "256"}), with("d", {"64"}, 7)));
  json["earlier_sweeps"][0]["parameters"].erase("d");
  EXPECT_TRUE(
      contains(testing::message_of([&] { detail::plan_from_json(json); }), "sweeps are of different parameters"));
}

TEST(Differences, NameWhatDoesNotBelongTogether) {
  auto changed = sample_with("d", {"16", "128"});
  changed.trials = 99;
  EXPECT_TRUE(differences(sample_plan(), plans(changed).front()).empty());
  changed.seed = 7;
  EXPECT_EQ(differences(sample_plan(), plans(changed).front()), (Texts{"seed: 42 -> 7"}));
  Plan stored = sample_plan();
  stored.lists[0].second = {std::int64_t{5000}};
  stored.lists[3].first = "flags";
  EXPECT_EQ(differences(stored, sample_plan()),
            (Texts{"flag: (absent) -> true", "d: takes 5000 no more", "flags: true -> (absent)"}));
}

TEST(Params, RefuseAWrongNameOrType) {
  const Params params({{"d", 16}, {"lr", 0.5}});
  EXPECT_EQ(params.integer("d"), 16);
  EXPECT_THROW(params.real("d"), Error);
  EXPECT_THROW(params.integer("depth"), Error);
  EXPECT_TRUE(Selection({{"d", 16.0}}).matches(params));
  EXPECT_FALSE(Selection({{"d", 16}, {"lr", 0.25}}).matches(params));
}

TEST(EditDistance, CountsInsertionsDeletionsAndSubstitutions) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("same", "same"), 0U);
}

}  // namespace
}  // namespace sigmagrad::lab
