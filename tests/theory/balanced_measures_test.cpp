// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/balanced_problems.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/golden.hpp>

namespace sigmagrad::theory {
namespace {

using sigmagrad::testing::close;
using sigmagrad::testing::error_of;
using sigmagrad::testing::relative_distance;

class ReferenceNetwork : public ::testing::Test {
 protected:
  Tensor matrix(const char* name) const { return testing::golden_tensor(file[name]); }
  double number(const char* name) const { return file[name]; }

  const nlohmann::json file = testing::golden("balanced_ntk.json");
  const Tensor X = matrix("X").t(), Y = matrix("Y").t(), W1 = matrix("W1"), W2 = matrix("W2");
  const Representations grams = representations(W1, W2);
  const Tensor first = matrix("Sigma1"), second = matrix("Sigma2");
};

TEST_F(ReferenceNetwork, KernelAndSimilarities) {
  EXPECT_TRUE(close(tangent_kernel(grams.input, grams.output, X), matrix("NTK"), 1e-9));
  EXPECT_TRUE(close(input_similarity(grams.input, X), matrix("RSM_I"), 1e-9));
  EXPECT_TRUE(close(output_similarity(grams.output, Y), matrix("RSM_O"), 1e-9));
}

TEST_F(ReferenceNetwork, BalancednessDividesByTheHiddenSize) {
  const auto [lambda, distance] = balancedness(W1, W2);
  EXPECT_NEAR(lambda.item(), number("lam_star"), 1e-9);
  EXPECT_NEAR(distance.item(), number("dist"), 1e-9);
}

TEST_F(ReferenceNetwork, TaskSpecificScore) {
  const auto [input, output] = task_specific_score(grams, first);
  EXPECT_NEAR(input.item(), number("TSC_in"), 1e-9);
  EXPECT_NEAR(output.item(), number("TSC_out"), 1e-9);
}

// The rate of equation 4.36 as printed, with a parenthesis misplaced, has another size.
TEST_F(ReferenceNetwork, ForgettingAndItsRate) {
  const double samples = static_cast<double>(Y.size(0));
  const double constant = 0.5 * square(Y).sum().item() / samples - 0.5 * square(first).sum().item();
  EXPECT_NEAR(task_loss(matmul(W2, W1), first).item() + constant, number("loss_task1"), 1e-9);
  const auto Q = cat({W1.t(), W2}, 0);
  EXPECT_NEAR(forgetting_rate(matmul(Q, Q.t()), second, first).item(), number("rate_loss1_while_training_task2_tau1"),
              1e-9);
  EXPECT_NEAR(forgetting(first, first, second).item(), number("forget_1_from1_to2"), 1e-9);
}

TEST(ForgettingRate, IsTheSlopeOfTheOtherTasksLoss) {
  const auto p = testing::balanced_problem(3, 4, 5, 0.6, 1), other = testing::balanced_problem(3, 4, 5, 0.6, 2);
  const BalancedDynamics flow(p.W1, p.W2, p.Sigma);
  const double t = 0.3, h = 1e-4;
  const auto losses = task_loss(flow.product({t - h, t + h}), other.Sigma);
  const double slope = (losses.select(0, 1) - losses.select(0, 0)).item() / (2 * h);
  EXPECT_NEAR(forgetting_rate(flow.qqt({t}), p.Sigma, other.Sigma).item(), slope, 1e-6 * std::abs(slope));
}

TEST(ConvergedRepresentations, AreWhereTheFlowEnds) {
  struct Sizes {
    std::int64_t n_i, n_h, n_o;
    double lambda;
  };
  for (const auto& [n_i, n_h, n_o, lambda] : {Sizes{3, 3, 3, 0.0},
                                              {3, 3, 3, 2.0},
                                              {3, 5, 5, 1.5},
                                              {5, 5, 3, -1.5},
                                              {3, 3, 5, -2.0},
                                              {4, 2, 5, 1.0},
                                              {3, 6, 4, 0.0},
                                              {3, 3, 5, 1e4}}) {
    // The first seed that does not end in a saddle.
    auto p = testing::balanced_problem(n_i, n_h, n_o, lambda, 4);
    for (std::uint64_t seed = 5; BalancedDynamics(p.W1, p.W2, p.Sigma).ends_in_saddle().item() > 0; ++seed)
      p = testing::balanced_problem(n_i, n_h, n_o, lambda, seed);
    const BalancedDynamics flow(p.W1, p.W2, p.Sigma);
    const double end = 1e3 * (1 + std::abs(lambda));
    const auto limit = converged_representations(p.Sigma, lambda, n_h);
    EXPECT_LE(relative_distance(flow.input_gram({end}).select(0, 0), limit.input), 1e-11) << p.describe();
    EXPECT_LE(relative_distance(flow.output_gram({end}).select(0, 0), limit.output), 1e-11) << p.describe();
  }
}

TEST(ConvergedRepresentations, SaysWhereTheyDependOnTheStart) {
  EXPECT_EQ(
      error_of([] {
        converged_representations(ones({5, 3}), 1.0, 4);
      }),
      "converged_representations: with lambda=1 needs n_h <= 3 or n_h = 5, otherwise they depend on the start or do "
      "not exist (got n_h=4)");
}

TEST(KernelDistance, IsZeroForProportionalKernels) {
  const auto p = testing::balanced_problem(3, 3, 3, 1.0, 1);
  const auto [input, output] = representations(p.W1, p.W2);
  EXPECT_NEAR(kernel_distance(input, 3.0 * input).item(), 0.0, 1e-15);
  EXPECT_NEAR(kernel_distance(eye(4), tensor({{1, 1, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}})).item(),
              1.0 - 1.0 / (2.0 * std::sqrt(3.0)), 1e-15);
}

TEST(RandomBalance, HasTheMeasuredMomentsOfEveryScheme) {
  // 20 000 draws at (6, 5, 9): variances on the diagonal 1.052, .758, 4.252.
  const TwoLayerSizes sizes{6, 5, 9};
  EXPECT_NEAR(random_balance(sizes, RandomInit::LeCun).diagonal_variance, 1.0533, 1e-3);
  EXPECT_NEAR(random_balance(sizes, RandomInit::Glorot).diagonal_variance, 0.764, 1e-3);
  EXPECT_NEAR(random_balance(sizes, RandomInit::He).diagonal_variance, 4.2133, 1e-3);
  EXPECT_NEAR(random_balance(sizes, RandomInit::LeCun).mean, 9.0 / 5 - 1, 1e-15);
  EXPECT_NEAR(scaled_random_balance({40, 200, 80}, 1.0, std::sqrt(2.0)).mean, -0.2, 1e-15);
  EXPECT_NEAR(random_balance({40, 200, 80}, RandomInit::Glorot).mean, 160.0 / 280 - 80.0 / 240, 1e-15);
}

TEST(RandomBalance, AgreesWithSimulation) {
  const std::int64_t draws = 4000, n_i = 6, n_h = 5, n_o = 9;
  Generator generator(3);
  const auto expected = random_balance({n_i, n_h, n_o}, 0.2, 0.3);
  const auto W1 = std::sqrt(0.2) * randn({draws, n_h, n_i}, generator);
  const auto W2 = std::sqrt(0.3) * randn({draws, n_o, n_h}, generator);
  const auto b = matmul(W2.t(), W2) - matmul(W1, W1.t());
  const auto mean_entries = b.mean(0), variances = var(b, 0);
  EXPECT_TRUE(close(mean_entries, expected.mean * eye(n_h), 0.06));
  EXPECT_NEAR(trace(variances).item() / 5, expected.diagonal_variance, 0.05 * expected.diagonal_variance);
  EXPECT_NEAR((variances.sum() - trace(variances)).item() / 20, expected.off_diagonal_variance,
              0.05 * expected.off_diagonal_variance);
  const double distance = std::sqrt(square(b - expected.mean * eye(n_h)).sum().item() / static_cast<double>(draws));
  EXPECT_NEAR(distance / (std::sqrt(5.0) * std::abs(expected.mean)), expected.relative_distance(),
              0.03 * expected.relative_distance());
}

// Convergence to lambda I is that of each entry: the relative distance of the matrices does not shrink with the width.
TEST(RandomBalance, DoesNotBecomeBalancedWithWidth) {
  const double narrow = random_balance({20, 20, 40}, RandomInit::LeCun).relative_distance();
  const double wide = random_balance({1280, 1280, 2560}, RandomInit::LeCun).relative_distance();
  EXPECT_NEAR(narrow, 1.75, 0.05);
  EXPECT_NEAR(wide, 1.73, 0.05);
  EXPECT_EQ(error_of([] {
              random_balance({0, 1, 1}, 1.0, 1.0);
            }),
            "random_balance: needs sizes >= 1 and variances >= 0 (got n_i=0, n_h=1, n_o=1, 1, 1)");
}

}  // namespace
}  // namespace sigmagrad::theory
