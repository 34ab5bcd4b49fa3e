// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::same;

struct Sizes {
  Shape x, weight;
  Conv2dOptions options{};
};

// Small and large results, so that a piece of the work is some samples or a part of one; strides, groups, 1 x 1.
std::vector<Sizes> all_sizes() {
  return {{{5, 3, 4, 4}, {6, 3, 3, 3}, {.padding = 1}},
          {{130, 2, 2, 2}, {3, 2, 3, 3}, {.padding = 1}},
          {{3, 2, 41, 37}, {5, 2, 3, 3}, {.stride = {1, 2}, .padding = 1}},
          {{3, 4, 23, 24}, {6, 2, 3, 2}, {.dilation = 2, .groups = 2}},
          {{3, 4, 20, 21}, {6, 4, 1, 1}},
          {{3, 600, 3, 3}, {4, 600, 3, 3}, {.padding = 1}},
          {{4, 6, 19, 21}, {6, 1, 3, 3}, {.padding = 1, .groups = 6}}};
}

struct Outcome {
  Tensor value;
  std::vector<Tensor> gradients;
};

Outcome run(const Tensor& x, const Tensor& weight, const Conv2dOptions& options) {
  const std::vector<Tensor> leaves{x.clone().requires_grad_(), weight.clone().requires_grad_()};
  const Tensor value = conv2d(leaves[0], leaves[1], {}, options);
  return {value.detach(), grad(square(value).sum(), leaves)};
}

TEST(Conv2d, ASampleHasItsBitsWhateverStandsBesideIt) {
  manual_seed(3);
  for (const Dtype dtype : {f64, f32})
    for (const auto& [shape, of_weight, options] : all_sizes()) {
      const Tensor x = randn(shape, dtype), weight = randn(of_weight, dtype);
      const Outcome whole = run(x, weight, options);
      for (const auto& [start, length] : {std::pair{0, 1}, {2, 1}, {1, 2}}) {
        const Outcome part = run(x.narrow(0, start, length), weight, options);
        EXPECT_TRUE(same(part.value, whole.value.narrow(0, start, length))) << shape << of_weight;
        EXPECT_TRUE(same(part.gradients[0], whole.gradients[0].narrow(0, start, length))) << shape << of_weight;
      }
    }
}

TEST(Conv2d, SinglePrecisionIsCloseToDouble) {
  manual_seed(4);
  for (const auto& [shape, of_weight, options] : all_sizes()) {
    const Tensor x = randn(shape, f32), weight = randn(of_weight, f32);
    const Outcome narrow = run(x, weight, options), wide = run(x.to(f64), weight.to(f64), options);
    EXPECT_TRUE(testing::close(narrow.value, wide.value, 1e-6)) << shape;
    for (std::size_t i = 0; i < 2; ++i)
      EXPECT_TRUE(testing::close(narrow.gradients[i], wide.gradients[i], 2e-6)) << shape << ", gradient " << i;
  }
}

TEST(Conv2d, OneImageIsABatchOfOne) {
  const Tensor x = randn({3, 5, 4}), weight = randn({2, 3, 3, 3}), bias = randn({2});
  EXPECT_TRUE(same(conv2d(x, weight, bias), conv2d(x.unsqueeze(0), weight, bias).squeeze(0)));
  EXPECT_TRUE(same(x.conv2d(weight, bias), conv2d(x, weight, bias)));
}

TEST(Conv2d, ModelsHaveTheirOwnImagesOrShareThem) {
  const Tensor weights = randn({2, 3, 4, 1, 3, 3}), biases = randn({2, 3, 4});
  const Tensor own = randn({2, 3, 5, 2, 6, 4}), shared = randn({5, 2, 6, 4});
  const Conv2dOptions options{.padding = 1, .groups = 2};
  const Tensor of_own = conv2d(own, weights, biases, options), of_shared = conv2d(shared, weights, biases, options);
  for (std::int64_t i = 0; i < 2; ++i)
    for (std::int64_t j = 0; j < 3; ++j) {
      EXPECT_TRUE(same(of_own[i][j], conv2d(own[i][j], weights[i][j], biases[i][j], options)));
      EXPECT_TRUE(same(of_shared[i][j], conv2d(shared, weights[i][j], biases[i][j], options)));
    }
  const auto f = [&](const Tensor& x, const Tensor& w) { return conv2d(x, w, {}, options); };
  testing::gradcheck(f, {randn({2, 2, 3, 3}), randn({2, 4, 1, 3, 3})});
}

TEST(Conv2d, ThirdDerivatives) {
  const Conv2dOptions options{.stride = 2, .padding = 1};
  const auto f = [&](const Tensor& x, const Tensor& w) {
    const Tensor leaf = x.requires_grad() ? x : x.clone().requires_grad_();
    return grad(pow(conv2d(leaf, w, {}, options), 3.0).sum(), {leaf}, {.create_graph = true})[0];
  };
  testing::gradgradcheck(f, {randn({1, 2, 3, 4}), randn({2, 2, 3, 2})});
}

TEST(Conv2d, ACapturedStepTrains) {
  manual_seed(5);
  Tensor x = randn({4, 3, 8, 8}, f32);
  Tensor weight = randn({5, 3, 3, 3}, f32).requires_grad_(), bias = zeros({5}, f32).requires_grad_();
  const Tensor eager_weight = weight.detach().clone().requires_grad_(), eager_bias = zeros({5}, f32).requires_grad_();
  const auto step_of = [&](Tensor w, Tensor b) {
    const Tensor loss = square(relu(conv2d(x, w, b, {.stride = 2, .padding = 1})) - 1.0).mean();
    const auto gradients = grad(loss, {w, b});
    const NoGrad guard;
    w.sub_(0.1 * gradients[0]);
    b.sub_(0.1 * gradients[1]);
    return loss.detach();
  };
  auto step = capture([&] { return step_of(weight, bias); });
  for (int i = 0; i < 4; ++i) {
    x.copy_(randn({4, 3, 8, 8}, f32));
    EXPECT_EQ(step().item(), step_of(eager_weight, eager_bias).item());
  }
  EXPECT_TRUE(same(weight.detach(), eager_weight.detach()));
  EXPECT_TRUE(same(bias.detach(), eager_bias.detach()));
}

}  // namespace
}  // namespace sigmagrad
