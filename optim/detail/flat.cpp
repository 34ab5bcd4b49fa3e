// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/detail/flat.hpp>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>

namespace sigmagrad::optim {

Tensor flat_values(const std::vector<Tensor>& params) {
  std::vector<Tensor> parts;
  for (const auto& parameter : params) parts.push_back(parameter.detach().reshape({-1}));
  return cat(parts, 0);
}

Tensor flat_gradient(const std::vector<Tensor>& params) {
  std::vector<Tensor> parts;
  for (const auto& parameter : params) {
    const Tensor grad = parameter.grad();
    parts.push_back(grad.defined() ? grad.detach().reshape({-1}) : zeros({parameter.numel()}, parameter.dtype()));
  }
  return cat(parts, 0);
}

void set_values(std::vector<Tensor> params, const Tensor& flat) {
  std::int64_t from = 0;
  for (auto& parameter : params) {
    parameter.copy_(flat.narrow(0, from, parameter.numel()).reshape(parameter.shape()));
    from += parameter.numel();
  }
}

double dot(const Tensor& a, const Tensor& b) { return (a * b).sum().item(); }

double largest_entry(const Tensor& x) { return x.numel() == 0 ? 0.0 : max(abs(x)).item(); }

double sum_of_sizes(const Tensor& x) { return abs(x).sum().item(); }

}  // namespace sigmagrad::optim
