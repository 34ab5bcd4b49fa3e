// SPDX-License-Identifier: BSD-3-Clause
// Layers of images.
#include <cmath>
#include <sstream>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

class ImageLayers : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(11); }
};

// A small residual network, with every kind of layer.
Sequential network() {
  const Residual block(Sequential{Conv2d(4, 4, 3, {.padding = 1, .bias = false}), BatchNorm2d(4), ReLU()});
  const Residual down(Sequential{Conv2d(4, 6, 3, {.stride = 2, .padding = 1, .groups = 2}), BatchNorm2d(6)},
                      Conv2d(4, 6, 1, {.stride = 2, .bias = false}));
  return Sequential{Conv2d(2, 4, 3, {.padding = 1}),
                    ReLU(),
                    MaxPool2d(2),
                    block,
                    down,
                    AvgPool2d(2),
                    AdaptiveAvgPool2d(1),
                    Flatten(),
                    Linear(6, 3)};
}

TEST_F(ImageLayers, AreTheirOperations) {
  const auto x = randn({2, 4, 7, 6});
  const Conv2d conv(4, 6, {3, 2}, {.stride = {2, 1}, .padding = {1, 0}, .dilation = {1, 2}, .groups = 2});
  EXPECT_EQ(conv.weight.shape(), Shape({6, 2, 3, 2}));
  EXPECT_TRUE(same(conv(x), conv2d(x, conv.weight, conv.bias,
                                   {.stride = {2, 1}, .padding = {1, 0}, .dilation = {1, 2}, .groups = 2})));
  EXPECT_TRUE(same(conv(x[1]), conv(x)[1]));
  const Conv2d without(4, 6, 3, {.bias = false, .dtype = f32});
  EXPECT_EQ(without.parameters().size(), 1u);
  EXPECT_EQ(without(x.to(f32)).dtype(), f32);
  EXPECT_TRUE(same(MaxPool2d(3, {.stride = 2, .padding = 1})(x), max_pool2d(x, 3, {.stride = 2, .padding = 1})));
  EXPECT_TRUE(same(AvgPool2d({2, 3})(x), avg_pool2d(x, {2, 3})));
  EXPECT_TRUE(same(AdaptiveAvgPool2d({2, 3})(x), adaptive_avg_pool2d(x, {2, 3})));
  EXPECT_TRUE(same(Residual(ReLU())(x), relu(x) + x));
  EXPECT_TRUE(same(Residual(ReLU(), [](const Tensor& y) { return 2.0 * y; })(x), relu(x) + 2.0 * x));
  const Sequential two{Tanh(), ReLU()};
  EXPECT_TRUE(same(Residual(two, Tanh())(x), relu(tanh(x)) + tanh(x)));
}

TEST_F(ImageLayers, KernelsStartUniformByTheirFan) {
  const Conv2d conv(8, 500, {2, 4}, {.groups = 2});
  const double bound = 1.0 / std::sqrt(4 * 2 * 4);
  for (const auto& parameter : conv.parameters()) {
    const double largest = max(abs(parameter)).item();
    EXPECT_LE(largest, bound);
    EXPECT_GT(largest, 0.98 * bound);
  }
  EXPECT_NEAR(std(conv.weight).item(), bound / std::sqrt(3.0), 0.01 * bound);
  manual_seed(11);
  const Conv2d again(8, 500, {2, 4}, {.groups = 2});
  EXPECT_TRUE(same(again.weight, conv.weight));
}

TEST_F(ImageLayers, ConvolutionsTakeGivenParameters) {
  const auto weight = randn({6, 2, 3, 3}), bias = randn({6}), x = randn({2, 4, 5, 5});
  const Conv2d conv(weight, bias, {.padding = 1, .groups = 2});
  EXPECT_TRUE(same(conv(x), conv2d(x, weight, bias, {.padding = 1, .groups = 2})));
  EXPECT_EQ(Conv2d(weight).parameters().size(), 1u);
  EXPECT_TRUE(Conv2d(conv.weight).weight.is(conv.weight));  // a leaf is shared
}

TEST_F(ImageLayers, BatchNormNormalisesChannels) {
  const auto x = 1e3 + 3.0 * randn({5, 4, 20, 10});
  const BatchNorm2d layer(4, {.eps = 0.0, .momentum = 0.5});
  const auto y = layer(x);
  EXPECT_TRUE(close(mean(y, {0, 2, 3}) + 1.0, ones({4}), 1e-12));
  EXPECT_TRUE(close(mean(square(y), {0, 2, 3}), ones({4}), 1e-12));
  EXPECT_TRUE(close(layer.running_mean, 0.5 * mean(x, {0, 2, 3}), 1e-12));
  layer.eval();
  EXPECT_TRUE(close(layer(x)[0],
                    ((x[0] - layer.running_mean.reshape({4, 1, 1})) / sqrt(layer.running_var.reshape({4, 1, 1}))),
                    1e-12));
  // It is that of one dimension, seen from elsewhere.
  const BatchNorm1d flat(4, {.eps = 0.0});
  EXPECT_TRUE(same(flat(x.flatten(2)).reshape(x.shape()), y));
}

TEST_F(ImageLayers, Gradients) {
  const Sequential net = network();
  net.eval();
  const auto f = [&](const Tensor& x, const Tensor& first, const Tensor& down) {
    return functional_call(net, {{"0.weight", first}, {"4.branch.0.weight", down}}, x);
  };
  const Tensor inputs[]{randn({2, 2, 8, 8}), randn({4, 2, 3, 3}), randn({6, 2, 3, 3})};
  testing::gradcheck(f, inputs);
}

TEST_F(ImageLayers, HaveNamesAndArePrinted) {
  std::ostringstream out;
  for (const auto& [name, value] : network().state_dict()) out << name << ' ' << value.shape() << '\n';
  EXPECT_EQ(out.str().substr(0, 109),
            "0.weight [4, 2, 3, 3]\n0.bias [4]\n3.branch.0.weight [4, 4, 3, 3]\n3.branch.1.weight [4]\n"
            "3.branch.1.bias [4]\n4.b");
  EXPECT_NE(out.str().find("4.branch.1.running_var [6]\n"), std::string::npos);
  std::ostringstream printed;
  printed << network();
  EXPECT_EQ(printed.str().substr(0, printed.str().find("  5:")),
            "Sequential (399 parameters)\n"
            "  0: Conv2d weight [4, 2, 3, 3], bias [4] (76)\n"
            "  1: ReLU\n"
            "  2: MaxPool2d\n"
            "  3: Residual\n"
            "    branch: Sequential\n"
            "      0: Conv2d weight [4, 4, 3, 3] (144)\n"
            "      1: BatchNorm2d weight [4], bias [4] (8)\n"
            "      2: ReLU\n"
            "  4: Residual\n"
            "    branch: Sequential\n"
            "      0: Conv2d weight [6, 2, 3, 3], bias [6] (114)\n"
            "      1: BatchNorm2d weight [6], bias [6] (12)\n"
            "    shortcut: Sequential\n"
            "      0: Conv2d weight [6, 4, 1, 1] (24)\n");
}

TEST_F(ImageLayers, ClonesHaveTensorsOfTheirOwn) {
  const Sequential net = network(), copy = net.clone();
  const auto x = randn({3, 2, 8, 8});
  const auto before = net(x).detach();
  EXPECT_TRUE(same(copy(x), before));
  {
    const NoGrad guard;
    for (auto& parameter : copy.parameters()) parameter.zero_();
  }
  EXPECT_TRUE(same(net(x), before));
  EXPECT_EQ(max(abs(copy(x))).item(), 0.0);
  const Residual block(Conv2d(2, 2, 1)), own = block.clone();
  EXPECT_TRUE(same(own(x), block(x)));
  EXPECT_FALSE(own.parameters()[0].is(block.parameters()[0]));
}

TEST_F(ImageLayers, ShowHooksOnce) {
  const Residual block(Conv2d(2, 2, 1), MaxPool2d(1));
  const Sequential net{block, BatchNorm2d(2), AvgPool2d(2), AdaptiveAvgPool2d(1)};
  std::vector<int> calls(6);
  const auto count = [&](const auto& module, std::size_t i) {
    module.register_forward_hook([&calls, i](const Tensor&, const Tensor&) { ++calls[i]; });
  };
  count(block, 0);
  count(*block.branch().layer<Conv2d>(0), 1);
  count(*block.shortcut().layer<MaxPool2d>(0), 2);
  count(*net.layer<BatchNorm2d>(1), 3);
  count(*net.layer<AvgPool2d>(2), 4);
  count(*net.layer<AdaptiveAvgPool2d>(3), 5);
  net(randn({2, 2, 4, 4}));
  EXPECT_EQ(calls, std::vector<int>(6, 1));
}

TEST_F(ImageLayers, ComputeForManyModelsAtOnce) {
  const auto make = [] {
    const Residual block(Sequential{Conv2d(3, 3, 3, {.padding = 1}), ReLU()}, Conv2d(3, 3, 1));
    return Sequential{Conv2d(2, 3, 3), MaxPool2d(2), block, AvgPool2d(2), AdaptiveAvgPool2d(1)};
  };
  const std::vector<Sequential> models{make(), make(), make()};
  const auto many = stack_models(models);
  const auto x = randn({4, 2, 10, 10}), each = randn({3, 4, 2, 10, 10});
  for (std::int64_t m = 0; m < 3; ++m) {
    const auto& own = models[static_cast<std::size_t>(m)];
    EXPECT_TRUE(same(many(x)[m], own(x))) << m;
    EXPECT_TRUE(same(many(each)[m], own(each[m]))) << m;
  }
}

TEST_F(ImageLayers, TrainCapturedAsTheyDoStepByStep) {
  const Sequential net = network(), eager = net.clone();
  optim::SGD optimizer(net.parameters(), {.lr = 0.1, .momentum = 0.9}),
      other(eager.parameters(), {.lr = 0.1, .momentum = 0.9});
  Tensor x = randn({4, 2, 8, 8});
  const auto labels = tensor({0, 1, 2, 0});
  const auto step_of = [&](const Sequential& model, optim::SGD& steps) {
    const auto loss = cross_entropy(model(x), labels);
    steps.zero_grad();
    loss.backward();
    steps.step();
    return loss;
  };
  auto step = capture([&] { return step_of(net, optimizer); });
  for (int i = 0; i < 4; ++i) {
    x.copy_(randn({4, 2, 8, 8}));
    EXPECT_EQ(step_of(eager, other).item(), step().item());
  }
  for (const auto& [name, value] : net.state_dict()) EXPECT_TRUE(same(value, eager.state_dict()[name])) << name;
}

TEST_F(ImageLayers, ParametrisedKernelsAreMatrices) {
  const Conv2d conv(4, 6, 3, {.padding = 1});
  const auto x = randn({2, 4, 5, 5});
  const auto rows = [](const Tensor& kernel) { return kernel.flatten(1).detach(); };
  const auto normal = parametrize(conv, SpectralNorm{});
  EXPECT_NEAR(linalg::norm(rows(normal.weight()), 2).item(), 1.0, 1e-12);
  EXPECT_TRUE(close(normal(x), conv2d(x, normal.weight(), conv.bias, {.padding = 1}), 1e-15));
  EXPECT_EQ(normal.state_dict()["u"].shape(), Shape({6}));
  const auto orthogonal = parametrize(conv, Orthogonal{});
  EXPECT_TRUE(close(matmul(rows(orthogonal.weight()), rows(orthogonal.weight()).t()), eye(6), 1e-12));
  EXPECT_TRUE(close(parametrize(conv, WeightNorm{}).weight(), conv.weight, 1e-14));
  const auto low = parametrize(parametrize(conv, LowRank{.rank = 2}), Multipliers{.cols = false});
  EXPECT_EQ(low.state_dict()["B"].shape(), Shape({2, 36}));
  EXPECT_EQ(low.state_dict()["row"].shape(), Shape({6}));
  const auto halved = parametrize(conv, [](const Tensor& kernel) { return kernel / 2.0; });
  EXPECT_TRUE(same(halved.weight(), conv.weight / 2.0));
  square(normal(x)).sum().backward();
  EXPECT_EQ(normal.original.grad().shape(), Shape({6, 4, 3, 3}));
}

TEST_F(ImageLayers, PenaltiesSeeKernelsAsMatrices) {
  const Conv2d conv(2, 4, 3), given(randn({3, 4, 2, 2}));
  const auto rows = [](const Tensor& kernel) { return kernel.flatten(1); };
  const Sequential net{conv, parametrize(given, Multipliers{}), Linear(3, 2)};
  const auto names = net.named_matrices();
  ASSERT_EQ(names.size(), 3u);
  EXPECT_TRUE(same(names["0.weight"], rows(conv.weight)));
  EXPECT_TRUE(same(names["1.weight"], rows(given.weight)));
  EXPECT_TRUE(same(nuclear_penalty().on("0.*")(net), linalg::svdvals(rows(conv.weight)).sum()));
  const auto gradient = grad(nuclear_penalty()(net), {conv.weight})[0];
  EXPECT_TRUE(
      close(rows(gradient), grad(linalg::svdvals(rows(conv.weight)).sum(), {conv.weight})[0].flatten(1), 1e-14));
  const auto many = stack_models(std::vector{conv, Conv2d(2, 4, 3)});
  EXPECT_EQ(many.named_matrices()["weight"].shape(), Shape({2, 4, 18}));
}

TEST_F(ImageLayers, AreInspectedAsKernels) {
  const auto found = inspect(network());
  ASSERT_EQ(found.size(), 5u);
  EXPECT_EQ(found[2].first, "4.branch.0.weight");
  EXPECT_EQ(found[2].second.rows, 6);
  EXPECT_EQ(found[2].second.columns, 18);
}

TEST_F(ImageLayers, SayWhatIsWrong) {
  const auto error = [](std::int64_t in, std::int64_t out, Pair kernel, Conv2d::Options options = {}) {
    return error_of([&] { Conv2d(in, out, kernel, options); });
  };
  EXPECT_EQ(error(0, 2, 3), "Conv2d: channels must be >= 1 (got 0 and 2)");
  EXPECT_EQ(error(2, 2, {3, 0}), "Conv2d: the kernel must be >= 1 (got 3 x 0)");
  EXPECT_EQ(error(2, 2, 3, {.stride = 0}), "Conv2d: stride and dilation must be >= 1 (got 0 x 0 and 1 x 1)");
  EXPECT_EQ(error(2, 2, 3, {.padding = -1}), "Conv2d: padding must be >= 0 (got -1 x -1)");
  EXPECT_EQ(error(2, 2, 3, {.groups = 0}), "Conv2d: groups must be >= 1 (got 0)");
  EXPECT_EQ(error(4, 3, 3, {.groups = 2}), "Conv2d: groups must divide the channels, got 2 groups, 4 channels to 3");
  const Conv2d conv(2, 3, 3);
  EXPECT_EQ(error_of([&] {
              conv(ones({1, 4, 5, 5}));
            }),
            "Conv2d: the input must be [batch, 2, height, width] or [2, height, width], got [1, 4, 5, 5]");
  EXPECT_NE(error_of([&] { conv(ones({2, 5})); }), "no error");
  EXPECT_NE(error_of([&] { conv(ones({1, 2, 2, 5})); }), "no error");  // a kernel larger than the image
  EXPECT_NE(error_of([&] { conv(ones({1, 2, 5, 5}, f32)); }), "no error");
  EXPECT_EQ(error_of([] {
              Conv2d(ones({2, 3, 3}));
            }),
            "Conv2d: the weight must be [..., out, in / groups, kh, kw], got [2, 3, 3]");
  EXPECT_EQ(error_of([] { Conv2d(ones({2, 3, 3, 3}), ones({3})); }), "Conv2d: the bias must be [2], got [3]");
  EXPECT_EQ(error_of([] {
              Conv2d(ones({3, 3, 3, 3}), Tensor(), {.groups = 2});
            }),
            "Conv2d: groups must divide the channels, got 2 groups and a weight [3, 3, 3, 3]");
  EXPECT_EQ(error_of([] {
              BatchNorm2d(3)(ones({4, 3}));
            }),
            "BatchNorm2d: the input must be [batch, 3, height, width], got [4, 3]");
  EXPECT_EQ(error_of([] {
              BatchNorm2d(3)(ones({1, 3, 1, 1}));
            }),
            "BatchNorm2d: training needs more than one value a channel, got [1, 3, 1, 1]");
  EXPECT_EQ(error_of([] { BatchNorm2d(0); }), "BatchNorm2d: channels must be >= 1 (got 0)");
  EXPECT_EQ(error_of([] { BatchNorm2d(1, {.momentum = 2.0}); }), "BatchNorm2d: momentum must be from 0 to 1 (got 2)");
  EXPECT_EQ(error_of([] { MaxPool2d({2, 0}); }), "MaxPool2d: the window must be >= 1 (got 2 x 0)");
  EXPECT_EQ(error_of([] { MaxPool2d(2, {.padding = 2}); }),
            "MaxPool2d: padding must be from 0 to half of the window 2 x 2 (got 2 x 2)");
  EXPECT_EQ(error_of([] { AvgPool2d(2, {.stride = -1}); }),
            "AvgPool2d: stride and dilation must be >= 1 (got -1 x -1 and 1 x 1)");
  EXPECT_EQ(error_of([] { AdaptiveAvgPool2d(0); }), "AdaptiveAvgPool2d: the size must be >= 1 (got 0 x 0)");
  EXPECT_EQ(error_of([] {
              Residual(AdaptiveAvgPool2d(1))(ones({1, 2, 4, 4}));
            }),
            "Residual: branch and shortcut must make one shape, got [1, 2, 1, 1] and [1, 2, 4, 4]");
  EXPECT_NE(error_of([] { MaxPool2d(5)(ones({1, 2, 4, 4})); }), "no error");
}

}  // namespace
}  // namespace sigmagrad::nn
