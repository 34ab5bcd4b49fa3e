// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/theory/factor_flow.hpp>

namespace sigmagrad::theory {
namespace {

// U_{l+1} S^(1/L) U_l' with orthogonal U_l: balanced factors, whose product has singular values S.
std::vector<Tensor> balanced_factors(std::int64_t depth, const Tensor& S, Generator& generator) {
  const std::int64_t d = S.numel();
  std::vector<Tensor> bases, factors;
  for (std::int64_t l = 0; l <= depth; ++l) bases.push_back(linalg::qr(randn({d, d}, generator)).Q);
  for (std::size_t l = 0; l + 1 < bases.size(); ++l)
    factors.push_back(matmul(bases[l + 1] * pow(S, 1.0 / static_cast<double>(depth)), bases[l].t()));
  return factors;
}

// The derivative of the singular values along dW_l/dt = -grad, by forward differentiation.
TEST(SingularValueSpeeds, AreThoseOfTheFactorsFlow) {
  Generator generator(5);
  for (const std::int64_t depth : {2, 3, 4}) {
    const auto factors = balanced_factors(depth, tensor({2.0, 1.0, 0.5}), generator);
    const Tensor target = randn({3, 3}, generator), observed = tensor({{1, 0, 1}, {0, 1, 1}, {1, 0, 0}});
    auto leaves = factors;
    for (auto& leaf : leaves) leaf.requires_grad_();
    const auto downhill = grad(-masked_mse_loss(product_of(leaves), target, observed, Reduction::HalfSum), leaves);
    const auto sigma = [](const std::vector<Tensor>& w) { return linalg::svdvals(product_of(w)); };
    const auto W = product_of(factors).detach();
    const auto speeds = singular_value_speeds(W, observed * (W - target), depth);
    EXPECT_TRUE(testing::close(speeds, jvp(sigma, factors, downhill).tangent.detach(), 1e-12));
  }
}

// Lemma F.4: sigma(W) = sigma(A)^2 = sigma(B)^2 at all times, and the determinant keeps its sign (F.3).
TEST(SingularValueSpeeds, KeepBalancedFactorsBalanced) {
  Generator generator(6);
  auto factors = balanced_factors(2, tensor({1.0, 0.5, 0.01}), generator);
  const double sign = linalg::slogdet(product_of(factors)).sign.item();
  follow(factors, randn({3, 3}, generator), eye(3), {.t_end = 3.0, .rtol = 1e-10});
  const Tensor W = product_of(factors).detach(), A = factors[1].detach(), B = factors[0].detach();
  EXPECT_TRUE(testing::close(square(linalg::svdvals(A)), linalg::svdvals(W), 1e-8));
  EXPECT_TRUE(testing::close(square(linalg::svdvals(B)), linalg::svdvals(W), 1e-8));
  EXPECT_EQ(linalg::slogdet(W).sign.item(), sign);
}

TEST(SingularValueSpeeds, RefuseWhatDoesNotFit) {
  EXPECT_EQ(testing::error_of([] { singular_value_speeds(eye(2), eye(3), 2); }),
            "singular_value_speeds: needs a gradient [2, 2], got [3, 3]");
  EXPECT_EQ(testing::error_of([] { singular_value_speeds(eye(2), eye(2), 0); }),
            "singular_value_speeds: depth must be >= 1 (got 0)");
}

}  // namespace
}  // namespace sigmagrad::theory
