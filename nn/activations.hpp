// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/nn/module.hpp>

namespace sigmagrad::nn {

/// max(x, 0), entry by entry.
struct ReLU : Module {
  Tensor operator()(const Tensor& x) const { return relu(x); }
};

}  // namespace sigmagrad::nn
