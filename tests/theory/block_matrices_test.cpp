// SPDX-License-Identifier: BSD-3-Clause
#include <limits>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::theory {
namespace {

using testing::close;
using testing::error_of;

TEST(BlockMatrices, TellEntriesApartByBlockOnly) {
  EXPECT_TRUE(
      testing::same(block_matrix(2, 2, {1, 2, 3}), tensor({{1, 2, 3, 3}, {2, 1, 3, 3}, {3, 3, 1, 2}, {3, 3, 2, 1}})));
}

TEST(BlockMatrices, HaveThreeEigenvalues) {
  const BlockParameters p{0.7, -0.2, 0.4};
  const auto [first, second, third] = block_eigenvalues(3, 2, p);  // 1.3, -0.3 (twice), 0.9 (3 times)
  const auto expected = tensor({second, second, third, third, third, first});
  EXPECT_TRUE(close(linalg::eigh(block_matrix(3, 2, p)).eigenvalues, expected, 1e-14));
}

// Lemma D.2: products stay in the family and commute.
TEST(BlockMatrices, AreClosedUnderProducts) {
  const auto A = block_matrix(3, 2, {0.7, -0.2, 0.4}), B = block_matrix(3, 2, {-1.1, 0.5, 0.3}), P = matmul(A, B);
  const auto entry = [&](std::int64_t j) { return P.select(0, 0).select(0, j).item(); };
  EXPECT_TRUE(close(P, block_matrix(3, 2, {entry(0), entry(1), entry(2)}), 1e-15));
  EXPECT_TRUE(close(P, matmul(B, A), 1e-15));
}

TEST(CompletionStart, LiesBetweenOnesAndTheIdentity) {
  EXPECT_TRUE(testing::same(completion_start(3, 0.5, 1.0), full({3, 3}, 0.5)));
  EXPECT_TRUE(testing::same(completion_start(3, 0.5, std::numeric_limits<double>::infinity()), 0.5 * eye(3)));
  EXPECT_TRUE(testing::same(completion_start(2, 1.0, 4.0), tensor({{1.0, 0.25}, {0.25, 1.0}})));
}

TEST(BlockMatrices, RefuseWhatHasNoBlocks) {
  EXPECT_EQ(error_of([] {
              block_matrix(0, 2, {1, 1, 0});
            }),
            "block_matrix: needs n >= 1 blocks of size s >= 1 (got n 0, s 2)");
  EXPECT_EQ(error_of([] { completion_start(3, 0.0, 2.0); }), "completion_start: alpha must be > 0 (got 0)");
  EXPECT_EQ(error_of([] { completion_start(3, 1.0, 0.5); }), "completion_start: m must be >= 1 (got 0.5)");
}

}  // namespace
}  // namespace sigmagrad::theory
