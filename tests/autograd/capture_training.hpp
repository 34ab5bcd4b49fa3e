// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>

namespace sigmagrad::testing {

/// Two factors trained on a random target, with everything drawn from a generator of its own.
struct Training {
  explicit Training(std::uint64_t seed = 1) : generator(seed) {
    a = (0.5 * randn({4, 3}, generator)).requires_grad_();
    b = (0.5 * randn({3, 4}, generator)).requires_grad_();
    target = randn({4, 4}, generator);
  }
  Tensor gradients() {
    const auto x = randn({5, 4}, generator);
    const auto loss = mean(square(matmul(x, matmul(a, b) - target)));
    loss.backward();
    return loss;
  }
  void descend() {
    const NoGrad guard;
    for (auto* p : {&a, &b}) p->sub_(0.1 * p->grad());
  }
  void zero_grad() {
    a.zero_grad();
    b.zero_grad();
  }
  Tensor step() {
    zero_grad();
    const auto loss = gradients();
    descend();
    return loss;
  }

  Generator generator;
  Tensor a, b, target;
};

}  // namespace sigmagrad::testing
