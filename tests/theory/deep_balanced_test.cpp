// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/balanced_problems.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::theory {
namespace {

using sigmagrad::testing::error_of;
using sigmagrad::testing::relative_distance;

Tensor product_of(const std::vector<Tensor>& W) {
  Tensor product = W.front();
  for (std::size_t l = 1; l < W.size(); ++l) product = matmul(W[l], product);
  return product;
}

// The largest distance of a pair of neighbours from its lambda I, relative to its weights.
double residual(const std::vector<Tensor>& W, const std::vector<double>& lambdas) {
  double worst = 0.0;
  for (std::size_t l = 0; l + 1 < W.size(); ++l) {
    const auto lower = matmul(W[l], W[l].t()), upper = matmul(W[l + 1].t(), W[l + 1]);
    const auto rest = upper - lower - lambdas[l] * eye(lower.size(0));
    worst = std::max(worst, linalg::norm(rest).item() / (1.0 + linalg::norm(upper).item()));
  }
  return worst;
}

TEST(DeepBalanced, EachPairHasItsLambdaAndTheProductIsKept) {
  Generator generator(1);
  const std::vector<std::vector<std::int64_t>> shapes = {{3, 3, 3, 3}, {3, 3, 4, 6}, {6, 4, 2, 2, 5}, {4, 2, 2, 3}};
  const std::vector<std::vector<double>> lambdas = {{-7.0, 2.0}, {0.5, 3.0}, {-1.0, 4.0, 100.0}, {-3.0, -5.0}};
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const auto& n = shapes[i];
    const auto product = linalg::low_rank_approximation(randn({n.back(), n.front()}, generator), 2);
    const auto W = deep_balanced_factors(product, {n.begin() + 1, n.end() - 1}, lambdas[i], generator);
    ASSERT_EQ(W.size() + 1, n.size());
    for (std::size_t l = 0; l < W.size(); ++l) EXPECT_EQ(W[l].shape(), (Shape{n[l + 1], n[l]}));
    EXPECT_LE(relative_distance(product_of(W), product), 1e-13) << i;
    EXPECT_LE(residual(W, lambdas[i]), 1e-13) << i;
  }
}

TEST(DeepBalanced, TwoLayersAreThoseOfTheSmallerFunction) {
  Generator generator(2);
  for (std::int64_t n_i = 1; n_i <= 3; ++n_i)
    for (std::int64_t n_h = 1; n_h <= 4; ++n_h)
      for (std::int64_t n_o = 1; n_o <= 3; ++n_o)
        for (const double lambda : {-0.5, 0.0, 7.0}) {
          const bool exists = lambda == 0 || n_h <= (lambda > 0 ? n_o : n_i);
          const auto made = [&] { return deep_balanced({lambda}, {n_i, n_h, n_o}, {}, generator); };
          if (exists) {
            EXPECT_LE(residual(made(), {lambda}), 1e-13);
          } else {
            EXPECT_NE(error_of(made), "no error") << n_i << n_h << n_o << ' ' << lambda;
          }
        }
}

TEST(DeepBalanced, ZeroHasWeightsOfAnySizes) {
  Generator generator(3);
  const auto W = deep_balanced({0, 0, 0}, {3, 5, 2, 6, 4}, {.sigma = 0.5}, generator);
  EXPECT_LE(residual(W, {0, 0, 0}), 1e-13);
  const auto s = linalg::svdvals(product_of(W));
  EXPECT_LE(s.data<double>()[2], 1e-13);  // as narrow as the narrowest layer
  EXPECT_GT(s.data<double>()[1], 1e-3);
}

// Units beyond the narrowest layer draw on one side: a wider middle needs lambda <= 0 below and >= 0 above it.
TEST(DeepBalanced, RefusesWhatDoesNotExist) {
  Generator generator(4);
  const auto refuses = [&](const std::vector<double>& lambdas, const std::vector<std::int64_t>& sizes) {
    return error_of([&] { deep_balanced(lambdas, sizes, {}, generator); });
  };
  EXPECT_EQ(refuses({-1, -2}, {5, 4, 3, 3}), "no error");
  EXPECT_EQ(refuses({-1, 1}, {5, 4, 3, 3}), "no error");  // layer 2 has no spare unit: either sign
  EXPECT_EQ(refuses({3, 1}, {5, 4, 3, 3}),
            "deep_balanced: no such weights exist: lambdas and sizes ask for the squared singular value -3 of W_1");
  EXPECT_EQ(refuses({0, 1}, {3, 5, 3, 3}), "no error");  // lambda = 0 leaves the spare units alone
  EXPECT_EQ(refuses({1, 1}, {3, 5, 3, 3}),
            "deep_balanced: lambda_1 = 1 has no weights of such sizes: layer 1 has 5 units, of which 3 are linked");
  EXPECT_EQ(refuses({1}, {3, 3, 3, 3}),
            "deep_balanced: needs a lambda for each hidden layer (got 1 lambdas for 4 sizes)");
  EXPECT_EQ(refuses({1}, {3, 0, 3}), "deep_balanced: sizes must be >= 1 (got 0)");
  EXPECT_EQ(error_of([&] {
              deep_balanced({1}, {3, 3, 3}, {.sigma = 0}, generator);
            }),
            "deep_balanced: sigma must be finite and > 0 (got 0)");
}

}  // namespace
}  // namespace sigmagrad::theory
