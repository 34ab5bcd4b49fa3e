// SPDX-License-Identifier: BSD-3-Clause
// The points of sweeps.
#pragma once

#include <vector>

#include <sigmagrad/lab/model/plan.hpp>

namespace sigmagrad::lab::detail {

/// Every parameter's values of all sweeps, in the order in which they were asked for; numbers to which a later sweep
/// adds further ones ascend.
ValueLists joined_lists(const std::vector<Sweep>& sweeps);

/// Whether every value of `some` is among those of `lists`.
bool contains(const ValueLists& lists, const ValueLists& some);

/// Whether both have the same parameters.
bool same_parameters(const ValueLists& lists, const ValueLists& some);

/// The valid points of the sweeps, in the order of the product of `lists`, the first varying slowest. An Error if that
/// product has too many points, or none of them is valid.
std::vector<PlannedGroup> groups_of(const Experiment& experiment, const std::vector<Sweep>& sweeps,
                                    const ValueLists& lists);

}  // namespace sigmagrad::lab::detail
