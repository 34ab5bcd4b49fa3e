// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/theory/factor_flow.hpp>

namespace sigmagrad::theory {
namespace {

using testing::close;
using testing::error_of;

// 1 at (i, where[i]) for each row i.
Tensor pattern(const std::vector<double>& where) {
  return Tensor(tensor(where).unsqueeze(-1) == arange(static_cast<double>(where.size())));
}

TEST(DisconnectedLimit, IsWhereTheFlowEnds) {
  Generator generator(3);
  for (int round = 0; round < 12; ++round) {
    const std::int64_t d = 2 + round % 4;
    const auto where = round % 2 == 0 ? arange(static_cast<double>(d)) : randperm(d, generator);
    const auto observed = pattern({where.data<double>().begin(), where.data<double>().end()});
    const auto target = 2.0 * randn({d, d}, generator);  // of both signs
    const Tensor A = randn({d, d}, generator), B = randn({d, d}, generator);
    const auto limit = disconnected_limit(A, B, target, observed);
    const auto flow = follow({B, A}, target, observed, {.rtol = 1e-10, .loss_below = 1e-20});
    EXPECT_EQ(flow.reason[0], optim::FlowStop::Loss);
    EXPECT_TRUE(close(A.detach(), limit.A, 1e-8));
    EXPECT_TRUE(close(B.detach(), limit.B, 1e-8));
    EXPECT_TRUE(close(observed * matmul(limit.A, limit.B), observed * target, 1e-14));
  }
}

TEST(DisconnectedLimit, OfTheScaledIdentityIsTheRootOfTheTarget) {
  const auto target = tensor({{4.0, 0.0}, {0.0, 9.0}});
  const auto limit = disconnected_limit(1e-6 * eye(2), 1e-6 * eye(2), target, eye(2));
  EXPECT_TRUE(close(limit.A, tensor({{2.0, 0.0}, {0.0, 3.0}}), 1e-14));
  EXPECT_TRUE(close(limit.B, limit.A, 1e-14));
}

TEST(DisconnectedLimit, LeavesWhatNoEntryTouches) {
  Generator generator(4);
  const auto A = randn({3, 2}, generator), B = randn({2, 4}, generator);
  const auto observed = tensor({{0, 0, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 0}});
  const auto limit = disconnected_limit(A, B, full({3, 4}, 1.5), observed);
  EXPECT_TRUE(testing::same(limit.A.select(0, 0), A.select(0, 0)));
  EXPECT_TRUE(testing::same(limit.B.select(1, 3), B.select(1, 3)));
  EXPECT_NEAR(matmul(limit.A, limit.B).select(0, 1).select(0, 2).item(), 1.5, 1e-14);
}

// P - Q/2 = 0 for a = b: the quadratic of the proposition degenerates, the limit does not.
TEST(DisconnectedLimit, GoesToZeroWhereTheTargetIsZero) {
  const auto one = ones({1, 1}), limit = disconnected_limit(one, one, zeros({1, 1}), one).A;
  EXPECT_EQ(limit.item(), 0.0);
}

TEST(DisconnectedLimit, RefusesStartsThatNeverFitAndConnectedPatterns) {
  const auto one = ones({1, 1});
  EXPECT_EQ(error_of([&] { disconnected_limit(one, -one, one, one); }),
            "disconnected_limit: from this start the flow of entry (0, 0) ends at 0, not at its target 1");
  EXPECT_EQ(error_of([&] { disconnected_limit(one, one, -one, one); }),
            "disconnected_limit: from this start the flow of entry (0, 0) ends at 0, not at its target -1");
  EXPECT_EQ(error_of([&] { disconnected_limit(one, one, one / 0.0, one); }),
            "disconnected_limit: the target of entry (0, 0) must be finite (got inf)");
  EXPECT_EQ(error_of([&] {
              disconnected_limit(eye(2), eye(2), eye(2), ones({2, 2}));
            }),
            "disconnected_limit: entry (0, 1) shares its row or column with another observed one");
  EXPECT_EQ(error_of([&] { disconnected_limit(eye(2), eye(3), eye(2), eye(2)); }),
            "disconnected_limit: needs factors [m, k] and [k, n], got [2, 2] and [3, 3]");
  EXPECT_EQ(error_of([&] { disconnected_limit(eye(2), eye(2), eye(3), eye(2)); }),
            "disconnected_limit: target and observed must be [2, 2] (got [3, 3] and [2, 2])");
}

}  // namespace
}  // namespace sigmagrad::theory
