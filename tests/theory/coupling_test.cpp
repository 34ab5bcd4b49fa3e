// SPDX-License-Identifier: BSD-3-Clause
#include <limits>

#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/theory/factor_flow.hpp>

namespace sigmagrad::theory {
namespace {

using testing::close;
using testing::error_of;

std::vector<Tensor> gaussian_factors(std::int64_t depth, std::int64_t d, std::uint64_t seed) {
  Generator generator(seed);
  std::vector<Tensor> factors;
  for (std::int64_t l = 0; l < depth; ++l) factors.push_back(randn({d, d}, generator));
  return factors;
}

TEST(GradientGram, IsTheJacobianTimesItsTranspose) {
  Generator generator(1);
  const std::vector<Tensor> factors{randn({4, 3}, generator), randn({5, 4}, generator), randn({2, 5}, generator)};
  const auto observed = tensor({{1, 0, 1}, {1, 1, 0}});
  const auto J = observed_jacobian(factors, observed);
  EXPECT_EQ(J.shape(), (Shape{4, 12 + 20 + 10}));
  EXPECT_TRUE(close(gradient_gram(factors, observed), matmul(J, J.t()), 1e-14));
}

// Definition 1, after isolated rows and columns are left out.
TEST(ConnectedComponents, AreThoseOfTheBipartiteGraph) {
  const auto observed = tensor({{1, 0, 0, 1}, {0, 1, 0, 0}, {0, 0, 0, 0}, {1, 0, 0, 0}});
  EXPECT_EQ(connected_components(observed), (Components{{0, 1, 3}, {2}}));
  EXPECT_FALSE(is_connected(observed));
  EXPECT_TRUE(is_connected(tensor({{0, 0}, {1, 1}})));
  EXPECT_FALSE(is_connected(zeros({2, 2})));
}

// At depth 2 observed entries are coupled exactly where they are connected; from depth 3 on generic ones all are.
TEST(CoupledComponents, AreTheConnectedOnesAtDepthTwoOnly) {
  for (int bits = 1; bits < 512; ++bits) {
    std::vector<double> entries;
    for (int i = 0; i < 9; ++i) entries.push_back(bits >> i & 1);
    const auto observed = tensor(entries, {3, 3});
    EXPECT_EQ(coupled_components(gaussian_factors(2, 3, 7), observed), connected_components(observed));
    EXPECT_EQ(coupled_components(gaussian_factors(3, 3, 7), observed).size(), 1u);
  }
}

// Proposition 3.2, a little after the start: there blocks of the identity are still decoupled within.
TEST(CoupledComponents, FollowTheStartUnderBlockDiagonalObservations) {
  for (const auto& [s, n] : {std::pair{1, 2}, {1, 3}, {2, 2}})
    for (const std::int64_t depth : {2, 3, 4})
      for (const double m : {2.0, 100.0, 1e4, std::numeric_limits<double>::infinity()}) {
        const auto observed = block_matrix(n, s, {1, 1, 0});
        std::vector<Tensor> factors;
        for (std::int64_t l = 0; l < depth; ++l) factors.push_back(completion_start(n * s, 0.5, m));
        follow(factors, ones(observed.shape()), observed, {.t_end = 0.5});
        const bool decoupled = depth == 2 || m > 1e100;
        EXPECT_EQ(coupled_components(factors, observed).size(), decoupled ? static_cast<std::size_t>(n) : 1u)
            << "depth " << depth << " m " << m << " s " << s;
      }
  const std::vector<Tensor> start(3, 0.5 * eye(4));
  EXPECT_EQ(coupled_components(start, block_matrix(2, 2, {1, 1, 0})).size(), 8u);
}

// Gradients of sizes 1e8 and 1e-4, with 1e-6 the cosine of their angle.
TEST(CoupledComponents, TheToleranceIsOfTheCosineWhateverTheSizes) {
  const auto wide = tensor({{1e8, 1e-10}, {0, 1e-4}});
  for (const auto& first : {wide, matmul(wide, tensor({{0, 1}, {1, 0}}))}) {
    const std::vector<Tensor> factors{first, zeros({1, 2})};
    EXPECT_EQ(coupled_components(factors, ones({1, 2}), 1e-3).size(), 2u);
    EXPECT_EQ(coupled_components(factors, ones({1, 2}), 1e-9).size(), 1u);
  }
}

TEST(Coupling, RefusesWhatDoesNotFit) {
  EXPECT_EQ(error_of([] { gradient_gram({}, eye(2)); }), "gradient_gram: needs at least one factor");
  EXPECT_EQ(error_of([] { gradient_gram({eye(2)}, eye(3)); }),
            "gradient_gram: observed must have the product's shape [2, 2] (got [3, 3])");
  EXPECT_EQ(error_of([] { observed_jacobian({ones({2})}, eye(2)); }),
            "observed_jacobian: factors must be matrices, got [2]");
  EXPECT_EQ(error_of([] { connected_components(ones({3})); }),
            "connected_components: observed must be a matrix, got [3]");
}

}  // namespace
}  // namespace sigmagrad::theory
