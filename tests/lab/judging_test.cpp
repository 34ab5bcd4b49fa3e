// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <sigmagrad/lab/model/judging.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/small_results.hpp>

namespace sigmagrad::lab {
namespace {

using testing::contains;
using testing::depth;
using testing::error;
using testing::falling_ranks;
using testing::group_of;
using testing::rank;
using testing::scale;

JudgedClaim judged(const Results& results, Claim claim) {
  claim.claim = "a claim";
  return judge(results, {std::move(claim)}).front();
}
Verdict verdict(const Results& results, const Condition& holds, const Condition& in_shape = {}) {
  return judged(results, {.holds = holds, .in_shape = in_shape}).verdict;
}

TEST(Judging, TermsSpeakOfEveryGroup) {
  const auto results = falling_ranks();
  EXPECT_EQ(verdict(results, decreases(median(rank), depth)), Verdict::Holds);
  EXPECT_EQ(verdict(results, increases(median(rank), depth)), Verdict::DoesNotHold);
  EXPECT_EQ(verdict(results, below(median(rank), 31.0)), Verdict::Holds);
  EXPECT_EQ(verdict(results, below(median(rank), 25.0)), Verdict::DoesNotHold);
  EXPECT_EQ(verdict(results, above(median(rank), 0.5)), Verdict::Holds);
  EXPECT_EQ(verdict(results, within(median(rank).at(scale == 0.1), 0.5, 3.5)), Verdict::Holds);
  EXPECT_EQ(verdict(results, near(median(rank).at(scale == 0.1 && depth == 2), 2.1, 0.1)), Verdict::Holds);
}

// `!(a > b)` is true where one group is not above.
TEST(Judging, LimitsAreKeptInEveryGroupAndTheWorstIsShown) {
  const Results results({group_of(1, 0.1, {1.0, 1.0, 1.0}), group_of(1, 0.01, {30.0, 30.0, 30.0})});
  EXPECT_EQ(verdict(results, median(rank) <= 30.0), Verdict::Holds);
  EXPECT_EQ(verdict(results, median(rank) >= 1.0), Verdict::Holds);
  EXPECT_EQ(verdict(results, median(rank) <= 29.0), Verdict::DoesNotHold);
  EXPECT_EQ(verdict(results, median(rank) >= 1.5), Verdict::DoesNotHold);
  EXPECT_EQ(verdict(results, !(median(rank) > 29.0)), Verdict::Holds);
  const auto claim = judged(results, {.holds = median(rank) <= 40.0});
  EXPECT_TRUE(contains(claim.measured, "30")) << claim.measured;
  EXPECT_TRUE(contains(claim.measured, "scale = 0.01")) << claim.measured;
  const Results nothing({group_of(1, 0.1, {0.0, 0.0, 0.0})});
  EXPECT_EQ(verdict(nothing, mean(rank) / mean(rank) <= 1.0), Verdict::Undecided);
}

TEST(Judging, ShowsTheLineThatComesClosestToATurnOfMany) {
  std::vector<Group> groups;
  for (const double s : {1.0, 0.1, 0.01})
    for (const std::int64_t d : {1, 2, 3})
      groups.push_back(group_of(d, s, std::vector(2, (s == 0.1 ? 1.0 : 2.0) * double(d))));
  const auto claim = judged(Results(groups), {.holds = increases(median(rank), depth)});
  EXPECT_EQ(claim.verdict, Verdict::Holds);
  EXPECT_TRUE(contains(claim.measured, "scale = 0.1")) << claim.measured;
  EXPECT_FALSE(contains(claim.measured, "scale = 0.01")) << claim.measured;
}

TEST(Judging, PutsNumbersIntoTheReason) {
  const Statistic first = median(rank).at(scale == 0.1 && depth == 1);
  const Claim claim{.holds = first > 0.5,
                    .why = {"The first is {:.1f}, {:.0f} times the last.", {first, 3.0 * first / 3.0}}};
  EXPECT_EQ(judged(falling_ranks(), claim).why, "The first is 3.0, 3 times the last.");
}

TEST(Judging, JoinsConditions) {
  const auto results = falling_ranks();
  const auto yes = median(rank) > 0.5, no = median(rank) > 100.0;
  EXPECT_EQ(verdict(results, yes && no), Verdict::DoesNotHold);
  EXPECT_EQ(verdict(results, yes || no), Verdict::Holds);
  EXPECT_EQ(verdict(results, !no), Verdict::Holds);
  EXPECT_EQ(verdict(results, no, yes), Verdict::HoldsInShape);
  EXPECT_EQ(verdict(results, all_of({yes, any_of({no, yes})})), Verdict::Holds);
}

TEST(Judging, IsUndecidedWhereTheScatterLeavesBothAnswersOpen) {
  const Results noisy({group_of(1, 0.1, {0.2, 1.9, 0.4, 1.7, 1.05, 0.9, 1.2, 0.7})});
  const auto claim = judged(noisy, {.holds = mean(rank) > 1.0});
  EXPECT_EQ(claim.verdict, Verdict::Undecided);
  EXPECT_TRUE(contains(claim.why, "times as many trials would decide")) << claim.why;
  EXPECT_TRUE(contains(claim.measured, "1.01 [")) << claim.measured;
  EXPECT_EQ(verdict(noisy, mean(rank) > 0.3), Verdict::Holds);
}

TEST(Judging, OneTrialDecidesNothingUnlessTrialsDrawNothing) {
  const Results one({group_of(1, 0.1, {5.0}), group_of(2, 0.1, {5.0, 5.1, 5.2})});
  const auto lone = mean(rank).at(depth == 1) > 1.0, several = mean(rank).at(depth == 2) > 1.0;
  const auto claim = judged(one, {.holds = lone});
  EXPECT_EQ(claim.verdict, Verdict::Undecided);
  EXPECT_TRUE(contains(claim.why, "one trial decides nothing")) << claim.why;
  EXPECT_EQ(judge(one, {{.claim = "a claim", .holds = lone}}, false).front().verdict, Verdict::Holds);
  EXPECT_EQ(verdict(one, several), Verdict::Holds);
  EXPECT_EQ(verdict(one, several && lone), Verdict::Undecided);
  EXPECT_EQ(verdict(one, several || lone), Verdict::Holds);
  EXPECT_EQ(verdict(one, lone && !several), Verdict::DoesNotHold);
  EXPECT_EQ(verdict(one, median_ratio(rank, depth == 2).at(depth == 1) > 0.5), Verdict::Undecided);
  const auto depths = expected("depth", [](const Params& p) { return static_cast<double>(p[depth]); });
  EXPECT_EQ(verdict(one, depths > 0.0), Verdict::Holds) << "no trial is behind a closed form";
  EXPECT_EQ(judged(one, {.printed = {{mean(rank).at(depth == 1), 5.0}}, .holds = printed_digits()}).verdict,
            Verdict::Undecided);
}

TEST(Judging, CountsResamplesWithoutANumber) {
  const Results zeros({group_of(1, 0.1, {0.0, 0.0, 0.0, 1.0})});
  const auto share = (mean(rank) / mean(rank)).called("share");  // no number where only zeros are drawn
  const auto claim = judged(zeros, {.holds = share > 0.5});
  EXPECT_EQ(claim.verdict, Verdict::Undecided);
  EXPECT_TRUE(contains(claim.measured, "of 1000 resamples give no finite number]")) << claim.measured;
  const Results nothing({group_of(1, 0.1, {0.0, 0.0, 0.0})});
  const auto lost = judged(nothing, {.holds = share < 0.5});
  EXPECT_EQ(lost.verdict, Verdict::Undecided);
  EXPECT_TRUE(contains(lost.why, "no number")) << lost.why;
}

TEST(Judging, ComparesGroupsOfTheSameSeedsInPairs) {
  std::vector<double> wild, shifted;
  for (int i = 0; i < 20; ++i) {
    wild.push_back(i % 2 == 0 ? 10.0 + i : -10.0 - i);
    shifted.push_back(wild.back() + 0.5);
  }
  const Results results({group_of(1, 0.1, wild), group_of(2, 0.1, shifted)});
  EXPECT_EQ(verdict(results, mean(rank).at(depth == 2) > mean(rank).at(depth == 1)), Verdict::Holds);
}

TEST(Judging, HasTheSameDigitsEveryTime) {
  const Results noisy({group_of(1, 0.1, {0.2, 1.9, 0.4, 1.7, 1.05, 0.9, 1.2, 0.7})});
  const Claim claim{.holds = mean(rank) > 1.0};
  EXPECT_EQ(judged(noisy, claim).measured, judged(noisy, claim).measured);
  EXPECT_EQ(judged(noisy, claim).why, judged(noisy, claim).why);
}

// The steps are half as large as their scatter: of thirty, some step goes the wrong way in nearly every resample.
TEST(Judging, DoesNotTakeTheNoiseOfManyComparisonsForAnAnswer) {
  std::vector<Group> groups;
  std::vector<double> values;
  for (std::int64_t d = 0; d < 30; ++d) {
    values.clear();
    for (int i = 0; i < 8; ++i) values.push_back(static_cast<double>(d) + 4.0 * ((i * 7 + d * 5) % 8 < 4 ? 1 : -1));
    groups.push_back(group_of(d, 0.1, values));
  }
  EXPECT_EQ(verdict(Results(groups), decreases(mean(rank), depth)), Verdict::DoesNotHold);
  groups.back() = group_of(29, 0.1, {27.5, 28.2, 27.1, 28.9, 27.9, 28.6, 27.2, 28.4});
  groups[28] = group_of(28, 0.1, {27.6, 28.3, 27.0, 28.8, 28.0, 28.7, 27.3, 28.5});
  EXPECT_EQ(verdict(Results(groups), increases(mean(rank), depth)), Verdict::Undecided);
}

TEST(Judging, WantsEveryValueThatWasNamedAndNoGroupWithoutATrial) {
  const auto results = falling_ranks();
  EXPECT_EQ(verdict(results, below(median(rank).at(among(depth, {1, 2})), 100.0)), Verdict::Holds);
  EXPECT_EQ(verdict(results, below(median(rank).at(among(depth, {1, 2, 7})), 100.0)), Verdict::NotTested);
  Group failed(Params({{"depth", std::int64_t{2}}, {"scale", 0.1}}));
  failed.add(Failure{.trial = 0, .reason = "diverged"});
  const Results half({group_of(1, 0.1, {1, 2, 3}), failed});
  EXPECT_EQ(verdict(half, below(median(rank), 100.0)), Verdict::NotTested);
  EXPECT_EQ(verdict(half, below(median(rank).at(depth == 1), 100.0)), Verdict::Holds);
}

TEST(Judging, ComparesPrintedDigits) {
  const auto results = falling_ranks(scale == 0.1);
  const Claim right{.printed = {{median(rank).at(depth == 1), 3.03}, {median(rank).at(depth == 3), 0.99}},
                    .holds = printed_digits()};
  const auto found = judged(results, right);
  EXPECT_EQ(found.verdict, Verdict::Holds);
  EXPECT_EQ(found.printed, "median effective rank at depth = 1: 3.03; median effective rank at depth = 3: 0.99");
  EXPECT_TRUE(contains(found.measured, "median effective rank at depth = 1: 3 [2.9, 3.1];")) << found.measured;
  const Claim wrong{.printed = {{median(rank).at(depth == 1), 3.1}}, .holds = printed_digits()};
  EXPECT_EQ(judged(results, wrong).verdict, Verdict::DoesNotHold);
}

TEST(Judging, SaysWhatWasAsked) {
  const auto results = falling_ranks(scale == 0.1);
  const auto at_1 = median(rank).at(depth == 1), at_3 = median(rank).at(depth == 3);
  const auto measured = [&](const Condition& condition) { return judged(results, {.holds = condition}).measured; };
  EXPECT_TRUE(contains(measured(at_1 > 2.0), ", to be above 2"));
  EXPECT_TRUE(contains(measured(at_1 > at_3), ", to be above median effective rank at depth = 3: "));
  EXPECT_TRUE(contains(measured(!(at_1 <= 2.0)), ", not to be at most 2"));
  EXPECT_TRUE(contains(measured(within(at_1, 2.0, 4.0)), ", to be between 2 and 4"));
  EXPECT_TRUE(contains(measured(near(at_1, 3.0, 0.05)), ", to be within 5% of 3"));
  EXPECT_TRUE(contains(measured(decreases(median(rank), depth)), ", to fall with depth"));
  EXPECT_TRUE(contains(judged(results, {.holds = at_1 > 4.0, .in_shape = at_1 > 2.0}).measured,
                       ", to be above 4; in shape: median effective rank at depth = 1: "));
}

TEST(Judging, DoesNotTestWhatWasNotRun) {
  const auto results = falling_ranks();
  const auto claim = judged(results, {.holds = median(rank).at(depth == 9) > 1.0, .why = "because"});
  EXPECT_EQ(claim.verdict, Verdict::NotTested);
  EXPECT_TRUE(contains(claim.why, "depth = 9")) << claim.why;
  EXPECT_EQ(verdict(results, median(error) > 1.0), Verdict::NotTested);
  EXPECT_EQ(verdict(results, decreases(median(rank).at(depth == 1), depth)), Verdict::NotTested);
}

TEST(Judging, TakesFunctionsForWhatHasNoTerm) {
  const auto results = falling_ranks();
  const auto claim = judged(
      results,
      {.holds = [](const Results& r) { return Judgement{.holds = r.where().size() == 6, .measured = "six groups"}; },
       .why = [](const Results&) { return std::string("computed"); }});
  EXPECT_EQ(claim.verdict, Verdict::Holds);
  EXPECT_EQ(claim.measured, "six groups");
  EXPECT_EQ(claim.why, "computed");
}

TEST(Judging, AsksFunctionsOfTheResamplesToo) {
  const auto exceeds = [](double limit) {
    return [limit](const Results& r) { return Judgement{.holds = r.at(depth == 1).mean(rank) > limit}; };
  };
  const Results noisy({group_of(1, 0.1, {0.2, 1.9, 0.4, 1.7, 1.05, 0.9, 1.2, 0.7})});
  EXPECT_EQ(verdict(noisy, exceeds(1.0)), Verdict::Undecided);
  EXPECT_EQ(verdict(noisy, exceeds(0.3)), Verdict::Holds);
  EXPECT_EQ(verdict(noisy, exceeds(1.9)), Verdict::DoesNotHold);
  EXPECT_EQ(verdict(Results({group_of(1, 0.1, {1.0})}), exceeds(0.3)), Verdict::Undecided);
}

}  // namespace
}  // namespace sigmagrad::lab
