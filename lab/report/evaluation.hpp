// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/figure.hpp>
#include <sigmagrad/lab/model/plan.hpp>

namespace sigmagrad::lab {

/// One experiment's results with the figures and claims made of them.
struct Evaluation {
  Plan plan;
  Results results;
  std::vector<Figure> figures = {};
  std::vector<Table> tables = {};
  std::vector<JudgedClaim> claims = {};
  std::vector<std::string> notes = {};  // what could not be made, and why
  std::size_t damaged = 0;              // stored rows that are left out, as a note says
};

/// Draws and judges. What trials might have recorded and none has is noted, as is all that could not be made.
Evaluation evaluate(const Plan& plan, Results results);

/// The object `sigmagrad run --json` prints, numbers in full precision.
std::string to_json_text(const Evaluation& evaluation);
/// {"experiments": [...]}
std::string to_json_text(const std::vector<Evaluation>& evaluations);

/// The experiment's tables, or medians by group if it has none, and the claims, for a terminal.
std::string to_console_text(const Evaluation& evaluation);

}  // namespace sigmagrad::lab
