// SPDX-License-Identifier: BSD-3-Clause
// Whole trainings on several threads, to the bits of one.
#include <memory>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/on_threads.hpp>

namespace sigmagrad {
namespace {

using testing::OnThreads;
using testing::same;

// Convolutions, batch normalisation, a shortcut, pools and a linear layer on random images.
struct Network {
  explicit Network(Dtype dtype) : generator(5) {
    const auto parameter = [&](const Shape& shape, double size) {
      parameters.push_back((size * randn(shape, generator)).to(dtype).requires_grad_());
    };
    parameter({16, 3, 3, 3}, 0.2);
    parameter({16, 16, 3, 3}, 0.1);
    parameter({32, 16, 3, 3}, 0.1);
    for (const std::int64_t channels : {16, 16, 32}) {
      parameters.push_back(ones({channels}, dtype).requires_grad_());
      parameters.push_back(zeros({channels}, dtype).requires_grad_());
      means.push_back(zeros({channels}, dtype));
      vars.push_back(ones({channels}, dtype));
    }
    parameter({10, 32}, 0.2);
    images = randn({24, 3, 16, 16}, generator).to(dtype);
    labels = floor(10.0 * rand({24}, generator));
  }

  Tensor block(const Tensor& x, std::size_t i, std::int64_t stride) {
    const Tensor y = conv2d(x, parameters[i], {}, {.stride = stride, .padding = 1});
    return batch_norm(y, means[i], vars[i], parameters[3 + 2 * i], parameters[4 + 2 * i], {.training = true});
  }
  Tensor loss() {
    const Tensor stem = relu(block(images + 0.1 * randn(images.shape(), generator).to(images.dtype()), 0, 1));
    const Tensor inner = relu(block(stem, 1, 1) + stem), last = relu(block(max_pool2d(inner, 2), 2, 2));
    return cross_entropy(matmul(flatten(adaptive_avg_pool2d(last, 1), 1), parameters.back().t()), labels);
  }

  Generator generator;
  std::vector<Tensor> parameters, means, vars;
  Tensor images, labels;
};

struct Training {
  template <class Optimizer>
  Training(Dtype dtype, std::in_place_type_t<Optimizer>, const typename Optimizer::Options& options)
      : network(dtype), optimizer(std::make_unique<Optimizer>(network.parameters, options)) {}
  Tensor step() {
    optimizer->zero_grad();
    const Tensor loss = network.loss();
    loss.backward();
    optimizer->step();
    return loss;
  }

  Network network;
  std::unique_ptr<optim::Optimizer> optimizer;
};

void expect_same(const Training& actual, const Training& expected, const std::string& what) {
  for (std::size_t i = 0; i < expected.network.parameters.size(); ++i)
    ASSERT_TRUE(same(actual.network.parameters[i], expected.network.parameters[i])) << what << ", parameter " << i;
  for (std::size_t i = 0; i < expected.network.means.size(); ++i) {
    ASSERT_TRUE(same(actual.network.means[i], expected.network.means[i])) << what;
    ASSERT_TRUE(same(actual.network.vars[i], expected.network.vars[i])) << what;
  }
}

template <class Optimizer>
void check_training(const typename Optimizer::Options& options) {
  for (const Dtype dtype : {f64, f32}) {
    const std::in_place_type_t<Optimizer> kind;
    Training alone(dtype, kind, options);
    const double before = alone.step().item();
    for (int i = 1; i < 5; ++i) alone.step();
    ASSERT_LT(alone.step().item(), before);
    for (const int n : {2, 3, 7})
      for (const auto grains : {OnThreads::plain, OnThreads::smallest}) {
        const OnThreads team(n, grains);
        Training eager(dtype, kind, options), captured(dtype, kind, options);
        auto step = capture([&] { return captured.step(); });
        for (int i = 0; i < 6; ++i) {
          eager.step();
          step();
        }
        EXPECT_GT(team.pieces(), 100u);
        expect_same(eager, alone, std::to_string(n) + " threads");
        expect_same(captured, alone, std::to_string(n) + " threads, captured");
      }
  }
}

TEST(ThreadsInTraining, SGDWithMomentum) {
  check_training<optim::SGD>({.lr = 0.05, .momentum = 0.9, .weight_decay = 5e-4, .nesterov = true});
}

TEST(ThreadsInTraining, Adam) { check_training<optim::Adam>({.lr = 0.01}); }

TEST(ThreadsInTraining, TheNumberMayChangeBetweenSteps) {
  const std::in_place_type_t<optim::SGD> kind;
  Training alone(f32, kind, {.lr = 0.05}), changing(f32, kind, {.lr = 0.05});
  for (int i = 0; i < 6; ++i) alone.step();
  auto step = capture([&] { return changing.step(); });
  for (const int n : {1, 2, 7, 1, 3, 2}) {
    const OnThreads team(n);
    step();
  }
  expect_same(changing, alone, "changing");
}

// Rates of their own for models, which a piece may begin within.
TEST(ThreadsInTraining, RatesOfModels) {
  const auto trained = [](int n) {
    const OnThreads team(n);
    manual_seed(3);
    Tensor w = randn({5, 4, 3}).requires_grad_();
    const Tensor target = randn({4, 3});
    optim::SGD optimizer({w}, {.lr = 0.1, .momentum = 0.5, .lr_scale = tensor({1.0, 0.5, 0.25, 2.0, 0.0})});
    optim::EMA averages(optimizer, {.decay = 0.9});
    for (int i = 0; i < 5; ++i) {
      optimizer.zero_grad();
      square(w - target).sum().backward();
      optimizer.step();
    }
    return std::vector{w.detach(), averages.values()[0]};
  };
  const auto expected = trained(1);
  for (const int n : {2, 3, 7}) {
    const auto actual = trained(n);
    EXPECT_TRUE(same(actual[0], expected[0])) << n;
    EXPECT_TRUE(same(actual[1], expected[1])) << n;
  }
}

// An Error of a step on several threads is that of one, and leaves the parameters alone.
TEST(ThreadsInTraining, AStepThatIsRefused) {
  const auto message = [](int n) {
    const OnThreads team(n);
    Tensor w = ones({100}).requires_grad_();
    optim::Adam optimizer({w}, {});
    (w * tensor(std::vector<double>(100, 1e200))).sum().backward();
    const std::string error = testing::error_of([&] { optimizer.step(); });
    EXPECT_TRUE(same(w, ones({100})));
    return error;
  };
  EXPECT_EQ(message(3), message(1));
  EXPECT_NE(message(3), "no error");
}

}  // namespace
}  // namespace sigmagrad
