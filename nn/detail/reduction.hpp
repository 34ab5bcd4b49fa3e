// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/nn/losses.hpp>

namespace sigmagrad::detail {

/// A loss is times * (sum of its terms) / count. It is divided, for 1 / count may be rounded.
struct Share {
  double times = 1.0, count = 1.0;

  double factor() const { return times / count; }
  template <class T>
  T of(T sum) const {
    return static_cast<T>(times) * sum / static_cast<T>(count);
  }
};

/// The share for a sum of `count` terms. Error, naming the loss, for MeanObserved, which needs a mask.
Share share_of(const char* name, Reduction reduction, std::int64_t count);

}  // namespace sigmagrad::detail
