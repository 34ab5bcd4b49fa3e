// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>

#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/golden.hpp>
#include <sigmagrad/tests/theory/factor_flow.hpp>

namespace sigmagrad::theory {
namespace {

using testing::error_of;

TEST(Misalignment, IsTheShareAcross) {
  const auto A = tensor({{3.0, 4.0}, {2.0, 0.0}, {0.0, 5.0}}), b = tensor({10.0, 0.0});
  EXPECT_TRUE(testing::close(misalignment(A, b), tensor({0.64, 0.0, 1.0}), 1e-15));
}

// Theorem 3.1: trials in a batch, from all sizes of start.
TEST(Misalignment, EndsBelowItsBound) {
  const std::int64_t trials = 40;
  Generator generator(11);
  for (const double scale : {0.3, 0.1, 0.01}) {
    const Tensor A = scale * randn({trials, 2, 2}, generator), b = scale * randn({trials, 2}, generator);
    const Tensor targets = randn({trials, 2}, generator);
    const auto bound = misalignment_bound(A, b, targets);
    const std::vector<Tensor> factors{A.clone().requires_grad_(), b.clone().requires_grad_()};
    const auto loss = [&] {
      return 0.5 * square(matmul(factors[0], factors[1].unsqueeze(-1)).squeeze(-1) - targets).sum(-1);
    };
    const auto flow = optim::gradient_flow(loss, factors, {.loss_below = 1e-16, .max_steps = 3000});
    const auto end = misalignment(factors[0].detach(), factors[1].detach());
    EXPECT_GT(std::count(flow.reason.begin(), flow.reason.end(), optim::FlowStop::Loss), trials - 5);
    for (std::int64_t i = 0; i < trials; ++i) {
      if (flow.reason[static_cast<std::size_t>(i)] != optim::FlowStop::Loss) continue;
      for (const std::size_t row : {0u, 1u}) {
        const auto at = static_cast<std::size_t>(2 * i) + row;
        EXPECT_LE(end.data<double>()[at], bound.data<double>()[at] * (1.0 + 1e-6));
      }
    }
  }
}

// The end of the flow from sqrt(w) I, twice, when w12 joins.
Tensor warm_end(double w, double w12) {
  const Tensor A = std::sqrt(w) * eye(2), B = std::sqrt(w) * eye(2);
  follow({B, A}, tensor({{w, w12}, {0.0, w}}), tensor({{1, 1}, {0, 1}}), {.rtol = 1e-9, .loss_below = 1e-22});
  return matmul(A, B).detach();
}

// Theorem 4.2 against reference numbers, which include the end of the flow.
TEST(WarmStartBounds, HoldAndAreTheReferenceNumbers) {
  for (const auto& c : testing::golden("completion_thm42.json")) {
    const auto bounds = warm_start_bounds(c["w"], c["w12"]);
    EXPECT_NEAR(bounds.stable_rank, c["bound_minus"].get<double>(), 1e-13);
    EXPECT_NEAR(bounds.sigma_1 / c["s1bound"].get<double>(), 1.0, 1e-13);
    EXPECT_NEAR(bounds.sigma_2 / c["s2bound"].get<double>(), 1.0, 1e-13);
    const auto W = warm_end(c["w"], c["w12"]);
    const auto sigma = linalg::svdvals(W);
    EXPECT_NEAR(linalg::stable_rank(W).item(), c["srank"].get<double>(), 1e-6);
    EXPECT_NEAR(sigma.data<double>()[0], c["s1"].get<double>(), 1e-6);
    EXPECT_NEAR(sigma.data<double>()[1], c["s2"].get<double>(), 1e-6);
    EXPECT_GE(linalg::stable_rank(W).item(), bounds.stable_rank);
    EXPECT_LE(sigma.data<double>()[0], bounds.sigma_1);
    EXPECT_GE(sigma.data<double>()[1], bounds.sigma_2);
    EXPECT_LT(W.select(0, 1).select(0, 0).item(), 0.0);
  }
}

TEST(WarmStartBounds, OfTheLossFallsExponentially) {
  const auto bounds = warm_start_bounds(2.0, 0.5);
  EXPECT_DOUBLE_EQ(bounds.loss(0.0), 0.125);
  EXPECT_DOUBLE_EQ(bounds.loss(0.25), 0.125 * std::exp(-1.0));
}

// The paper's example: all singular values of the Jacobian are sqrt(2 w), whatever is observed.
TEST(LazyBounds, OfTheExampleAreTheClosedForm) {
  const double w = 1.7;
  for (const auto& [d, rank] : {std::pair{2, 1.1058}, {5, 3.6506}, {10, 8.1643}}) {
    const auto root = std::sqrt(w) * eye(d);
    const auto order = arange(d), upper = order.unsqueeze(-1) <= order;
    const auto bounds = lazy_bounds(root, root, upper);
    EXPECT_NEAR(bounds.s_min, std::sqrt(2.0 * w), 1e-12);
    EXPECT_NEAR(bounds.s_max, std::sqrt(2.0 * w), 1e-12);
    EXPECT_NEAR(bounds.largest_loss, w * w / (288.0 * d), 1e-12);
    EXPECT_NEAR(bounds.stable_rank, rank, 5e-5);
    EXPECT_NEAR(bounds.stable_rank, std::pow((4.0 * d - 1.0) / (4.0 * std::sqrt(d) + 1.0), 2.0), 1e-12);
    EXPECT_NEAR(bounds.distance_for(bounds.largest_loss) / bounds.distance, 1.0, 1e-12);
    EXPECT_NEAR(bounds.shift * std::sqrt(2.0), bounds.distance, 1e-14);
  }
}

// Theorem E.2 and Corollary E.3 where the start is close enough.
TEST(LazyBounds, HoldAlongTheFlow) {
  const std::int64_t d = 4;
  const double c = 1.0 / 12.0 / static_cast<double>(d);
  const auto order = arange(static_cast<double>(d)), observed = order.unsqueeze(-1) <= order;
  const auto target = pow(full({d, d}, c), order - order.unsqueeze(-1));  // c^(j - i)
  const Tensor A = eye(d), B = eye(d);
  const auto bounds = lazy_bounds(A, B, observed);
  const double start = masked_mse_loss(eye(d), target, observed, Reduction::HalfSum).item();
  ASSERT_LE(start, bounds.largest_loss);
  const auto sigma = linalg::svdvals(A);
  const auto flow = follow({B, A}, target, observed, {.t_end = 4.0, .rtol = 1e-9});
  EXPECT_LE(flow.loss.item(), bounds.loss(start, 4.0));
  const double moved = std::sqrt((square(A - eye(d)) + square(B - eye(d))).sum().item());
  EXPECT_LE(moved, bounds.distance_for(start));
  EXPECT_LE(bounds.distance_for(start), bounds.distance);
  EXPECT_LE(max(abs(linalg::svdvals(A) - sigma)).item(), bounds.shift);
  EXPECT_GE(linalg::stable_rank(A).item(), bounds.stable_rank);
}

TEST(CompletionBounds, RefuseWhatDoesNotFit) {
  EXPECT_EQ(error_of([] { warm_start_bounds(1.0, 0.0); }), "warm_start_bounds: w and w12 must be > 0 (got 1 and 0)");
  EXPECT_EQ(error_of([] { misalignment(eye(2), ones({3})); }),
            "misalignment: needs rows [..., m, k] and a column [..., k], got [2, 2] and [3]");
  EXPECT_EQ(error_of([] { misalignment_bound(eye(2), ones({2}), ones({3})); }),
            "misalignment_bound: needs targets [2], got [3]");
  EXPECT_EQ(error_of([] {
              lazy_bounds(eye(2), eye(2), zeros({2, 2}));
            }),
            "lazy_bounds: no entry of observed [2, 2] is 1");
}

}  // namespace
}  // namespace sigmagrad::theory
