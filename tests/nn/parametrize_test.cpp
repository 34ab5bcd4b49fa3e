// SPDX-License-Identifier: BSD-3-Clause
#include <functional>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::close;
using testing::error_of;
using testing::same;
using Names = std::vector<std::string>;

Names names_of(const NamedTensors& tensors) {
  Names names;
  for (const auto& [name, value] : tensors) names.push_back(name);
  return names;
}

// First and second derivatives of a function of the weight along a random direction in the parameters, against
// central differences.
template <class Layer>
void expect_exact_gradients(const Layer& layer) {
  const auto parameters = layer.parameters();
  const auto loss = [&] { return square(layer.weight()).sum() + sin(layer.weight()).sum(); };
  const auto gradients = grad(loss(), parameters, {.create_graph = true, .allow_unused = true});
  std::vector<Tensor> directions;
  for (const auto& p : parameters) directions.push_back(randn_like(p));
  const auto along = [&](double h, const std::function<double()>& f) {
    const NoGrad guard;
    for (std::size_t i = 0; i < parameters.size(); ++i) Tensor(parameters[i]).add_(h * directions[i]);
    const double value = f();
    for (std::size_t i = 0; i < parameters.size(); ++i) Tensor(parameters[i]).sub_(h * directions[i]);
    return value;
  };
  const auto slope = [&](const std::function<double()>& f) { return (along(1e-5, f) - along(-1e-5, f)) / 2e-5; };
  const auto inner = [&](const std::vector<Tensor>& g) {
    Tensor total = zeros({});
    for (std::size_t i = 0; i < g.size(); ++i)
      if (g[i].defined()) total = total + (g[i] * directions[i]).sum();
    return total;
  };
  const Tensor inner_first = inner(gradients);
  const double first = inner_first.item();
  const double second = inner(grad(inner_first, parameters, {.allow_unused = true})).item();
  EXPECT_NEAR(first, slope([&] { return loss().item(); }), 1e-6 * (1 + std::abs(first)));
  const double measured = slope([&] {
    const GradMode enabled(true);
    return inner(grad(loss(), parameters, {.allow_unused = true})).item();
  });
  EXPECT_NEAR(second, measured, 1e-5 * (1 + std::abs(second)));
}

class Parametrizations : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(5); }
  Linear linear{3, 4};
  Tensor x = randn({6, 3});
};

TEST_F(Parametrizations, StartWhereTheLayerIs) {
  for (const auto& layer :
       {parametrize(linear, Multipliers{}), parametrize(linear, Multipliers{.cols = false}),
        parametrize(linear, WeightNorm{}), parametrize(linear, LowRank{.rank = 2}),
        parametrize(linear, SingularValues{}), parametrize(parametrize(linear, LowRank{.rank = 2}), WeightNorm{})})
    EXPECT_TRUE(close(layer(x), linear(x), 1e-14)) << layer;
}

TEST_F(Parametrizations, NamesAreOriginalTheOthersAndTheirOwn) {
  EXPECT_EQ(names_of(parametrize(linear, Multipliers{}).named_parameters()), (Names{"original", "bias", "row", "col"}));
  EXPECT_EQ(names_of(parametrize(linear, Multipliers{.rows = false}).named_parameters()),
            (Names{"original", "bias", "col"}));
  EXPECT_EQ(names_of(parametrize(linear, Orthogonal{}).named_parameters()), (Names{"original", "bias"}));
  const auto low_rank = parametrize(linear, LowRank{.rank = 2});
  EXPECT_EQ(low_rank.named_parameters()["A"].shape(), Shape({4, 2}));
  EXPECT_EQ(low_rank.named_parameters()["B"].shape(), Shape({2, 3}));
  EXPECT_EQ(names_of(parametrize(low_rank, WeightNorm{}).named_parameters()),
            (Names{"original", "bias", "A", "B", "magnitude"}));
  EXPECT_EQ(names_of(parametrize(linear, SpectralNorm{}).named_buffers()), (Names{"u", "v"}));
  EXPECT_EQ(names_of(parametrize(linear, SingularValues{}).state_dict()),
            (Names{"original", "bias", "correction", "U", "Vt"}));
}

TEST_F(Parametrizations, TheLayerGivenStaysAsItIs) {
  const auto before = linear.weight.detach().clone();
  auto scaled = parametrize(linear, Multipliers{});
  optim::SGD optimizer(scaled.parameters(), {.lr = 0.1});
  square(scaled(x)).sum().backward();
  optimizer.step();
  EXPECT_TRUE(same(linear.weight, before));
  EXPECT_FALSE(linear.weight.grad().defined());
  EXPECT_EQ(names_of(linear.named_parameters()), (Names{"weight", "bias"}));
  EXPECT_FALSE(close(scaled(x), linear(x), 1e-3));
}

TEST_F(Parametrizations, MultipliersScaleRowsAndColumns) {
  auto layer = parametrize(linear, Multipliers{});
  const NoGrad guard;
  auto row = layer.named_parameters()["row"], col = layer.named_parameters()["col"];
  row.copy_(tensor({1, 2, 3, 4}, {4}));
  col.copy_(tensor({5, 6, 7}, {3}));
  EXPECT_TRUE(close(layer.weight(), outer(row, col) * linear.weight, 1e-14));
}

TEST_F(Parametrizations, SpectralNormFollowsTheWeight) {
  auto layer = parametrize(linear, SpectralNorm{});
  EXPECT_NEAR(linalg::norm(layer.weight(), 2).item(), 1.0, 1e-14);
  {
    const NoGrad guard;
    layer.original.copy_(randn({4, 3}));
  }
  const auto gap = [&] { return std::abs(linalg::norm(layer.weight(), 2).item() - 1.0); };
  const double before = gap();
  layer(x);
  EXPECT_LT(gap(), before);
  EXPECT_GT(gap(), 1e-14);  // one step a call, not a converged iteration
  layer.eval();
  const double in_training = gap();
  layer(x);
  EXPECT_EQ(gap(), in_training);
  layer.train();
  for (int i = 0; i < 200; ++i) layer(x);
  EXPECT_LT(gap(), 1e-10);
}

TEST_F(Parametrizations, TwoCallsMayPrecedeBackward) {
  for (const auto& layer : {parametrize(linear, SpectralNorm{}), parametrize(linear, SingularValues{})}) {
    const auto loss = square(layer(x)).sum() + square(layer(2.0 * x)).sum();
    EXPECT_NO_THROW(loss.backward());
  }
}

TEST_F(Parametrizations, OrthogonalHasOrthonormalColumnsOrRows) {
  const auto tall = parametrize(linear, Orthogonal{}).weight();
  EXPECT_TRUE(close(matmul(tall.t(), tall), eye(3), 1e-14));
  const auto wide = parametrize(Linear(5, 2), Orthogonal{}).weight();
  EXPECT_TRUE(close(matmul(wide, wide.t()), eye(2), 1e-14));
}

TEST_F(Parametrizations, SingularValuesAreCorrectedInTheWeightsOwnBasis) {
  auto layer = parametrize(linear, SingularValues{});
  const NoGrad guard;
  layer.original.copy_(randn({4, 3}));
  Tensor(layer.named_parameters()["correction"]).copy_(tensor({3, 2, 1}, {3}));
  layer(x);
  const auto expected = linalg::svdvals(layer.original) + tensor({3, 2, 1}, {3});
  EXPECT_TRUE(close(linalg::svdvals(layer.weight()), expected, 1e-12));
}

TEST_F(Parametrizations, WeightNormOverLowRankIsDoRA) {
  auto dora = parametrize(parametrize(linear, LowRank{.rank = 2}), WeightNorm{});
  const NoGrad guard;
  const auto p = dora.named_parameters();
  Tensor(p["A"]).copy_(randn({4, 2}));
  Tensor(p["magnitude"]).copy_(tensor({1, 2, 3, 4}, {4}));
  const auto adapted = linear.weight + matmul(p["A"], p["B"]);
  EXPECT_TRUE(
      close(dora.weight(), tensor({1, 2, 3, 4}, {4, 1}) * adapted / linalg::row_norms(adapted).unsqueeze(-1), 1e-14));
  EXPECT_TRUE(close(linalg::row_norms(dora.weight()), tensor({1, 2, 3, 4}, {4}), 1e-14));
}

TEST_F(Parametrizations, ARowOfZerosStaysAndHasNoGradient) {
  const NoGrad guard;
  Linear layer(2, 2, {.bias = false});
  layer.weight.copy_(tensor({{3, 4}, {0, 0}}));
  for (auto normed : {parametrize(layer, WeightNorm{}), parametrize(parametrize(layer, LowRank{}), WeightNorm{})}) {
    const GradMode on(true);
    EXPECT_TRUE(close(normed.weight(), layer.weight, 1e-15));
    const auto parameters = normed.parameters();
    std::vector<Tensor> first =
        grad(sum(normed.weight() * tensor({{1, 2}, {3, 4}})), parameters, {.create_graph = true});
    Tensor total = zeros({});
    for (const auto& g : first) total = total + square(g).sum();
    for (const auto& g : grad(total, parameters, {.allow_unused = true}))
      EXPECT_TRUE(!g.defined() || isfinite(g).sum().item() == static_cast<double>(g.numel()));
    for (std::size_t i = 0; i < first.size(); ++i)
      EXPECT_TRUE(first[i].size(0) == 1 || max(abs(first[i].select(0, 1))).item() == 0.0) << i;
  }
}

TEST_F(Parametrizations, NormsOfHugeAndTinyWeights) {
  const NoGrad guard;
  for (const double scale : {1e200, 1e-200}) {
    Linear layer(2, 2, {.bias = false});
    layer.weight.copy_(scale * tensor({{3, 4}, {5, 12}}));
    EXPECT_TRUE(close(parametrize(layer, WeightNorm{}).weight(), layer.weight, 1e-15)) << scale;
    auto spectral = parametrize(layer, SpectralNorm{});
    for (int i = 0; i < 3; ++i) spectral(ones({1, 2}));
    EXPECT_NEAR(linalg::norm(spectral.weight(), 2).item(), 1.0, 1e-12) << scale;
  }
  Linear nothing(2, 2, {.bias = false});
  nothing.weight.fill_(0.0);
  EXPECT_TRUE(same(parametrize(nothing, SpectralNorm{}).weight(), zeros({2, 2})));
}

TEST_F(Parametrizations, GradientsOfFirstAndSecondOrder) {
  expect_exact_gradients(parametrize(linear, Multipliers{}));
  expect_exact_gradients(parametrize(linear, SpectralNorm{}));
  expect_exact_gradients(parametrize(linear, WeightNorm{}));
  expect_exact_gradients(parametrize(linear, Orthogonal{}));
  expect_exact_gradients(parametrize(linear, LowRank{.rank = 2}));
  expect_exact_gradients(parametrize(linear, SingularValues{}));
  expect_exact_gradients(parametrize(parametrize(linear, LowRank{.rank = 1}), WeightNorm{}));
}

struct Batch : Module {
  Tensor weight;
  explicit Batch(Tensor start) : weight(register_parameter("weight", std::move(start))) {}
  Tensor operator()(const Tensor& x) const { return matmul(x, weight.t()); }
};

TEST_F(Parametrizations, EachLayerOfABatchIsParametrisedAlone) {
  const Batch both(randn({2, 4, 3}));
  const auto expect_alone = [&](const auto& recipe) {
    const auto weights = parametrize(both, recipe).weight();
    for (int i = 0; i < 2; ++i)
      EXPECT_TRUE(close(weights.select(0, i), parametrize(Batch(both.weight.select(0, i)), recipe).weight(), 1e-14));
  };
  expect_alone(Multipliers{});
  expect_alone(SpectralNorm{});
  expect_alone(WeightNorm{});
  expect_alone(Orthogonal{});
  expect_alone(SingularValues{});
}

struct Gain : Module {
  Tensor gain;
  Gain() : gain(register_parameter("gain", ones({}))) {}
  Tensor operator()(const Tensor& original) const { return gain * original; }
};

TEST_F(Parametrizations, AUsersOwn) {
  const Gain gain;
  auto layer = parametrize(linear, gain);
  EXPECT_EQ(names_of(layer.named_parameters()), (Names{"original", "bias", "gain"}));
  square(layer(x)).sum().backward();
  EXPECT_TRUE(gain.gain.grad().defined());
  const auto symmetric = parametrize(Linear(3, 3), [](const Tensor& w) { return w + w.t(); });
  EXPECT_TRUE(same(symmetric.weight(), symmetric.weight().t()));
}

TEST_F(Parametrizations, WeightsOfAModelAreTheComputedOnes) {
  const Sequential net{parametrize(linear, LowRank{.rank = 2}), ReLU(), Linear(4, 2)};
  EXPECT_EQ(names_of(net.named_weights()), (Names{"0.weight", "0.bias", "2.weight", "2.bias"}));
  EXPECT_EQ(names_of(net.named_parameters()), (Names{"0.original", "0.bias", "0.A", "0.B", "2.weight", "2.bias"}));
  net.named_weights()["0.weight"].sum().backward();
  EXPECT_TRUE(net.named_parameters()["0.B"].grad().defined());
}

TEST_F(Parametrizations, CloneAndStateReachEveryTensor) {
  auto layer = parametrize(parametrize(linear, SpectralNorm{}), Multipliers{});
  const auto copy = layer.clone();
  {
    const NoGrad guard;
    for (auto tensors : {layer.parameters()})
      for (auto& p : tensors) p.add_(0.5);
  }
  layer(x);
  EXPECT_FALSE(close(copy.weight(), layer.weight(), 1e-3));
  EXPECT_TRUE(close(copy.named_weights()["weight"], copy.weight(), 1e-15));
  auto restored = copy.clone();
  restored.load_state_dict(layer.state_dict());
  EXPECT_TRUE(same(restored.weight(), layer.weight()));
}

TEST_F(Parametrizations, InSinglePrecisionAndCaptured) {
  const auto layer = parametrize(parametrize(Linear(3, 4, {.dtype = f32}), SpectralNorm{}), LowRank{.rank = 1});
  const auto eager = layer.clone();
  const auto input = x.to(f32);
  optim::SGD first(layer.parameters(), {.lr = 0.1}), second(eager.parameters(), {.lr = 0.1});
  const auto train = [&](const auto& model, auto& optimizer) {
    optimizer.zero_grad();
    const auto loss = square(model(input)).sum();
    loss.backward();
    optimizer.step();
    return loss;
  };
  auto step = capture([&] { return train(layer, first); });
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(same(step(), train(eager, second)));
  EXPECT_EQ(layer.weight().dtype(), f32);
}

TEST_F(Parametrizations, ATiedLayerIsListedOnce) {
  const auto layer = parametrize(Linear(3, 3), Multipliers{});
  EXPECT_EQ(Sequential(layer, ReLU(), layer).named_weights().size(), 2u);
}

TEST_F(Parametrizations, SpectralNormRecoversFromAWeightOfZeros) {
  auto layer = parametrize(linear, SpectralNorm{});
  const NoGrad guard;
  const auto weight = layer.original.clone();
  layer.original.zero_();
  EXPECT_TRUE(same(layer(x), linear.bias.expand({6, 4})));
  layer.original.copy_(weight);
  for (int i = 0; i < 100; ++i) layer(x);
  EXPECT_NEAR(linalg::norm(layer.weight(), 2).item(), 1.0, 1e-6);
}

struct WithPart : Module {
  Linear part;
  WithPart() : part(register_module("part", Linear(1, 1))) {}
  Tensor operator()(const Tensor& original) const { return part.weight * original; }
};

TEST_F(Parametrizations, ARefusedOneChangesNothing) {
  auto layer = parametrize(linear, WithPart());
  const auto names = names_of(layer.named_parameters());
  EXPECT_EQ(error_of([&] { parametrize(layer, WithPart()); }), "Module: \"part\" is registered already");
  Parametrized<Linear> plain(linear.clone());
  const WithPart part;
  struct Original : Module {
    Original() { register_parameter("original", ones({1})); }
  };
  EXPECT_EQ(error_of([&] { plain.append({.weight = part, .module = Original()}); }),
            "Module: \"original\" is registered already");
  EXPECT_EQ(names_of(plain.named_parameters()), (Names{"weight", "bias"}));
  EXPECT_NO_THROW(plain.append({.weight = part, .module = part}));
  EXPECT_EQ(names_of(plain.named_parameters()), names);
}

TEST_F(Parametrizations, Errors) {
  EXPECT_EQ(error_of([&] { parametrize(linear, LowRank{.rank = 0}); }), "LowRank: rank must be >= 1 (got 0)");
  EXPECT_EQ(error_of([&] { parametrize(parametrize(linear, Multipliers{}), Multipliers{}); }),
            "Module: \"row\" is registered already");
  EXPECT_EQ(error_of([&] { parametrize(Batch(ones({3})), WeightNorm{}); }),
            "WeightNorm: the weight must be [..., out, in], got [3]");
  struct NoWeight : Module {
    Tensor weight = ones({2, 2});
    Tensor operator()(const Tensor& input) const { return input; }
  };
  EXPECT_EQ(error_of([&] { parametrize(NoWeight(), Multipliers{}); }),
            "parametrize: the layer has no parameter \"weight\"");
}

}  // namespace
}  // namespace sigmagrad::nn
