// SPDX-License-Identifier: BSD-3-Clause
// A training loop must stop making requests to the system's allocator.
#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/memory/poison.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/allocations.hpp>

// A sanitizer brings an allocator of its own, and turns the pool off.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace sigmagrad {
namespace {

using testing::allocations;
using testing::expect_no_allocation;

void descend(const Tensor& loss, std::vector<Tensor>& parameters) {
  loss.backward();
  const NoGrad guard;
  for (auto& p : parameters) {
    p.sub_(1e-3 * p.grad());
    p.zero_grad();
  }
}

TEST(Memory, TheCounterCounts) {
  const long before = allocations;
  engine::pool_release(engine::allocate_from_system(64), 64);
  EXPECT_EQ(allocations - before, 1);
}

TEST(Memory, ACompletionStepAllocatesNothing) {
  manual_seed(1);
  const Tensor target = randn({10, 10}), mask = bernoulli(full({10, 10}, 0.5));
  std::vector<Tensor> factors;
  for (int l = 0; l < 3; ++l) factors.push_back((0.3 * randn({10, 10})).requires_grad_());
  expect_no_allocation(
      [&] {
        const Tensor product = matmul(factors[2], matmul(factors[1], factors[0]));
        descend(0.5 * square(mask * (product - target)).sum(), factors);
      },
      20'000);
}

TEST(Memory, ReplayingACapturedStepAllocatesNothing) {
  manual_seed(1);
  const Tensor target = randn({10, 10}), mask = bernoulli(full({10, 10}, 0.5));
  std::vector<Tensor> factors;
  for (int l = 0; l < 3; ++l) factors.push_back((0.3 * randn({10, 10})).requires_grad_());
  auto step = capture([&] {
    const Tensor product = matmul(factors[2], matmul(factors[1], factors[0]));
    const Tensor loss = 0.5 * square(mask * (product - target)).sum();
    descend(loss, factors);
    return loss;
  });
  const double first = step().item();
  expect_no_allocation([&] { step(); }, 20'000);
  EXPECT_LT(step().item(), first);
}

TEST(Memory, AStepOfANetworkAllocatesNothing) {
  manual_seed(2);
  std::vector<Tensor> p = {0.1 * randn({32, 16}), zeros({32}), 0.1 * randn({4, 32}), zeros({4})};
  for (auto& parameter : p) parameter.requires_grad_();
  expect_no_allocation([&] {
    const Tensor x = randn({20, 16}), y = randn({20, 4});
    const Tensor hidden = relu(matmul(x, p[0].t()) + p[1]);
    descend(square(matmul(hidden, p[2].t()) + p[3] - y).mean(), p);
  });
}

TEST(Memory, GradAllocatesTheVectorThatItReturns) {
  const Tensor a = ones({3, 3}).requires_grad_(), b = ones({3, 3}).requires_grad_();
  const std::vector<Tensor> inputs{a, b};
  const auto step = [&] { grad(tanh(matmul(tanh(matmul(a, b)), a) + b).sum(), inputs); };
  for (int i = 0; i < 100; ++i) step();
  const long before = allocations;
  for (int i = 0; i < 1000; ++i) step();
  EXPECT_EQ(allocations - before, 1000);
}

TEST(Memory, AGraphOfManyMegabytesDoesNotCrowdOutLaterSteps) {
  {
    std::vector<Tensor> many(1000);  // more than the pool keeps, and halves of halves that fill its last gap
    for (auto& tensor : many) tensor = zeros({1 << 16});
    for (std::int64_t size = 1 << 16; size > 0; size /= 2) many.insert(many.end(), {zeros({size}), zeros({size})});
  }
  const Tensor x = ones({777});  // a size of its own
  expect_no_allocation([&] { square(x).sum(); });
}

TEST(Memory, OldEntriesAreKeptOnlyWhileSomeoneShowsThem) {
  Tensor x = ones({1024});
  const Tensor start = x.reshape({32, 32});
  expect_no_allocation([&] { x.add_(1.0); });
  EXPECT_EQ(start.sum().item(), 1024.0);
}

TEST(Memory, FreeMemoryCanBeFilledWithNaN) {
  for (const std::int64_t n : {1, 100, 777, 100000}) {
    const auto released = zeros({n}).impl().block->data();  // the next tensor of this size has its memory
    engine::poison_free_memory();
    const Tensor next = engine::make_tensor({n}, f64);
    ASSERT_EQ(next.impl().block->data(), released);
    EXPECT_EQ((next != next).sum().item(), static_cast<double>(n));
  }
}

}  // namespace
}  // namespace sigmagrad

#endif
