// SPDX-License-Identifier: BSD-3-Clause
// The parameters that claims and figures speak of, which are checked before anything runs.
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/lab/model/experiment.hpp>

namespace sigmagrad::lab {

struct Mention {
  std::string where = {};  // "claim 'The error falls'"
  std::vector<std::string> parameters = {};
};

Mention mentions(const Claim& claim);
Mention mentions(const FigureSpec& figure);
/// Those of the printed setting, of every claim and of every declared figure.
std::vector<Mention> mentions(const Experiment& experiment);

}  // namespace sigmagrad::lab
