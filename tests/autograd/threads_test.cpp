// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::same;

constexpr int count = 2;

// Runs f(0), ..., f(count - 1), each on a thread of its own, all let go at once.
template <class F>
void on_threads(const F& f) {
  std::atomic<int> waiting = count;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      for (--waiting; waiting > 0;) std::this_thread::yield();
      f(i);
    });
  for (auto& thread : threads) thread.join();
}

// A two-layer network trained on random data from one seed.
Tensor trained(int seed, const Tensor& target) {
  manual_seed(static_cast<std::uint64_t>(seed));
  Tensor first = (0.1 * randn({16, 8})).requires_grad_(), second = (0.1 * randn({4, 16})).requires_grad_();
  for (int step = 0; step < 50; ++step) {
    const Tensor x = randn({12, 8});
    const Tensor error = matmul(tanh(matmul(x, first.t())), second.t()) - matmul(x, target.t());
    square(error).mean().backward();
    const NoGrad guard;
    for (Tensor* p : {&first, &second}) {
      p->sub_(0.1 * p->grad());
      p->zero_grad();
    }
  }
  return matmul(second, first).detach();
}

TEST(Threads, TrainWithTheBitsOfOneAfterTheOther) {
  const Tensor target = randn({4, 8});
  std::array<Tensor, count> together;
  on_threads([&](int i) { together[static_cast<std::size_t>(i)] = trained(i, target); });
  for (int i = 0; i < count; ++i) EXPECT_TRUE(same(together[static_cast<std::size_t>(i)], trained(i, target))) << i;
  EXPECT_FALSE(same(together[0], together[1]));
}

TEST(Threads, ReadSharedTensors) {
  const Tensor x = randn({33, 17});
  const double expected = square(x).sum().item();
  std::array<double, count> sums{};
  on_threads([&](int i) {
    for (int round = 0; round < 200; ++round) {
      const Tensor copy = x, flat = x.flatten();
      sums[static_cast<std::size_t>(i)] = square(copy).reshape({33 * 17}).sum().item();
      ASSERT_TRUE(same(flat.reshape({33, 17}), copy));
    }
  });
  for (const double sum : sums) EXPECT_EQ(sum, expected);
}

TEST(Threads, MaterialiseOneTranspose) {
  const Tensor x = randn({33, 17});
  for (int round = 0; round < 100; ++round) {
    const Tensor shared = x.t();  // its row-major copy is made by whoever reads first
    std::array<Tensor, count> copies;
    on_threads([&](int i) { copies[static_cast<std::size_t>(i)] = shared.clone(); });
    for (const auto& copy : copies) ASSERT_TRUE(same(copy.t(), x));
  }
}

TEST(Threads, DifferentiateOneSharedParameter) {
  const Tensor w = randn({8, 8}).requires_grad_();
  std::array<Tensor, count> gradients;
  on_threads([&](int i) {
    for (int round = 0; round < 100; ++round) {
      const Tensor loss = square(matmul(w, w.t())).sum() * (1.0 + i);
      gradients[static_cast<std::size_t>(i)] = grad(loss, {w})[0];
    }
  });
  EXPECT_TRUE(same(2.0 * gradients[0], gradients[1]));
  EXPECT_FALSE(w.grad().defined());
}

TEST(Threads, ReleaseTensorsMadeElsewhere) {
  std::array<std::vector<Tensor>, count> made;
  on_threads([&](int i) {
    const Tensor w = ones({32}).requires_grad_();
    for (int k = 0; k < 500; ++k) made[static_cast<std::size_t>(i)].push_back(square(w) * w);
  });
  on_threads([&](int i) {
    auto& others = made[static_cast<std::size_t>((i + 1) % count)];
    for (const auto& tensor : others) ASSERT_EQ(tensor.sum().item(), 32.0);
    others.clear();
  });
}

TEST(Threads, HaveTheirOwnGradMode) {
  const NoGrad guard;
  on_threads([](int) { EXPECT_TRUE(grad_enabled()); });
}

TEST(Threads, HaveTheirOwnGenerator) {
  std::array<Tensor, count> drawn;
  on_threads([&](int i) { drawn[static_cast<std::size_t>(i)] = randn({4}); });
  EXPECT_FALSE(same(drawn[0], drawn[1]));
  on_threads([&](int i) {
    manual_seed(5);
    drawn[static_cast<std::size_t>(i)] = randn({4});
  });
  EXPECT_TRUE(same(drawn[0], drawn[1]));
}

}  // namespace
}  // namespace sigmagrad
