// SPDX-License-Identifier: BSD-3-Clause
// A matrix that is learned as it is, or with what a parametrisation adds to it.
#pragma once

#include <vector>

#include <sigmagrad/experiments/spectral/regression.hpp>

namespace sigmagrad::experiments::spectral {

using Student = nn::Parametrized<nn::Linear>;

inline const Real multiplier_lr{
    .name = "multiplier_lr", .help = "learning rate of the multipliers", .quick = {0.001}, .minimum = 0};

/// The weight at the rate `lr`, what a parametrisation adds to it at `multiplier_lr`.
inline std::vector<optim::GroupOptions> parameter_groups(const Student& student, const Params& p) {
  const auto all = student.parameters();
  std::vector<optim::GroupOptions> groups = {{.params = {all.front()}, .lr = p[lr]}};
  if (all.size() > 1) groups.push_back({.params = {all.begin() + 1, all.end()}, .lr = p[multiplier_lr]});
  return groups;
}

}  // namespace sigmagrad::experiments::spectral
