// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/clipping.hpp>

#include <cmath>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/kernels/svdvals.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/optim/detail/models.hpp>

namespace sigmagrad::optim {
namespace {

std::vector<Tensor> gradients(const std::vector<Tensor>& params) {
  std::vector<Tensor> result;
  for (const auto& parameter : params)
    if (Tensor grad = parameter.grad(); grad.defined()) result.push_back(std::move(grad));
  return result;
}

std::vector<Tensor> matrix_gradients(const std::vector<Tensor>& params) {
  auto result = gradients(params);
  std::erase_if(result, [](const Tensor& grad) { return grad.dim() < 2 || grad.numel() == 0; });
  return result;
}

void check(const char* name, double max_norm, double norm_type) {
  if (!(max_norm >= 0.0)) engine::fail("{}: max_norm must be >= 0 (got {})", name, max_norm);
  if (!(norm_type > 0.0)) engine::fail("{}: norm_type must be > 0 (got {})", name, norm_type);
}

// The norm of each gradient's entries.
Tensor norms(const std::vector<Tensor>& grads, double norm_type) {
  if (grads.empty()) return zeros({0});
  std::vector<Tensor> result;
  for (const auto& grad : grads)
    result.push_back(grad.numel() == 0 ? zeros({})
                                       : linalg::vector_norm(grad.to(f64).reshape({grad.numel()}), norm_type));
  return stack(result, 0);
}

// 1, or what brings a gradient of that norm to max_norm.
Tensor factor(const Tensor& norm, double max_norm) { return minimum(max_norm / (norm + 1e-6), ones_like(norm)); }

}  // namespace

Tensor clip_grad_norm_(const std::vector<Tensor>& params, double max_norm, double norm_type) {
  check("clip_grad_norm_", max_norm, norm_type);
  const NoGrad guard;
  auto grads = gradients(params);
  if (grads.empty()) return zeros({});
  const Tensor total = joint_norm("clip_grad_norm_", grads, norm_type, false);
  const Tensor scale = factor(total, max_norm);
  for (auto& grad : grads) grad.mul_(scale.to(grad.dtype()));
  return total;
}

Tensor clip_grad_norm_(const std::vector<Tensor>& params, double max_norm, const ClipOptions& options) {
  if (!options.per_model) return clip_grad_norm_(params, max_norm, options.norm_type);
  check("clip_grad_norm_", max_norm, options.norm_type);
  const NoGrad guard;
  auto grads = gradients(params);
  if (grads.empty()) engine::fail("clip_grad_norm_: no parameter has a gradient, expected one for each model");
  const Tensor totals = joint_norm("clip_grad_norm_", grads, options.norm_type, true);
  const Tensor scales = factor(totals, max_norm);
  for (auto& grad : grads) grad.mul_(along_models(scales, grad));
  return totals;
}

Tensor clip_grad_norms_(const std::vector<Tensor>& params, double max_norm, double norm_type) {
  check("clip_grad_norms_", max_norm, norm_type);
  const NoGrad guard;
  auto grads = gradients(params);
  const Tensor each = norms(grads, norm_type), scales = factor(each, max_norm);
  for (std::size_t i = 0; i < grads.size(); ++i)
    grads[i].mul_(scales.select(0, static_cast<std::int64_t>(i)).to(grads[i].dtype()));
  return each;
}

void clip_grad_spectral_(const std::vector<Tensor>& params, double max_norm) {
  if (!(max_norm > 0.0)) engine::fail("clip_grad_spectral_: max_norm must be > 0 (got {})", max_norm);
  const NoGrad guard;
  auto grads = matrix_gradients(params);
  std::vector<Tensor> scales;  // all before the first change, for they may be refused
  for (const auto& grad : grads) {
    const Tensor largest = linalg::detail::two_svdvals("clip_grad_spectral_", grad, 0, 0).narrow(-1, 0, 1).to(f64);
    scales.push_back(where(largest > max_norm, max_norm / largest, 1.0).to(grad.dtype()).unsqueeze(-1));
  }
  for (std::size_t i = 0; i < grads.size(); ++i) grads[i].mul_(scales[i]);
}

void clip_grad_singular_values_(const std::vector<Tensor>& params, double max_value) {
  if (!(max_value > 0.0)) engine::fail("clip_grad_singular_values_: max_value must be > 0 (got {})", max_value);
  const NoGrad guard;
  auto grads = matrix_gradients(params);
  std::vector<Tensor> clipped;
  for (const auto& grad : grads) {
    const auto [U, S, Vt] = linalg::detail::svd("clip_grad_singular_values_", grad);
    clipped.push_back(matmul(linalg::detail::columns_times(U, minimum(S, max_value)), Vt));
  }
  for (std::size_t i = 0; i < grads.size(); ++i) grads[i].copy_(clipped[i]);
}

}  // namespace sigmagrad::optim
