// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/detail/models.hpp>

#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/norms.hpp>

namespace sigmagrad::optim {
namespace {

void check_models(const char* operation, const std::vector<Tensor>& tensors) {
  for (const auto& tensor : tensors)
    if (tensor.dim() == 0 || tensors.front().dim() == 0 || tensor.size(0) != tensors.front().size(0))
      engine::fail("{}: per_model needs one first axis of all parameters, that of the models (got {} and {})",
                   operation, tensors.front().shape().str(), tensor.shape().str());
}

}  // namespace

Tensor along_models(const Tensor& values, const Tensor& x) {
  Shape shape = x.shape();
  for (int axis = 1; axis < x.dim(); ++axis) shape = shape.with(axis, 1);
  return values.to(x.dtype()).reshape(shape);
}

Tensor joint_norm(const char* operation, const std::vector<Tensor>& tensors, double norm_type, bool per_model) {
  if (per_model) check_models(operation, tensors);
  const Shape models = per_model ? Shape{tensors.front().size(0)} : Shape{};
  std::vector<Tensor> norms;
  for (const auto& tensor : tensors) {
    if (tensor.numel() == 0) {
      norms.push_back(zeros(models));
      continue;
    }
    const Tensor entries = per_model ? tensor.reshape({tensor.size(0), -1}) : tensor.reshape({-1});
    norms.push_back(linalg::vector_norm(entries.to(f64), norm_type));
  }
  return linalg::vector_norm(stack(norms, -1), norm_type);
}

}  // namespace sigmagrad::optim
