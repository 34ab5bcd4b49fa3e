// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include <sigmagrad/bench/problems.hpp>

// Second formulations of hand-written loops, which call no BLAS: what the first ones' times are held to. Compiled with
// the same flags.
namespace sigmagrad::bench::reference {

std::unique_ptr<Step> limit(const Completion& problem);  // d = 10
std::unique_ptr<Step> limit(const Regression& problem);  // d = 64
std::unique_ptr<Step> limit(const Ensemble& problem);    // d = 10

}  // namespace sigmagrad::bench::reference
