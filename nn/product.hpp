// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/module_list.hpp>
#include <sigmagrad/nn/sequential.hpp>

namespace sigmagrad::nn {

/// The end-to-end matrix W_L ... W_1 of a linear network, [out, in], or [models..., out, in] of many: model(x) is
/// x product(model)'. Its layers are Linear without bias, parametrised or not, Identity, and Sequentials of these.
/// Gradients flow to the weights. Error where a layer is another one or has a bias, and where there is no weight.
Tensor product(const Sequential& model);
Tensor product(const ModuleList<Linear>& layers);

}  // namespace sigmagrad::nn
