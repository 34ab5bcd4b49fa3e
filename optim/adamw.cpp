// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/adamw.hpp>

namespace sigmagrad::optim {
namespace {

AdamOptions as_adam(const AdamWOptions& o) {
  return {.lr = o.lr, .betas = o.betas, .eps = o.eps, .weight_decay = o.weight_decay, .amsgrad = o.amsgrad};
}

}  // namespace

AdamW::AdamW(std::vector<Tensor> params, Options options)
    : Adam("AdamW", std::move(params), as_adam(options), Decay::Decoupled) {}
AdamW::AdamW(std::vector<GroupOptions> groups, Options options)
    : Adam("AdamW", std::move(groups), as_adam(options), Decay::Decoupled) {}

}  // namespace sigmagrad::optim
