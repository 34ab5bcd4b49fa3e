// SPDX-License-Identifier: BSD-3-Clause
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/convolution.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/normalization.hpp>
#include <sigmagrad/autograd/operations/pooling.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/operations/softmax.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/on_threads.hpp>

// What is large enough to be spread in earnest, with the plain grains.
namespace sigmagrad {
namespace {

using testing::OnThreads;
using testing::same;

using Tensors = std::vector<Tensor>;

struct Family {
  std::string name;
  std::vector<Shape> shapes;
  std::function<Tensor(const Tensors&)> f;
};

const Shape images{16, 16, 16, 16}, flat{100, 1001};

const std::vector<Family> families{
    {"elementwise", {flat}, [](const Tensors& x) { return exp(x[0]) * 2.0; }},
    {"binary", {flat, flat}, [](const Tensors& x) { return x[0] * x[1]; }},
    {"rows", {flat, {1001}}, [](const Tensors& x) { return x[0] * x[1]; }},
    {"columns", {flat, {100, 1}}, [](const Tensors& x) { return maximum(x[0], x[1]); }},
    {"vector and number", {{100001}, {1}}, [](const Tensors& x) { return x[0] - x[1]; }},
    {"sum", {{100001}}, [](const Tensors& x) { return x[0].sum(); }},
    {"sum of rows", {flat}, [](const Tensors& x) { return sum(x[0], 1); }},
    {"sum of columns", {flat}, [](const Tensors& x) { return sum(x[0], 0); }},
    {"sum of one row", {{1, 100001}}, [](const Tensors& x) { return sum(x[0], 1); }},
    {"sum of few columns", {{5000, 40}}, [](const Tensors& x) { return sum(x[0], 0); }},
    {"var", {{2, 3000, 40}}, [](const Tensors& x) { return var(x[0], 1); }},
    {"std", {{2000, 50}}, [](const Tensors& x) { return x[0].std(0); }},
    {"cumsum", {flat}, [](const Tensors& x) { return cumsum(x[0], 1); }},
    {"softmax", {flat}, [](const Tensors& x) { return softmax(x[0], 1); }},
    {"log_softmax", {flat}, [](const Tensors& x) { return log_softmax(x[0], 0); }},
    {"transpose",
     {{40, 50, 60}},
     [](const Tensors& x) {
       return x[0].permute({2, 0, 1}) * 2.0;
     }},
    {"narrow", {{500, 501}}, [](const Tensors& x) { return x[0].narrow(1, 1, 400) * 2.0; }},
    {"cat",
     {flat, flat},
     [](const Tensors& x) {
       return cat({x[0], x[1]}, 1);
     }},
    {"product by rows", {{300, 60}, {60, 50}}, [](const Tensors& x) { return matmul(x[0], x[1]); }},
    {"product by columns", {{10, 60}, {60, 900}}, [](const Tensors& x) { return matmul(x[0], x[1]); }},
    {"product by halves", {{40, 9000}, {9000, 50}}, [](const Tensors& x) { return matmul(x[0], x[1]); }},
    {"large product", {{1100, 300}, {300, 400}}, [](const Tensors& x) { return matmul(x[0], x[1]); }},
    {"batch of products", {{200, 20, 30}, {200, 30, 20}}, [](const Tensors& x) { return matmul(x[0], x[1]); }},
    {"batch of squares", {{3000, 8, 8}, {3000, 8, 8}}, [](const Tensors& x) { return matmul(x[0], x[1]); }},
    {"batch_norm",
     {images, {16}, {16}},
     [](const Tensors& x) { return batch_norm(x[0], {}, {}, x[1], x[2], {.training = true}); }},
    {"batch_norm of rows",
     {{3000, 40}, {40}, {40}},
     [](const Tensors& x) { return batch_norm(x[0], {}, {}, x[1], x[2], {.training = true}); }},
    {"layer_norm", {{1000, 100}, {100}, {100}}, [](const Tensors& x) { return layer_norm(x[0], {100}, x[1], x[2]); }},
    {"max_pool2d", {{16, 8, 20, 20}}, [](const Tensors& x) { return max_pool2d(x[0], 2); }},
    {"avg_pool2d", {{16, 8, 20, 20}}, [](const Tensors& x) { return avg_pool2d(x[0], 3, {.stride = 2}); }},
    {"conv2d",
     {images, {20, 16, 3, 3}, {20}},
     [](const Tensors& x) { return conv2d(x[0], x[1], x[2], {.padding = 1}); }},
    {"conv2d of small images",
     {{65, 32, 4, 4}, {20, 32, 3, 3}},
     [](const Tensors& x) { return conv2d(x[0], x[1], {}, {.padding = 1}); }},
    {"conv2d of one image",
     {{1, 16, 64, 64}, {20, 16, 3, 3}},
     [](const Tensors& x) { return conv2d(x[0], x[1], {}, {.stride = 2}); }},
    {"conv2d in groups",
     {images, {16, 4, 3, 3}},
     [](const Tensors& x) { return conv2d(x[0], x[1], {}, {.groups = 4}); }},
    {"conv2d of one entry", {images, {20, 16, 1, 1}}, [](const Tensors& x) { return conv2d(x[0], x[1], {}); }},
};

Tensors inputs_of(const Family& family, Dtype dtype) {
  Tensors inputs;
  manual_seed(7);
  for (const Shape& shape : family.shapes) inputs.push_back(randn(shape, dtype).requires_grad_());
  return inputs;
}

// The value and all gradients.
Tensors results_of(const Family& family, const Tensors& inputs) {
  const Tensor value = family.f(inputs);
  Tensors results{value.detach()};
  for (const auto& gradient : grad(square(value).sum(), inputs)) results.push_back(gradient);
  return results;
}

TEST(Spread, GivesTheBitsOfOneThread) {
  for (const Family& family : families)
    for (const Dtype dtype : {f64, f32}) {
      const Tensors inputs = inputs_of(family, dtype), expected = results_of(family, inputs);
      for (const int n : {2, 3, 7}) {
        const OnThreads team(n, OnThreads::plain);
        const Tensors actual = results_of(family, inputs);
        for (std::size_t i = 0; i < expected.size(); ++i)
          ASSERT_TRUE(same(actual[i], expected[i])) << family.name << ", " << n << " threads, result " << i;
        ASSERT_GE(team.pieces(), 4u) << family.name << ' ' << dtype;
      }
    }
}

// The value alone is cut, whatever the loss and the gradients are.
TEST(Spread, CutsEachFamily) {
  for (const Family& family : families) {
    const Tensors inputs = inputs_of(family, f32);
    const NoGrad guard;
    const OnThreads team(2, OnThreads::plain);
    static_cast<void>(family.f(inputs));
    EXPECT_GE(team.pieces(), 2u) << family.name;
  }
}

TEST(Spread, CapturedStepsTakeTheNumberOfEachCall) {
  const Family& family = families.at(families.size() - 5);
  const Tensors inputs = inputs_of(family, f32), expected = results_of(family, inputs);
  auto step = capture([&] { return results_of(family, inputs); });
  step();
  for (const int n : {2, 1, 3, 7}) {
    const OnThreads team(n, OnThreads::plain);
    step();
    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_TRUE(same(step.output(i), expected[i])) << n;
    EXPECT_EQ(team.pieces() > 0, n > 1);
  }
}

TEST(Spread, WritesInPlace) {
  const Tensor other = randn({100001});
  const auto changed = [&] {
    Tensor x = full({100001}, 0.5);
    x.add_(other).mul_(1.25).sub_(other.narrow(0, 0, 1));
    Tensor y = empty({100001});
    y.copy_(x);
    return y.to(f32);
  };
  const Tensor expected = changed();
  const OnThreads team(3, OnThreads::plain);
  const Tensor actual = changed();
  EXPECT_EQ(team.pieces(), 4u * 7u);  // with the expansion of sub_'s operand
  EXPECT_TRUE(same(actual, expected));
}

}  // namespace
}  // namespace sigmagrad
