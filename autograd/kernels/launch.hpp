// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/capture/replay.hpp>
#include <utility>

namespace sigmagrad::detail {

/// Runs a kernel. Every computation of the engine goes through here as a small object that captures plain pointers,
/// sizes and scalars, reads nothing else, and can therefore run again on the same memory: a tape keeps it.
template <class Kernel>
void launch(Kernel&& kernel) {
  kernel();
  if (recording) [[unlikely]]
    recording->add(std::forward<Kernel>(kernel));
}

}  // namespace sigmagrad::detail
