// SPDX-License-Identifier: BSD-3-Clause
// Closed forms with roots of squares, where the squares leave the range of the numbers.
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::theory {
namespace {

using testing::close;

Tensor random(const Shape& shape) {
  Generator generator(5);
  return randn(shape, generator);
}

TEST(TheoryScales, RatiosDoNotDependOnThem) {
  const auto A = random({4, 3}), B = A + ones({4, 3}), b = random({3}), y = random({4});
  for (const double s : {0x1p664, 0x1p-664}) {
    EXPECT_EQ(cosine_similarity(s * A, s * B).item(), cosine_similarity(A, B).item()) << s;
    EXPECT_TRUE(close(misalignment(s * A, s * b), misalignment(A, b), 1e-14)) << s;
  }
  for (const double s : {0x1p300, 0x1p-300})
    EXPECT_TRUE(close(misalignment_bound(s * A, s * b, s * s * y), misalignment_bound(A, b, y), 1e-14)) << s;
}

TEST(TheoryScales, BalancedWeights) {
  for (const double s : {0x1p664, 0x1p-664}) {
    const auto product = s * random({3, 3});
    Generator generator(1);
    const auto [W1, W2] = balanced_factors(product, 3, s, generator);
    EXPECT_TRUE(close(matmul(W2, W1), product, 1e-13)) << s;
    EXPECT_NEAR(balancedness(W1, W2).lambda.item() / s, 1.0, 1e-13);
    const auto ends = converged_representations(product, s, 3), plain = converged_representations(product / s, 1.0, 3);
    EXPECT_TRUE(close(ends.input / s, plain.input, 1e-12)) << s;
    EXPECT_TRUE(close(ends.output / s, plain.output, 1e-12)) << s;
  }
  const auto W1 = random({2, 3}), W2 = random({4, 2});
  for (const double s : {0x1p400, 0x1p-400})
    EXPECT_EQ(balancedness(s * W1, s * W2).distance.item() / s / s, balancedness(W1, W2).distance.item()) << s;
}

}  // namespace
}  // namespace sigmagrad::theory
