// SPDX-License-Identifier: BSD-3-Clause
// The tuning of one candidate on one problem, which all of its comparison trials need: trained once in a process, by
// the threads that ask for it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <sigmagrad/lab/compare/outcome.hpp>
#include <sigmagrad/lab/compare/protocol.hpp>

namespace sigmagrad::lab::detail {

struct TuningTask {
  std::string experiment = {};
  const Problem& problem;
  const Candidate& candidate;
  TrialKey key = {};  // of any comparison trial: its parameters, seed and stream
  std::int64_t steps = 0, seeds = 0;
};

struct Tuned {
  Validation validation = {};
  std::size_t setting = 0;  // the best one
};

/// One tuning for every caller. Threads that ask at once share the trainings out; what throws, throws for each.
const Tuned& tuned(const TuningTask& task);

}  // namespace sigmagrad::lab::detail
