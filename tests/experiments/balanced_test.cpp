// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/two_layer.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

using namespace experiments::balanced;

TEST(Balanced, TasksAreWhite) {
  Generator generator(3);
  const auto task = random_task(3, 4, 10, generator);
  EXPECT_TRUE(close(matmul(task.X.t(), task.X) / 10.0, eye(3), 1e-13));
  const auto least = squared_error(matmul(task.X, task.Sigma.t()), task.Y);
  EXPECT_NEAR(task.irreducible_loss().item(), least.item(), 1e-13);
}

// Every trial of a batch for itself: the same bits as alone.
TEST(Balanced, DescentOfABatchIsThatOfItsTrials) {
  std::vector<Start> starts;
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    Generator generator(seed);
    const auto task = random_task(3, 3, 8, generator);
    starts.push_back({task, theory::lambda_balanced(0.5, {3, 3, 3}, {}, generator)});
  }
  const auto [task, weights] = stacked(starts);
  const TwoLayer together(weights), alone(starts[1].weights);
  Descent all(together, task, 0.01), one(alone, starts[1].task, 0.01);
  all.run(50);
  one.run(50);
  EXPECT_TRUE(same(together.product().select(0, 1), alone.product()));
  EXPECT_EQ(all.loss().to_vector()[1], one.loss().item());
}

TEST(Balanced, StepsGrowByARatio) {
  EXPECT_EQ(geometric_steps(1, 1000, 4), (std::vector<std::int64_t>{1, 10, 100, 1000}));
  EXPECT_EQ(geometric_steps(1, 3, 9), (std::vector<std::int64_t>{1, 2, 3}));
}

TEST(Balanced, SizesAreReadFromAText) {
  const auto n = parse_sizes("3x4x12");
  EXPECT_EQ(n.n_i, 3);
  EXPECT_EQ(n.n_h, 4);
  EXPECT_EQ(n.n_o, 12);
  for (const char* wrong : {"", "3x4", "3x4x5x6", "3x0x5", "axbxc"})
    EXPECT_NE(error_of([&] { parse_sizes(wrong); }), "no error") << wrong;
}

TEST(Balanced, AlignedModesFollowTheirSolution) {
  const auto result = run_json("balanced/aligned --trials 2 --set t_end=4 --set sizes=3x3x3 --sweep lambda=-0.5,0,0.5");
  for (const auto& group : result.at("groups")) {
    const double lr = group.at("params").at("lr");
    EXPECT_LT(metric(group, "deviation"), lr) << group.at("params");
    EXPECT_LT(metric(group, "off_diagonal"), 1e-12);
  }
}

TEST(Balanced, AlignedModesOfUnequalSizes) {
  const auto result = run_json("balanced/aligned --trials 3 --set t_end=8 --sweep lambda=-0.5,0,0.5");
  EXPECT_EQ(result.at("groups").size(), 10u);  // one sign each of the unequal sizes, and 0, at one step
  EXPECT_EQ(verdict_of(result, "completely captured"), "holds");
  EXPECT_EQ(verdict_of(result, "either sign"), "does not hold");
  const auto zero = group_of(result, {{"lambda", 0.0}, {"lr", 0.001}, {"sizes", "5x5x5"}});
  EXPECT_NEAR(metric(zero, "half_time") / metric(zero, "half_time_exact"), 1.0, 0.01);
  EXPECT_NEAR(metric(zero, "steepest"), 0.5, 0.05);
  EXPECT_NEAR(metric(zero, "late_rate") / metric(zero, "rate_exact"), 1.0, 0.02);
}

TEST(Balanced, UnalignedDescentFollowsTheExactSolution) {
  const auto result =
      run_json("balanced/unaligned --trials 2 --set steps=4000 --set lr=1e-4 --sweep lambda=-50,0.01,50");
  for (const char* name : {"product", "input", "output", "kernel", "loss"})
    for (const double lambda : {-50.0, 0.01, 50.0}) {
      const auto group = group_of(result, {{"study", "descent"}, {"lambda", lambda}});
      EXPECT_LT(metric(group, std::string(name) + "_deviation"), 0.01) << name << ' ' << lambda;
    }
  EXPECT_EQ(verdict_of(result, "matches gradient descent"), "holds");
}

TEST(Balanced, AccuracyFallsWithTheStep) {
  const auto result = run_json("balanced/accuracy --trials 2 --set n=5 --set study=lr --sweep position=0,1");
  const auto& groups = result.at("groups");
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_NEAR(metric(groups.at(0), "lr"), 1e-4, 1e-18);
  EXPECT_GT(metric(groups.at(1), "deviation"), 5 * metric(groups.at(0), "deviation"));
  EXPECT_EQ(verdict_of(result, "almost constant"), "not tested");
}

TEST(Balanced, ANarrowHiddenLayerIsNotLazy) {
  const auto result = run_json("balanced/dimensions --trials 2 --sweep lambda=-1000,10,1000");
  for (const auto& group : result.at("groups")) EXPECT_LT(metric(group, "time_error"), 1e-2) << group.at("params");
  EXPECT_EQ(verdict_of(result, "as large as the strong side"), "holds");
  EXPECT_EQ(verdict_of(result, "whatever the sizes"), "does not hold");
}

}  // namespace
}  // namespace sigmagrad::testing
