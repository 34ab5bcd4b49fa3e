// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/ntk.hpp>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::detail {
namespace {

// The outputs of all samples one after the other, output by output.
Tensor output_major(const Tensor& y, const Tensor& samples) {
  if (samples.dim() < 2)
    engine::fail("ntk: x must be [samples, ...] with two axes or more, got {}", samples.shape().str());
  if (y.dim() == 0 || y.size(0) != samples.size(0))
    engine::fail("ntk: model(x) must be [{}, ...], one row per sample of x, got {}", samples.size(0), y.shape().str());
  const std::int64_t outputs = y.shape().tail(1).numel();
  return y.reshape({y.size(0), outputs}).t().reshape({outputs * y.size(0)});
}

}  // namespace

Tensor tangent_kernel(const std::function<Tensor()>& outputs, const std::vector<Tensor>& parameters,
                      const Tensor& samples, DerivativeOptions options) {
  std::vector<Tensor> trained;
  for (const auto& parameter : parameters)
    if (parameter.requires_grad()) trained.push_back(parameter);
  const auto y = [&] { return output_major(outputs(), samples); };
  const GradMode mode(options.create_graph);
  if (trained.empty()) {
    const std::int64_t n = y().numel();
    return zeros({n, n});
  }
  Tensor kernel;
  for (const auto& derivative : jacobian(y, trained, options)) {
    const Tensor J = derivative.reshape({derivative.size(0), derivative.shape().tail(1).numel()}).to(f64);
    const Tensor part = matmul(J, J.t());
    kernel = kernel.defined() ? kernel + part : part;
  }
  return 0.5 * (kernel + kernel.t());  // a product's two triangles may differ by rounding
}

}  // namespace sigmagrad::detail
