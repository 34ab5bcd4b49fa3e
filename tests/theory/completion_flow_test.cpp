// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/theory/factor_flow.hpp>
#include <sigmagrad/theory/completion_flow.hpp>

namespace sigmagrad::theory {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<BlockCompletion> settings() {
  std::vector<BlockCompletion> result;
  for (const auto& [w, n, s] : {std::tuple{1.0, 10, 1}, {1.0, 5, 2}, {10.0, 10, 1}, {0.1, 10, 1}, {1.0, 3, 1}})
    for (const std::int64_t depth : {2, 3, 4, 5})
      for (const double m : {2.0, 10.0, 100.0, 1e10})
        for (const double scale : {1.0, 1e-1, 1e-5, 1e-10})
          result.push_back({.w = w,
                            .n = n,
                            .s = s,
                            .depth = depth,
                            .m = m,
                            .log_alpha = std::log(scale) / static_cast<double>(depth)});
  return result;
}

// Lemma D.6 against Theorem 3.3.
TEST(CompletionFlow, EndsAtTheLimits) {
  for (const auto& c : settings()) {
    const auto end = completion_flow(c, {infinity}).front();
    const auto limits = completion_limits(c);
    const auto L = static_cast<double>(c.depth);
    EXPECT_NEAR(std::pow(end.first, L) / limits.sigma_1, 1.0, 2e-8) << c.depth << ' ' << c.m;
    EXPECT_NEAR(std::pow(end.second, L) / limits.sigma_rest, 1.0, 2e-8) << c.depth << ' ' << c.m;
    EXPECT_EQ(end.third, 0.0);
  }
}

// Proposition D.1 and Lemma D.7 along the way.
TEST(CompletionFlow, KeepsWhatIsConserved) {
  const std::vector<double> times{0.0, 0.1, 1.0, 3.0, 10.0, 100.0};
  for (const auto& c : settings()) {
    const auto states = completion_flow(c, times);
    const auto k = static_cast<double>(2 - c.depth);
    const auto conserved = [&](const BlockEigenvalues& l) {
      return k == 0.0 ? l.first / l.second : std::pow(l.second, k) - std::pow(l.first, k);
    };
    const double gamma = completion_residual(c, states.front()), rate = completion_rate(c, states.front());
    const double goal = static_cast<double>(c.s) * c.w, L = static_cast<double>(c.depth);
    const double slowest = gamma < 0.0 ? rate : L * std::pow(goal, 2.0 - 2.0 / L);
    for (std::size_t i = 0; i < times.size(); ++i) {
      const double here = completion_residual(c, states[i]);
      EXPECT_GE(here * gamma, -1e-13 * std::abs(gamma) * goal);
      EXPECT_LE(std::abs(here), std::abs(gamma) * std::exp(-slowest * times[i]) * (1.0 + 1e-7) + 1e-12 * goal);
      if (c.m > 100.0) continue;  // where the difference cancels
      EXPECT_NEAR(conserved(states[i]) / conserved(states.front()), 1.0, 1e-5) << c.depth;
    }
  }
}

// All factors of the tensor flow stay the one matrix M(a, b, c) with the eigenvalues of the lemma (D.3, D.4).
TEST(CompletionFlow, IsTheFlowOfTheFactors) {
  const BlockCompletion c{.w = 1.5, .n = 3, .s = 2, .depth = 3, .m = 4.0, .log_alpha = std::log(0.3)};
  const Tensor start = completion_start(6, 0.3, 4.0), observed = block_matrix(3, 2, {1, 1, 0});
  for (const double time : {0.5, 2.0, 5.0}) {
    const std::vector<Tensor> factors{start.clone(), start.clone(), start.clone()};
    follow(factors, full({6, 6}, 1.5), observed, {.t_end = time, .rtol = 1e-10});
    const auto entry = [&](std::int64_t i, std::int64_t j) { return factors[0].select(0, i).select(0, j).item(); };
    const BlockParameters p{entry(0, 0), entry(0, 1), entry(0, 2)};
    for (const auto& factor : factors) EXPECT_TRUE(testing::close(factor.detach(), block_matrix(3, 2, p), 1e-9));
    const auto measured = block_eigenvalues(3, 2, p), expected = completion_flow(c, {time}).front();
    EXPECT_NEAR(measured.first, expected.first, 1e-7);
    EXPECT_NEAR(measured.second, expected.second, 1e-7);
    EXPECT_NEAR(measured.third, expected.third, 1e-7);
  }
}

TEST(CompletionFlow, IsTimed) {
  for (const std::int64_t depth : {2, 4}) {
    const BlockCompletion c{.n = 3, .depth = depth, .m = 2.0, .log_alpha = std::log(1e-5) / static_cast<double>(depth)};
    const auto end = completion_flow(c, {completion_time(c, 1e-6)}).front();
    EXPECT_NEAR(completion_residual(c, end), -1e-6, 2e-8);  // the last step overshoots by up to 1/64
  }
  EXPECT_EQ(testing::error_of([] { completion_time({}, 0.0); }), "completion_time: share must be >= 1e-13 (got 0)");
}

TEST(CompletionFlow, RefusesTimesOutOfOrder) {
  EXPECT_EQ(testing::error_of([] {
              completion_flow({}, {2.0, 1.0});
            }),
            "completion_flow: times must be ascending and >= 0 (got 1 after 2)");
  EXPECT_EQ(testing::error_of([] { completion_flow({.log_alpha = 200.0}, {1.0}); }),
            "completion_flow: log_alpha 200 is so large that times underflow at depth 3");
  EXPECT_EQ(testing::error_of([] { completion_flow({.m = 0.5}, {1.0}); }), "completion_flow: m must be > 1 (got 0.5)");
}

}  // namespace
}  // namespace sigmagrad::theory
