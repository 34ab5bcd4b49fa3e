// SPDX-License-Identifier: BSD-3-Clause
// Whom the built-in problems compare: eight optimisers and Adam as it comes in the quick preset, all of the library's
// in the other.
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/lab/compare/compare.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::compare {

using namespace lab;

std::vector<Candidate> optimizers(const optim::ShampooOptions& of_shampoo = {});
/// Roots at every tenth step, which is ours: for networks, whose matrices are large.
inline const optim::ShampooOptions seldom_roots{.update_every = 10};
std::vector<std::string> quick_optimizers();

/// The ratio of final losses of one candidate and another on the same seeds.
Statistic loss_ratio(const std::string& one, const std::string& other);

}  // namespace sigmagrad::experiments::compare
