// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/derivatives.hpp>
#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/operations/windows.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/kernel_matrix.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/spectrum.hpp>
#include <sigmagrad/nn/activations.hpp>
#include <sigmagrad/nn/convolution.hpp>
#include <sigmagrad/nn/dropout.hpp>
#include <sigmagrad/nn/flatten.hpp>
#include <sigmagrad/nn/generalization.hpp>
#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/lipschitz.hpp>
#include <sigmagrad/nn/module_list.hpp>
#include <sigmagrad/nn/normalization.hpp>
#include <sigmagrad/nn/parametrize.hpp>
#include <sigmagrad/nn/pooling.hpp>
#include <sigmagrad/nn/residual.hpp>
#include <sigmagrad/nn/stack_models.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

class Lipschitz : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(21); }
};

double spectral(const Tensor& w) { return linalg::norm(w, 2).item(); }

// The largest ratio of pairs of inputs, near and far from each other.
template <class Model>
double sampled(const Model& model, std::int64_t in) {
  double best = 0.0;
  for (const double size : {1e-3, 0.1, 3.0}) {
    const auto x = 3.0 * randn({2000, in}), y = x + size * randn({2000, in});
    best = std::max(best, max(linalg::vector_norm(model(x) - model(y)) / linalg::vector_norm(x - y)).item());
  }
  return best;
}

TEST_F(Lipschitz, LayersAndTheirComposition) {
  const Linear a(6, 8), b(8, 5), c(5, 4);
  const auto bound = lipschitz_bound(Sequential{a, b, ReLU(), c});
  ASSERT_EQ(bound.factors.size(), 3u);
  EXPECT_EQ(bound.factors["1"].item(), spectral(b.weight));
  const double layers = spectral(a.weight) * spectral(b.weight) * spectral(c.weight);
  EXPECT_NEAR(bound.layerwise.item(), layers, 1e-14 * layers);
  EXPECT_NEAR(bound.composition.item(), spectral(matmul(b.weight, a.weight)) * spectral(c.weight), 1e-13);
  EXPECT_LT(bound.composition.item(), bound.layerwise.item());
  // Nested, the layers follow each other all the same; an identity is nothing in between.
  const auto nested = lipschitz_bound(Sequential{Sequential{a, Identity()}, Sequential{b, ReLU(), c}});
  EXPECT_TRUE(same(nested.composition, bound.composition));
  EXPECT_EQ(nested.factors[2].first, "1.2");
}

TEST_F(Lipschitz, EveryKnownLayerStaysBelowItsBound) {
  const auto check = [](const auto& layer, double expected) {
    const Sequential model{layer};
    EXPECT_NEAR(lipschitz_bound(model).composition.item(), expected, 1e-12);
    EXPECT_LE(sampled(model, 4), expected * (1 + 1e-12));
    EXPECT_GE(sampled(model, 1), 0.98 * expected);
  };
  check(ReLU(), 1.0);
  check(LeakyReLU(0.3), 1.0);
  check(LeakyReLU(-2.5), 2.5);
  check(Tanh(), 1.0);
  check(Sigmoid(), 0.25);
  check(GELU(), 1.1289041451851551);
  check(SiLU(), 1.0998393201288670);
  check(Softplus(), 1.0);
  check(ELU(3.0), 3.0);
  check(ELU(), 1.0);
  check(Identity(), 1.0);
}

TEST_F(Lipschitz, NormalisationByRunningStatistics) {
  BatchNorm1d layer(4);
  const NoGrad guard;
  Tensor(layer.running_var).copy_(tensor({1, 4, 0.25, 1}));
  Tensor(layer.weight).copy_(tensor({1, 2, -1, 0.5}));
  const Sequential model{layer, Dropout(0.5)};
  model.eval();
  const double expected = 1.0 / std::sqrt(0.25 + 1e-5);
  EXPECT_NEAR(lipschitz_bound(model).layerwise.item(), expected, 1e-12);
  EXPECT_LE(sampled(model, 4), expected * (1 + 1e-9));
}

TEST_F(Lipschitz, ParametrisedStackedAndOtherModels) {
  const auto normal = parametrize(Linear(6, 6), SpectralNorm{});
  EXPECT_NEAR(lipschitz_bound(Sequential{normal}).layerwise.item(), spectral(normal.weight()), 1e-14);
  std::vector<Sequential> models;
  for (int i = 0; i < 2; ++i) models.push_back(Sequential{Linear(3, 4), ReLU(), Linear(4, 2)});
  const auto both = lipschitz_bound(stack_models(models));
  EXPECT_EQ(both.layerwise.shape(), Shape({2}));
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(
        close(both.layerwise.select(0, i), lipschitz_bound(models[static_cast<std::size_t>(i)]).layerwise, 1e-13));
  const ModuleList<Linear> list({Linear(3, 4), Linear(4, 2)});
  const auto bound = lipschitz_bound(list);
  EXPECT_EQ(bound.factors[1].first, "1.weight");
  EXPECT_NEAR(bound.layerwise.item(), spectral(list[0].weight) * spectral(list[1].weight), 1e-14);
  EXPECT_TRUE(same(bound.layerwise, bound.composition));
}

// The exact norm of a layer as a linear map of images.
template <class Layer>
double exact_norm(const Layer& layer, const Shape& image) {
  const auto f = [&](const Tensor& x) { return layer(x.reshape(image)).flatten(0); };
  const auto matrix = jacobian(f, zeros({image.numel()}));
  return spectral(matrix);
}

TEST_F(Lipschitz, ConvolutionsStayBelowTheirBounds) {
  using Options = Conv2d::Options;
  for (const Options& options :
       {Options{}, Options{.padding = 1}, Options{.stride = 2, .padding = 1}, Options{.stride = {3, 1}, .groups = 2},
        Options{.padding = 2, .dilation = 2}, Options{.stride = 2, .padding = 3, .dilation = {3, 2}}}) {
    Options without = options;
    without.bias = false;
    for (const Pair kernel : {Pair(1), Pair(3), Pair(2, 3)}) {
      const Conv2d layer(4, 6, kernel, without);
      const double bound = lipschitz_bound(Sequential{layer}).layerwise.item();
      const double exact = exact_norm(layer, {1, 4, 10, 9});
      EXPECT_LE(exact, bound * (1 + 1e-12));
      EXPECT_GE(exact, 0.4 * bound) << engine::str(kernel);
      if (kernel == Pair(1)) {
        EXPECT_NEAR(exact, bound, 1e-12);
      }
    }
  }
  // Each of the four reshapes may be the one that is reached.
  const auto reached = [](const Tensor& kernel) {
    const Conv2d layer(kernel, Tensor(), {.padding = 2});
    EXPECT_NEAR(lipschitz_bound(Sequential{layer}).layerwise.item(), linalg::convolution_spectrum(kernel, 8).at({0}),
                1e-12);
  };
  reached(eye(3).reshape({3, 3, 1, 1}));
  reached(ones({1, 1, 3, 3}));
  const Conv2d strided(ones({1, 1, 2, 2}), Tensor(), {.stride = 2});
  EXPECT_EQ(lipschitz_bound(Sequential{strided}).layerwise.item(), 2.0);
  EXPECT_NEAR(exact_norm(strided, {1, 1, 4, 4}), 2.0, 1e-12);
}

TEST_F(Lipschitz, PoolsStayBelowTheirBounds) {
  const auto of = [](const auto& layer) { return lipschitz_bound(Sequential{layer}).layerwise.item(); };
  EXPECT_EQ(of(MaxPool2d(2)), 1.0);
  EXPECT_EQ(of(MaxPool2d(3, {.stride = 2})), 2.0);
  EXPECT_EQ(of(MaxPool2d(3, {.stride = 2, .dilation = 2})), 3.0);
  EXPECT_EQ(of(AvgPool2d({2, 8})), 0.25);
  EXPECT_NEAR(exact_norm(AvgPool2d({2, 8}), {1, 1, 4, 8}), 0.25, 1e-13);
  EXPECT_EQ(of(AdaptiveAvgPool2d(1)), 1.0);
  for (const bool counts : {true, false}) {
    const AvgPool2d pool(3, {.stride = 2, .padding = 1, .count_include_pad = counts});
    EXPECT_LE(exact_norm(pool, {1, 1, 9, 8}), of(pool));
  }
  // Three windows meet at the pixel that both images differ in.
  const MaxPool2d pool({1, 3}, {.stride = 1});
  const auto x = tensor({0, 0, 1, 0, 0}, {1, 1, 1, 5});
  EXPECT_NEAR(linalg::vector_norm(pool(x).flatten(0)).item(), of(pool), 1e-15);
}

TEST_F(Lipschitz, ResidualNetworksOfImages) {
  const Conv2d conv(3, 3, 3, {.padding = 1}), beside(3, 3, 1);
  BatchNorm2d norm(3);
  {
    const NoGrad guard;
    Tensor(norm.weight).copy_(tensor({1, -3, 2}));
  }
  const Sequential model{Residual(Sequential{conv, norm, ReLU()}), Residual(conv, beside), Flatten()};
  model.eval();
  const auto of = [](const auto&... layers) { return lipschitz_bound(Sequential{layers...}).layerwise.item(); };
  const double expected = (1.0 + of(conv) * 3.0 / std::sqrt(1.0 + 1e-5)) * (of(conv) + of(beside));
  const auto bound = lipschitz_bound(model);
  EXPECT_NEAR(bound.layerwise.item(), expected, 1e-12 * expected);
  EXPECT_EQ(bound.factors[1].first, "1");
  const auto x = 3.0 * randn({1, 3, 6, 6});
  for (int i = 0; i < 20; ++i) {
    const auto step = 0.1 * randn({1, 3, 6, 6});
    EXPECT_LE(linalg::vector_norm(model(x + step) - model(x)).item(),
              expected * linalg::vector_norm(step.flatten(0)).item());
  }
  EXPECT_EQ(error_of([&] {
              lipschitz_bound(Sequential{Residual(Sequential{conv, AdaptiveAvgPool2d(2)}, beside)});
            }),
            "lipschitz_bound: layer 0.branch.1 has no known bound: AdaptiveAvgPool2d");
  const auto normal = parametrize(conv, SpectralNorm{});
  EXPECT_LE(of(normal), 3.0 + 1e-12);
  EXPECT_TRUE(grad(lipschitz_bound(Sequential{conv}).layerwise, {conv.weight})[0].defined());
  const auto both = lipschitz_bound(stack_models(std::vector{Sequential{conv}, Sequential{Conv2d(3, 3, 3)}}));
  EXPECT_EQ(both.layerwise.shape(), Shape({2}));
  EXPECT_NEAR(both.layerwise.at({0}), of(conv), 1e-13);
  EXPECT_EQ(error_of([&] { lipschitz_bound(conv); }),
            "lipschitz_bound: parameter weight is neither a matrix nor a bias: [3, 3, 3, 3]");
}

TEST_F(Lipschitz, IsAPenaltyWithGradients) {
  const Sequential model{Linear(5, 4), ReLU(), Linear(4, 3)};
  const auto weights = model.parameters();
  const auto g = grad(lipschitz_bound(model).layerwise, {weights[0]})[0];
  const auto expected = grad(linalg::norm(weights[0], 2), {weights[0]})[0] * linalg::norm(weights[2], 2);
  EXPECT_TRUE(close(g, expected.detach(), 1e-13));
}

TEST_F(Lipschitz, Refusals) {
  const auto of = [](const auto&... layers) { return error_of([&] { lipschitz_bound(Sequential{layers...}); }); };
  EXPECT_EQ(of(Linear(3, 3), LayerNorm(3)), "lipschitz_bound: layer 1 has no known bound: LayerNorm");
  EXPECT_EQ(of(Linear(3, 3), [](const Tensor& x) { return x; }).substr(0, 44),
            "lipschitz_bound: layer 1 has no known bound:");
  EXPECT_EQ(of(BatchNorm1d(3, {.track_running_stats = false})),
            "lipschitz_bound: layer 0 has no bound: batch norm without running statistics");
  EXPECT_EQ(error_of([] { lipschitz_bound(LayerNorm(3)); }),
            "lipschitz_bound: parameter weight is neither a matrix nor a bias: [3]");
  EXPECT_EQ(lipschitz_bound(Sequential{}).layerwise.item(), 1.0);
}

TEST_F(Lipschitz, MarginsAndRadii) {
  const auto logits = tensor({{3, 1, 2}, {0, 5, 4}});
  EXPECT_TRUE(same(margins(logits, tensor({0, 2})), tensor({1, -1})));
  EXPECT_EQ(margins(randn({4, 2, 3}), zeros({4, 2})).shape(), Shape({4, 2}));
  EXPECT_TRUE(close(certified_radius(tensor({2, -1}), full({}, 4.0)), tensor({0.5 / std::sqrt(2.0), 0}), 1e-15));
  EXPECT_EQ(error_of([] {
              margins(ones({3, 1}), zeros({3}));
            }),
            "margins: needs logits of at least two classes, got [3, 1]");
  EXPECT_EQ(error_of([] {
              margins(ones({3, 2}), zeros({2}));
            }),
            "margins: labels must be [3] for logits [3, 2] (got [2])");
}

// No step of less than the radius changes the class; for a linear classifier one of just more along the difference of
// the rows does, where those are as the bound has it: orthogonal and of equal length.
TEST_F(Lipschitz, TheRadiusIsReachedByALinearClassifier) {
  const Sequential model{Linear(2.0 * eye(3))};
  const auto x = tensor({{1, 0.4, 0}}), labels = tensor({0});
  const double radius = certified_radius(margins(model(x), labels), lipschitz_bound(model).layerwise).item();
  const auto direction = tensor({{-1, 1, 0}}) / std::sqrt(2.0);
  EXPECT_EQ(argmax(model(x + 0.999 * radius * direction), -1).item(), 0.0);
  EXPECT_EQ(argmax(model(x + 1.001 * radius * direction), -1).item(), 1.0);
}

TEST_F(Lipschitz, BoundsOfTheTestErrorAreTheirFormulas) {
  const Linear first(6, 8), second(8, 3);
  const Sequential model{first, ReLU(), second};
  double sum = 0.0, ranks = 0.0, product = 1.0;
  for (const Tensor& w : {Tensor(first.weight), Tensor(second.weight)}) {
    double rows = 0.0;
    for (std::int64_t i = 0; i < w.size(0); ++i) rows += linalg::vector_norm(w.select(0, i)).item();
    sum += std::pow(rows / spectral(w), 2.0 / 3.0);
    ranks += linalg::stable_rank(w).item();
    product *= spectral(w);
  }
  const double complexity = product * std::pow(sum, 1.5);
  EXPECT_NEAR(spectral_complexity(model).item(), complexity, 1e-12 * complexity);
  const MarginOptions options{.input = 2.0, .margin = 0.5, .samples = 100, .delta = 0.1};
  EXPECT_NEAR(margin_bound(model, options).item(), complexity * 2.0 / (0.5 * 10.0), 1e-12 * complexity);
  const double expected =
      std::sqrt((4.0 * 4.0 * 8.0 * std::log(16.0) * product * product * ranks + std::log(2000.0)) / 25.0);
  EXPECT_NEAR(pac_bayes_bound(model, options).item(), expected, 1e-12 * expected);
}

TEST_F(Lipschitz, BoundsOfTheTestErrorRefuse) {
  const Sequential model{Linear(2, 2)};
  EXPECT_EQ(error_of([&] { margin_bound(model, {.margin = 0.0}); }), "margin_bound: margin must be > 0 (got 0)");
  EXPECT_EQ(error_of([&] { margin_bound(model, {.input = -1.0}); }), "margin_bound: input must be > 0 (got -1)");
  EXPECT_EQ(error_of([&] { pac_bayes_bound(model, {.samples = 0}); }), "pac_bayes_bound: samples must be >= 1 (got 0)");
  EXPECT_EQ(error_of([&] { pac_bayes_bound(model, {.delta = 1.0}); }),
            "pac_bayes_bound: delta must be between 0 and 1 (got 1)");
  EXPECT_EQ(error_of([] { spectral_complexity(Sequential{ReLU()}); }), "spectral_complexity: the model has no matrix");
}

}  // namespace
}  // namespace sigmagrad::nn
