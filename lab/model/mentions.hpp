// SPDX-License-Identifier: BSD-3-Clause
// The names that claims and figures speak of: checked before anything runs, and against what was recorded.
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/lab/model/experiment.hpp>

namespace sigmagrad::lab {

struct Mention {
  std::string where = {};  // "claim 'The error falls'"
  std::vector<std::string> parameters = {};
  std::vector<std::string> quantities = {};  // of a curve, its name without the point
};

Mention mentions(const Claim& claim);
Mention mentions(const FigureSpec& figure);
/// Those of the printed setting, of every claim and of every declared figure.
std::vector<Mention> mentions(const Experiment& experiment);

}  // namespace sigmagrad::lab
