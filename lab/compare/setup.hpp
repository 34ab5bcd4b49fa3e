// SPDX-License-Identifier: BSD-3-Clause
// A comparison as it was declared, which its trials, tables and figures read.
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/lab/compare/compare.hpp>

namespace sigmagrad::lab::detail {

struct Setup {
  std::string id = {};
  std::vector<Problem> problems = {};
  std::vector<Candidate> candidates = {};
  ComparisonOptions comparison = {};

  const Problem& problem_of(const Params& params) const;
  const Candidate& candidate_of(const Params& params) const;
  /// The parameters that tell one setting of a problem from another.
  std::vector<Parameter> facets() const;
};

/// What is wrong with it, in a sentence; empty if nothing is.
std::string what_is_wrong(const Setup& setup);

std::vector<Table> comparison_tables(const Setup& setup, const Results& results);

/// Panels of one setting: loss curves, final loss against the rate, the best of a number of tries.
std::vector<Panel> comparison_panels(const Setup& setup, const Results& results);
/// The best of a number of tries with its band, a panel a candidate.
std::vector<Panel> tries_panels(const Setup& setup, const Results& results);
/// The performance profile over all settings and trials; none if nobody reached a target.
std::vector<Panel> profile_panels(const Setup& setup, const Results& results);

}  // namespace sigmagrad::lab::detail
