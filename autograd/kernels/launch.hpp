// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>

#include <sigmagrad/autograd/capture/replay.hpp>

namespace sigmagrad::engine {

/// Runs a kernel. Every computation of the engine goes through here as a small object that captures plain pointers,
/// sizes and scalars, reads nothing else, and can therefore run again on the same memory: a captured step keeps it.
template <class Kernel>
void launch(Kernel&& kernel) {
  kernel();
  if (capturing) [[unlikely]]
    capturing->add(std::forward<Kernel>(kernel));
}

}  // namespace sigmagrad::engine
