// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/nn/losses.hpp>

namespace sigmagrad::detail {

/// What the sum of `count` terms is multiplied by. Error, naming the loss, for MeanObserved, which needs a mask.
double reduction_factor(const char* name, Reduction reduction, std::int64_t count);

}  // namespace sigmagrad::detail
