// SPDX-License-Identifier: BSD-3-Clause
// The inside of conditions.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/condition.hpp>
#include <sigmagrad/lab/model/expression.hpp>

namespace sigmagrad::lab::detail {

/// What a function or the printed digits found, once for the results as they are.
struct Fixed {
  std::function<Judgement(const Results&)> function = {};  // none: the printed digits
};

// Statistics, and the comparisons that the term makes of their values: one for each group, or for each step of a walk.
struct Comparison {
  std::vector<Statistic> statistics = {};  // the first is what is measured
  bool has_limit = false;                  // the second is what it is held against
  std::string asked = {};                  // "to be below", in front of the limit; or all of it: "to rise with depth"
  std::function<std::vector<bool>(const std::vector<StatisticPoints>&)> answers = {};
  // Which points of the first statistic the report shows, all if none is given: those that come closest to the other
  // answer, say.
  std::function<StatisticPoints(const std::vector<StatisticPoints>&)> shown = {};
  std::optional<std::string> along = {};  // the parameter that it walks along
};

enum class Joint { All, Any, Not };

struct Clause {
  std::shared_ptr<const Comparison> comparison = {};
  std::shared_ptr<const Fixed> fixed = {};
  Joint joint = Joint::All;
  std::vector<std::shared_ptr<const Clause>> parts = {};
};

}  // namespace sigmagrad::lab::detail
