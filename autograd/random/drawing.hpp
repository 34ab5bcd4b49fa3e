// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/capture/replay.hpp>
#include <sigmagrad/autograd/random/random.hpp>

namespace sigmagrad::engine {

/// Tells the replay, if a body is captured, that a kernel draws from the generator.
inline void replay_changes(Generator& generator) {
  if (!capturing) return;
  replay_keeps(&generator,
               [&generator] { return [&generator, state = generator.state()] { generator.set_state(state); }; });
}

}  // namespace sigmagrad::engine
