// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace sigmagrad::lab::exit_code {

inline constexpr int failed = 1;  // a trial failed, or a stored row is damaged: the rest is kept
inline constexpr int bad_arguments = 2;
inline constexpr int interrupted = 130;

}  // namespace sigmagrad::lab::exit_code
