// SPDX-License-Identifier: BSD-3-Clause
// A matrix that is learned as it is, or with multipliers.
#pragma once

#include <sigmagrad/sigmagrad.hpp>
#include <vector>

namespace sigmagrad::experiments::spectral {

using Student = nn::Parametrized<nn::Linear>;

/// The weight at one learning rate, what a parametrisation adds to it at another.
inline std::vector<optim::GroupOptions> parameter_groups(const Student& student, double lr, double multiplier_lr) {
  const auto all = student.parameters();
  std::vector<optim::GroupOptions> groups = {{.params = {all.front()}, .lr = lr}};
  if (all.size() > 1) groups.push_back({.params = {all.begin() + 1, all.end()}, .lr = multiplier_lr});
  return groups;
}

}  // namespace sigmagrad::experiments::spectral
