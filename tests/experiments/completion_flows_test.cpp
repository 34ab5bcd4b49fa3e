// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/completion/factorization.hpp>
#include <sigmagrad/experiments/completion/limits.hpp>
#include <sigmagrad/experiments/completion/observations.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/runs.hpp>
#include <sigmagrad/theory/coupling.hpp>

namespace sigmagrad::experiments::completion {
namespace {

using sigmagrad::testing::claim_of;
using sigmagrad::testing::expect_claims_hold;
using sigmagrad::testing::run_json;
using sigmagrad::testing::value_of;

TEST(Observations, Has23PatternsUpToSymmetry) {
  const auto patterns = patterns_up_to_symmetry(3);
  EXPECT_EQ(patterns.size(), 23u);
  const auto connected = [](const std::string& pattern) { return theory::is_connected(mask_of(pattern)); };
  EXPECT_EQ(std::ranges::count_if(patterns, connected), 17);
  EXPECT_EQ(patterns_up_to_symmetry(2), (std::vector<std::string>{"11/00", "10/01", "11/10"}));
}

TEST(Observations, AreReadRowByRow) {
  EXPECT_TRUE(allclose(mask_of("110/001/000"), tensor({{1, 1, 0}, {0, 0, 1}, {0, 0, 0}})));
}

std::vector<Trial> trials(std::int64_t count) {
  std::vector<Trial> result(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) result[static_cast<std::size_t>(i)] = TrialKey{.index = i};
  return result;
}

TEST(Observations, AreSplitIntoBlocksIfThoseAreComplete) {
  const auto observed = mask_of("110/110/001");
  const auto blocks = complete_blocks(observed);
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_TRUE(allclose(blocks[0] + blocks[1], observed));
  EXPECT_TRUE(complete_blocks(mask_of("110/100/001")).empty());
}

TEST(Starts, HaveTheScaleOfTheirProduct) {
  const StartSize start{4, 3, 1e-6};
  EXPECT_NEAR(start.alpha(), 1e-2, 1e-15);
  const auto identity = identity_start(2, start, 4.0);
  EXPECT_TRUE(allclose(identity[2].select(0, 1), 1e-2 * (0.25 * ones({4, 4}) + 0.75 * eye(4)), 1e-14, 0.0));

  const auto some = trials(200);
  const auto spread = [](const Tensor& w) { return std::sqrt(mean(square(w)).item()); };
  const auto factors = gaussian_start(some, start);
  for (const auto& factor : factors) EXPECT_NEAR(spread(factor), 1e-2, 5e-4);
  const auto tied = gaussian_start(some, start, Convention::Authors);
  EXPECT_NEAR(spread(tied[0]), 0.5e-2, 2.5e-4);
  EXPECT_TRUE(allclose(tied[0], tied[2], 0.0, 0.0));
}

TEST(Starts, AreTheTrialsOwn) {
  const auto some = trials(5);
  const auto together = gaussian_start(some, {3, 2, 1e-2});
  const auto alone = gaussian_start(std::span(some).subspan(3, 1), {3, 2, 1e-2});
  EXPECT_TRUE(allclose(together[1].select(0, 3), alone[1].select(0, 0), 0.0, 0.0));
  EXPECT_TRUE(allclose(rank_one_targets(some, 3).select(0, 3),
                       rank_one_targets(std::span(some).subspan(3, 1), 3).select(0, 0), 0.0, 0.0));
}

TEST(Completion, LossesDifferByWhatTheyAreDividedBy) {
  const auto products = tensor({1, 9, 9, 3}, {1, 2, 2});
  Completion task{tensor({{0, 0}, {0, 1}}), eye(2)};  // errors 1 and 2 on the diagonal
  EXPECT_DOUBLE_EQ(task.loss(products).item(), 2.5);
  task.reduction = Reduction::MeanObserved;
  EXPECT_DOUBLE_EQ(task.loss(products).item(), 2.5);
  task.reduction = Reduction::Mean;
  EXPECT_DOUBLE_EQ(task.loss(products).item(), 1.25);
  EXPECT_DOUBLE_EQ(task.unobserved_rmse(products).item(), 9.0);
}

TEST(Flow, EndsAtTheClosedForms) {
  const auto some = trials(4);
  const Completion task{rank_one_targets(some, 2), mask_of("10/01")};
  const auto start = gaussian_start(some, {2, 2, 1e-2});
  const Factorization two(start);
  const optim::GradientFlowOptions options{.rtol = 1e-8, .loss_below = 1e-16};
  const auto limits = two_factor_limits(start, task);
  follow_flow(two, task, options);
  EXPECT_TRUE(allclose(two.product(), limits, 0.0, 1e-6));

  const StartSize small{3, 4, 1e-3};
  const Factorization four(identity_start(1, small, 10.0));
  follow_flow(four, {eye(3), eye(3)}, options);
  EXPECT_TRUE(
      allclose(linalg::svdvals(four.product()).select(0, 0), linalg::svdvals(diagonal_limit(small, 10.0)), 0.0, 1e-6));
}

TEST(CompletionExperiments, ConnectivityIsOfRankOneWhereCoupled) {
  const auto result = run_json("completion/connectivity --trials 60 --sweep scale=1e-1,1e-3");
  const auto rank = [&](const char* pattern, int depth, double scale) {
    return value_of(result, {{"pattern", pattern}, {"depth", depth}, {"scale", scale}}, "effective_rank", "mean");
  };
  EXPECT_GT(rank("diagonal", 2, 1e-3), 1.2);
  EXPECT_LT(rank("diagonal", 3, 1e-3), 1.07);
  EXPECT_LT(rank("column", 2, 1e-3), 1.05);
  EXPECT_NEAR(
      rank("diagonal", 2, 1e-3),
      value_of(result, {{"pattern", "diagonal"}, {"depth", 2}, {"scale", 1e-3}}, "limiting_effective_rank", "mean"),
      1e-3);
  EXPECT_EQ(claim_of(result, "strengthened by depth").at("source"), "paper 002, section 1, figure 1");
}

TEST(CompletionExperiments, OptionsChangeWhatTheyName) {
  const std::string one = "completion/connectivity --trials 20 --set pattern=diagonal --set depth=2 --set scale=1e-2 ";
  const auto ends = run_json(one + "--sweep entropy=values,squares --sweep convention=paper,authors");
  const auto rank = [&](const char* entropy, const char* convention) {
    return value_of(ends, {{"entropy", entropy}, {"convention", convention}}, "effective_rank", "mean");
  };
  EXPECT_LT(rank("squares", "paper"), rank("values", "paper") - 0.05);
  EXPECT_GT(std::abs(rank("values", "authors") - rank("values", "paper")), 1e-3);

  const auto early = run_json(one + "--set tolerance=0 --set time=3 --sweep loss=half-sum,mean-observed,mean-all");
  const auto after = [&](const char* loss, const char* metric) {
    return value_of(early, {{"loss", loss}}, metric, "mean");
  };
  EXPECT_NEAR(after("half-sum", "time_to_stop"), 3.0, 1e-12);
  EXPECT_NEAR(after("half-sum", "loss"), after("mean-observed", "loss"), 1e-6);  // two entries are observed
  EXPECT_GT(std::abs(after("half-sum", "loss") - after("mean-all", "loss")), 0.01);
}

TEST(CompletionExperiments, GaussianAndTheoremsStartsHold) { expect_claims_hold(run_json("completion/gaussian")); }
// The start (7) divided by sqrt(3) in each of three factors is that of a scale 3^1.5 times smaller.
TEST(CompletionExperiments, TheAuthorsStartFromTheIdentityIsSmaller) {
  const std::string one = "completion/gaussian --set start=identity --set depth=3 --set m=10 ";
  const auto authors = run_json(one + "--set convention=authors --set scale=1e-2");
  const auto same = run_json(one + "--set scale=" + std::to_string(1e-2 / std::pow(3.0, 1.5)));
  for (const char* rank : {"effective_rank", "limiting_effective_rank"})
    EXPECT_NEAR(value_of(authors, {}, rank), value_of(same, {}, rank), 1e-3) << rank;
  EXPECT_LT(value_of(authors, {}, "limiting_effective_rank"),
            value_of(run_json(one + "--set scale=1e-2"), {}, "limiting_effective_rank") - 0.01);
}

TEST(CompletionExperiments, NoisyDiagonalsHold) { expect_claims_hold(run_json("completion/noisy")); }

TEST(CompletionExperiments, UnequalDiagonalsEndAtTheirKnownRanks) {
  const auto result = run_json("completion/unequal --set lr=0 --sweep scale=1e-1,1e-3");
  const auto rank = [&](const nlohmann::json& m, int depth, double scale) {
    return value_of(result, {{"m", m}, {"depth", depth}, {"scale", scale}}, "stable_rank", "mean");
  };
  EXPECT_NEAR(rank(10.0, 2, 1e-3), 1.4685, 1e-3);
  EXPECT_NEAR(rank(100.0, 3, 1e-1), 1.7870, 1e-3);
  EXPECT_NEAR(rank(100.0, 4, 1e-1), 1.5273, 1e-3);
  EXPECT_NEAR(rank(100.0, 3, 1e-3), 1.0100, 1e-3);
  EXPECT_NEAR(rank("inf", 4, 1e-3), 1.875, 1e-3);
}

TEST(CompletionExperiments, PatternsReachTheLeastNuclearNorm) {
  const auto result = run_json("completion/patterns --trials 3 --set pattern=110/110/001 --set depth=2");
  EXPECT_LT(value_of(result, {{"scale", 1e-7}}, "nuclear_norm_gap", "mean"), 1e-5);
  EXPECT_GT(value_of(result, {{"scale", 1e-1}}, "nuclear_norm_gap", "mean"), 1e-2);
}

TEST(CompletionExperiments, OptimisersOfSmallStepsFollowTheFlow) {
  const auto result = run_json("completion/optimizers --trials 4 --set scale=1e-3 --sweep optimizer=flow,gd,sgd,muon");
  const auto rank = [&](const char* optimizer, int depth) {
    return value_of(result, {{"optimizer", optimizer}, {"depth", depth}}, "stable_rank", "mean");
  };
  for (const int depth : {2, 3, 4}) EXPECT_NEAR(rank("gd", depth), rank("flow", depth), 0.05) << depth;
  EXPECT_NEAR(rank("sgd", 2), rank("flow", 2), 0.01);
  EXPECT_GT(rank("muon", 2), 3.0);
  for (const auto& group : result.at("groups")) EXPECT_LT(group.at("metrics").at("loss").at("max"), 1e-6);
}

}  // namespace
}  // namespace sigmagrad::experiments::completion
