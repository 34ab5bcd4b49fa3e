// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::optim {

/// An optimiser with some options. Each gets the tests of optimizer_cases_test.cpp: training as a captured step, going
/// on from a state, batches of models, single precision.
struct OptimizerCase {
  std::string name;
  std::unique_ptr<Optimizer> (*make)(std::vector<Tensor> params);
};
inline void PrintTo(const OptimizerCase& row, std::ostream* out) { *out << row.name; }

/// The parameters have two axes, or with a leading one that counts models.
template <class O, auto options>
std::unique_ptr<Optimizer> make(std::vector<Tensor> params) {
  return std::make_unique<O>(std::move(params), options());
}

inline const std::vector<OptimizerCase> optimizer_cases{
    {"SGD", make<SGD, [] { return SGDOptions{.lr = 0.02, .weight_decay = 0.01}; }>},
    {"SGDWithMomentum",
     make<SGD, [] { return SGDOptions{.lr = 0.02, .momentum = 0.9, .dampening = 0.1, .weight_decay = 0.01}; }>},
    {"Adam", make<Adam, [] { return AdamOptions{.lr = 0.1, .weight_decay = 0.01, .amsgrad = true}; }>},
    {"AdamW", make<AdamW, [] { return AdamWOptions{.lr = 0.1}; }>},
    {"NAdam", make<NAdam, [] { return NAdamOptions{.lr = 0.05, .weight_decay = 0.01}; }>},
    {"NAdamDecoupled",
     make<NAdam, [] { return NAdamOptions{.lr = 0.05, .weight_decay = 0.1, .decoupled_weight_decay = true}; }>},
    {"RAdam", make<RAdam, [] { return RAdamOptions{.lr = 0.05, .weight_decay = 0.01}; }>},
    {"RAdamOfShortMemory", make<RAdam,
                                [] {
                                  return RAdamOptions{.lr = 0.05, .betas = {0.8, 0.95}, .decoupled_weight_decay = true};
                                }>},
    {"AdaBelief", make<AdaBelief,
                       [] {
                         return AdaBeliefOptions{.lr = 0.02, .betas = {0.9, 0.98}, .weight_decay = 0.1};
                       }>},
    {"AdaBeliefPlain",
     make<AdaBelief,
          [] {
            return AdaBeliefOptions{
                .lr = 0.05, .eps = 1e-8, .weight_decay = 0.01, .decoupled_weight_decay = false, .rectify = false};
          }>},
    {"RMSprop", make<RMSprop, [] { return RMSpropOptions{.lr = 0.01, .weight_decay = 0.01}; }>},
    {"RMSpropCentered", make<RMSprop, [] { return RMSpropOptions{.lr = 0.01, .momentum = 0.5, .centered = true}; }>},
    {"Adagrad", make<Adagrad, [] { return AdagradOptions{.lr = 0.1, .initial_accumulator_value = 0.1}; }>},
    {"GroupRMSprop", make<GroupRMSprop, [] { return GroupRMSpropOptions{.lr = 0.1}; }>},
    {"GroupRMSpropPerParameter",
     make<GroupRMSprop, [] { return GroupRMSpropOptions{.lr = 0.1, .per_parameter = true}; }>},
    {"Muon", make<Muon, [] { return MuonOptions{.weight_decay = 0.01}; }>},
    {"MuonExact", make<Muon, [] { return MuonOptions{.nesterov = false, .exact = true}; }>},
    {"Shampoo", make<Shampoo, [] { return ShampooOptions{.weight_decay = 0.01}; }>},
    {"ShampooWithOldRoots",
     make<Shampoo, [] { return ShampooOptions{.lr = 0.02, .momentum = 0.5, .eps = 1.0, .update_every = 3}; }>},
};

}  // namespace sigmagrad::optim
