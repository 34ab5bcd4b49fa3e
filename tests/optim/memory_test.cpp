// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/optim/optimizer_cases.hpp>
#include <sigmagrad/tests/support/allocations.hpp>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace sigmagrad::optim {
namespace {

TEST(Memory, StepsOfEveryOptimizerAllocateNothing) {
  for (const auto& row : optimizer_cases) {
    SCOPED_TRACE(row.name);
    manual_seed(1);
    auto w = randn({6, 4}).requires_grad_(), v = randn({4, 6}).requires_grad_();
    const auto optimizer = row.make({w, v});
    const auto body = [&] {
      optimizer->zero_grad();
      mse_loss(matmul(w, v), eye(6)).backward();
      optimizer->step();
    };
    testing::expect_no_allocation(body, 100);
    auto step = capture(body);
    testing::expect_no_allocation([&] { step(); }, 100);
  }
}

TEST(Memory, ClippingAndProximalStepsOfACapturedStepAllocateNothing) {
  manual_seed(1);
  auto w = randn({6, 4}).requires_grad_();
  SGD optimizer({w}, {.lr = 0.1});
  optimizer.after_step(proximal({w}, linalg::prox_nuclear, 0.1));
  auto step = capture([&] {
    optimizer.zero_grad();
    square(w).sum().backward();
    clip_grad_spectral_({w}, 1.0);
    clip_grad_norm_({w}, 1.0);
    optimizer.step();
  });
  testing::expect_no_allocation([&] { step(); }, 100);
}

TEST(Memory, StepsWithAllThatGoesAroundAnOptimizerAllocateNothing) {
  manual_seed(1);
  auto w = randn({6, 4, 3}).requires_grad_();
  Adam optimizer({w}, {.lr = 0.1, .lr_scale = rand({6})});
  const Lookahead lookahead(optimizer);
  const EMA ema(optimizer);
  SAM sam(optimizer, {.per_model = true});
  auto step = capture([&] {
    return sam.step([&] {
      sam.zero_grad();
      const auto loss = square(w).sum();
      loss.backward();
      clip_grad_norm_({w}, 1.0, {.per_model = true});
      return loss;
    });
  });
  testing::expect_no_allocation([&] { step(); }, 100);
}

}  // namespace
}  // namespace sigmagrad::optim

#endif
