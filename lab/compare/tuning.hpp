// SPDX-License-Identifier: BSD-3-Clause
// Each trial tunes for itself: its settings are trained on seeds of its own, so that trials are independent
// repetitions of choosing a setting and of training at it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <sigmagrad/lab/compare/outcome.hpp>
#include <sigmagrad/lab/compare/protocol.hpp>

namespace sigmagrad::lab::detail {

/// A training of a candidate at one of its settings.
struct Attempt {
  Trial trial = {};
  std::size_t setting = 0;
};

/// Trains all of them, as an ensemble for each variant where that is possible, and gives what became of each.
std::vector<Outcome> train_all(const Problem& problem, const Candidate& candidate, const std::vector<Attempt>& attempts,
                               const Budget& budget);

struct Tuned {
  Validation validation = {};
  std::size_t setting = 0;  // the best one
};

/// The tuning of each of these trials, by so many seeds each.
std::vector<Tuned> tune(const Problem& problem, const Candidate& candidate, std::span<const Trial> trials,
                        std::int64_t steps, std::int64_t seeds);

}  // namespace sigmagrad::lab::detail
