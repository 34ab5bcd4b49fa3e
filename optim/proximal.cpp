// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/proximal.hpp>

#include <algorithm>
#include <cmath>
#include <memory>

#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::optim {
namespace {

const Group& group_of(const Optimizer& optimizer, const Tensor& parameter) {
  for (const auto& group : optimizer.groups())
    for (const auto& known : group.params())
      if (known.is(parameter)) return group;
  engine::fail("proximal: the optimiser has no such parameter of shape {}", parameter.shape().str());
}

}  // namespace

std::function<void(Optimizer&)> proximal(std::vector<Tensor> params, Prox prox, double strength) {
  if (!(strength >= 0.0)) engine::fail("proximal: strength must be >= 0 (got {})", strength);
  // The product lr * strength, which the prox reads by reference: a captured step computes it at every replay.
  const auto taus = std::make_shared<std::vector<double>>(params.size());
  return [params = std::move(params), prox = std::move(prox), strength, taus](Optimizer& optimizer) mutable {
    for (const auto& parameter : params)
      if (group_of(optimizer, parameter).lr_scale().defined())
        engine::fail("proximal: a group of the optimiser has an lr_scale, expected one rate for all models");
    for (std::size_t i = 0; i < params.size(); ++i) {
      if (!params[i].grad().defined()) continue;
      double& tau = (*taus)[i];
      const Scalar rate = group_of(optimizer, params[i]).lr();
      engine::launch([to = &tau, lr = rate, strength] { *to = lr.now() * strength; });
      params[i].copy_(prox(params[i].detach(), Scalar::reference(tau)));
    }
  };
}

Tensor soft_threshold(const Tensor& w, Scalar tau) {
  if (!(tau.now() >= 0.0)) engine::fail("soft_threshold: tau must be >= 0 (got {})", tau.now());
  return sign(w) * relu(abs(w) - tau);
}

}  // namespace sigmagrad::optim
