// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace sigmagrad::inspection {

/// How the work goes: called by whichever thread has finished a piece, one at a time.
struct Watch {
  std::function<void()> advance = [] {};
  std::function<bool()> interrupted = [] { return false; };
};

/// Calls `work(i)` for each i below `costs.size()`, the most expensive first, each on one of `jobs` threads (0: as many
/// as there are cores), so that as many pieces are in memory at once. After an interrupt nothing more is begun.
/// `work` does not throw.
void run_largest_first(const std::vector<double>& costs, int jobs, const Watch& watch,
                       const std::function<void(std::size_t)>& work);

}  // namespace sigmagrad::inspection
