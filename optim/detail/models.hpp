// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Many models at once, along the first axis of every tensor.
namespace sigmagrad::optim {

/// One number a model [M], in the dtype of x [M, ...] and with axes of size 1 after it: they broadcast.
Tensor along_models(const Tensor& values, const Tensor& x);

/// The norm of all entries of all tensors, f64: one number, or one a model [M]. Error, naming `operation`, for tensors
/// that do not begin with one M. At least one tensor.
Tensor joint_norm(const char* operation, const std::vector<Tensor>& tensors, double norm_type, bool per_model);

}  // namespace sigmagrad::optim
