// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/bench/detail/library.hpp>

namespace sigmagrad::bench {

void set_parameters(nn::Module& module, const std::vector<double>& values) {
  const NoGrad guard;
  auto next = values.begin();
  for (Tensor& parameter : module.parameters()) {
    const auto end = next + parameter.numel();
    parameter.copy_(tensor({next, end}, parameter.shape(), parameter.dtype()));
    next = end;
  }
}

std::vector<double> parameter_values(const nn::Module& module) {
  std::vector<double> values;
  for (const Tensor& parameter : module.parameters()) {
    const auto wide = parameter.detach().to(f64);
    const auto entries = wide.data<double>();
    values.insert(values.end(), entries.begin(), entries.end());
  }
  return values;
}

}  // namespace sigmagrad::bench
