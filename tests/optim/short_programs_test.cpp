// SPDX-License-Identifier: BSD-3-Clause
// Lines that a user of PyTorch writes without looking anything up. They compile as they stand, and say what is
// expected.
#include <gtest/gtest.h>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sg = sigmagrad;
using sigmagrad::testing::close;
using sigmagrad::testing::same;

namespace {

const sg::Tensor x = sg::tensor({{1, 2, 3}, {4, 5, 6}}), v = sg::tensor({3, 1, 2});

TEST(ShortPrograms, Members) {
  EXPECT_TRUE(close(x.exp().log(), x, 1e-15));
  EXPECT_TRUE(same(x.square().sqrt(), x));
  EXPECT_EQ(x.var(-1).at({0}), 1.0);
  EXPECT_EQ(x.argmax(1).at({1}), 2.0);
  EXPECT_TRUE(same(v.index_select(0, {0, 2}), sg::tensor({3, 2})));
  EXPECT_TRUE(close(sg::tensor({3, 4}).norm(), sg::tensor(5), 1e-15));
  EXPECT_TRUE(same(x.clamp(2, 5).clamp_min(3), sg::tensor({{3, 3, 3}, {4, 5, 5}})));
  EXPECT_TRUE(close(x.softmax(1).sum(1), sg::ones({2}), 1e-15));
  EXPECT_TRUE(same(x.pow(2), x * x));
  EXPECT_EQ(x.matmul(x.t()).shape(), (sg::Shape{2, 2}));
}

TEST(ShortPrograms, Tensors) {
  EXPECT_TRUE(same(x[1], sg::tensor({4, 5, 6})));
  EXPECT_TRUE(same(x.slice(1, 0, 3, 2), sg::tensor({{1, 3}, {4, 6}})));
  EXPECT_EQ(x.at({1, 2}), 6.0);
  EXPECT_EQ(x.to_vector().size(), 6u);
  EXPECT_EQ(sg::tensor(0.5).item(), 0.5);
  EXPECT_EQ(sg::tensor({1, 2}, sg::f32).dtype(), sg::f32);
  EXPECT_TRUE(same(sg::where(v > 1.5, 1.0, 0.0), sg::tensor({1, 0, 1})));
  EXPECT_TRUE(same(sg::pow(2.0, v), sg::tensor({8, 2, 4})));
  EXPECT_TRUE(same(!(v > 1.5), sg::tensor({0, 1, 0})));
  EXPECT_TRUE(same(v > 1.5 && v < 2.5, sg::tensor({0, 0, 1})));
  sg::Tensor w = sg::zeros({3, 2});
  w.index_put_(0, {1}, sg::ones({1, 2}));
  EXPECT_EQ(w.sum().item(), 2.0);
  EXPECT_TRUE(same(sg::zeros({3}).index_add(0, {1, 1}, sg::ones({2})), sg::tensor({0, 2, 0})));
  EXPECT_TRUE(same(sg::zeros({3}).scatter_add(0, sg::tensor({2, 2}), sg::ones({2})), sg::tensor({0, 0, 2})));
}

TEST(ShortPrograms, Functions) {
  EXPECT_TRUE(close(sg::linspace(0, 1, 3), sg::tensor({0, 0.5, 1}), 1e-15));
  EXPECT_TRUE(close(sg::logspace(0, 2, 3), sg::tensor({1, 10, 100}), 1e-15));
  EXPECT_TRUE(same(sg::einsum("ij,kj->ik", {x, x}), x.matmul(x.t())));
  EXPECT_EQ(sg::kron(x, x).shape(), (sg::Shape{4, 9}));
  EXPECT_EQ(sg::dot(v, v).item(), 14.0);
  EXPECT_EQ(sg::multi_dot({x, x.t(), x}).shape(), (sg::Shape{2, 3}));
  const auto [values, indices] = sg::sort(v);
  EXPECT_TRUE(same(values, sg::tensor({1, 2, 3})) && same(indices, sg::tensor({1, 2, 0})));
  EXPECT_TRUE(same(v.topk(1).values, sg::tensor({3})));
  EXPECT_EQ(v.median().item(), 2.0);
  EXPECT_EQ(v.quantile(0.75).item(), 2.5);
  EXPECT_EQ(v.prod().item(), 6.0);
  EXPECT_TRUE(same(v.cumprod(0), sg::tensor({3, 3, 6})));
  EXPECT_EQ((v > 2.5).any().item(), 1.0);
  EXPECT_EQ((v > 2.5).all().item(), 0.0);
  EXPECT_TRUE(same((v / 2.0).floor() + (v / 2.0).ceil(), sg::tensor({3, 1, 2})));
  EXPECT_TRUE(same(x.tril() + x.triu(1), x));
  EXPECT_TRUE(same(v.flip(0), sg::tensor({2, 1, 3})));
  EXPECT_TRUE(same(v.roll(1, 0), sg::tensor({2, 3, 1})));
  EXPECT_EQ(v.repeat({2}).numel(), 6);
  EXPECT_EQ(v.split(2).size(), 2u);
  EXPECT_EQ(x.unbind().size(), 2u);
  EXPECT_EQ(sg::meshgrid({v, v})[0].shape(), (sg::Shape{3, 3}));
  EXPECT_TRUE(same(sg::one_hot(sg::tensor({1}), 3), sg::tensor({{0, 1, 0}})));
  EXPECT_TRUE(same(sg::lerp(v, v + 2.0, 0.5), v + 1.0));
  EXPECT_EQ(sg::multinomial(sg::tensor({0, 1}), 1).item(), 1.0);
  EXPECT_NEAR(sg::linalg::det(sg::eye(2) * 2.0).item(), 4.0, 1e-15);
  EXPECT_TRUE(close(sg::linalg::lstsq(sg::eye(2) * 2.0, sg::eye(2)), sg::eye(2) * 0.5, 1e-15));
  EXPECT_TRUE(close(sg::linalg::matrix_power(sg::eye(2) * 2.0, 3), sg::eye(2) * 8.0, 1e-15));
}

TEST(ShortPrograms, Modules) {
  sg::nn::Sequential net{sg::nn::Linear(3, 4), sg::nn::LayerNorm(4), sg::nn::GELU(), sg::nn::Linear(4, 2)};
  sg::nn::ModuleList<sg::nn::Linear> blocks;
  blocks.append(sg::nn::Linear(3, 3));
  EXPECT_EQ(blocks.named_parameters()[0].first, "0.weight");
  EXPECT_EQ(sg::nn::BatchNorm1d(3)(x).shape(), x.shape());
  EXPECT_EQ(sg::nn::Flatten()(sg::ones({2, 3, 4})).shape(), (sg::Shape{2, 12}));
  const auto handle = net.register_forward_hook([](const sg::Tensor&, const sg::Tensor& y) { return 2.0 * y; });
  const auto flat = sg::nn::parameters_to_vector(net.parameters());
  sg::nn::vector_to_parameters(flat * 0.0, net.parameters());
  EXPECT_EQ(net(x).norm().item(), 0.0);
  EXPECT_EQ(net.load_state_dict({}, {.strict = false}).missing.size(), net.state_dict().size());
  const auto penalty = (sg::nn::nuclear_penalty() - sg::nn::frobenius_penalty() / 2.0).on("0.*");
  EXPECT_EQ(penalty(net).item(), 0.0);
}

// What would change nothing does not compile, or says so.
static_assert(!std::is_assignable_v<sg::optim::StateBuffer&, sg::Tensor>);
static_assert(!std::is_assignable_v<sg::nn::Parameter&, sg::Tensor>);
static_assert(!std::is_assignable_v<decltype(std::declval<sg::optim::Group&>().lr()), double>);

TEST(ShortPrograms, OptionsWithoutEffectAreRefused) {
  using sigmagrad::testing::error_of;
  const sg::nn::Linear layer(2, 2);
  EXPECT_EQ(error_of([&] {
              layer.load_state_dict(layer.state_dict(), {.rename = {{"head.", "tail."}}});
            }),
            "load_state_dict: no entry is called \"head.\", which is to be renamed");
  EXPECT_EQ(error_of([] { sg::capture([] {}, {.verified_calls = 5}); }),
            "capture: verified_calls = 5 needs verify = true");
  EXPECT_TRUE(same(v.index_select(0, v.argmax()), sg::tensor({3})));
}

TEST(ShortPrograms, Losses) {
  const sg::Tensor labels = sg::tensor({0, 2});
  EXPECT_EQ(sg::l1_loss(x, x + 1.0).item(), 1.0);
  EXPECT_EQ(sg::huber_loss(x, x + 2.0).item(), 1.5);
  EXPECT_EQ(sg::smooth_l1_loss(x, x, 1.0, sg::Reduction::Sum).item(), 0.0);
  EXPECT_EQ(sg::mse_loss(x, x, sg::Reduction::None).shape(), x.shape());
  EXPECT_NEAR(sg::nll_loss(x.log_softmax(1), labels).item(), sg::cross_entropy(x, labels).item(), 1e-15);
  EXPECT_NEAR(sg::cross_entropy(x, sg::one_hot(labels, 3)).item(), sg::cross_entropy(x, labels).item(), 1e-15);
  EXPECT_GT(sg::cross_entropy(x, labels, {.label_smoothing = 0.1}).item(), 0.0);
  EXPECT_NEAR(sg::kl_div(x.log_softmax(1), x.softmax(1), sg::Reduction::Sum).item(), 0.0, 1e-15);
}

TEST(ShortPrograms, Training) {
  sg::manual_seed(1);
  sg::nn::Linear model(3, 1);
  const sg::Tensor target = x.sum(1, true);
  const auto loss = [&] { return sg::mse_loss(model(x), target); };
  sg::optim::Adam adam({{.params = {model.weight}}, {.params = {model.bias}, .weight_decay = 0.1}}, {.lr = 0.1});
  sg::optim::OneCycleLR cycle(adam, {.max_lr = 0.1, .total_steps = 20});
  sg::optim::EMA average(adam, {.decay = 0.9});
  const double start = loss().item();
  for (int step = 0; step < 20; ++step) {
    adam.zero_grad();
    loss().backward();
    sg::optim::clip_grad_norm_(model.parameters(), 1.0);
    adam.step();
    cycle.step();
  }
  EXPECT_LT(loss().item(), start);
  sg::optim::LBFGS lbfgs(model.parameters(), {.line_search = "strong_wolfe"});
  lbfgs.step([&] {
    lbfgs.zero_grad();
    const auto now = loss();
    now.backward();
    return now;
  });
  EXPECT_LT(loss().item(), 1e-6);
}

}  // namespace
