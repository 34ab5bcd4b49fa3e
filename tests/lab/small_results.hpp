// SPDX-License-Identifier: BSD-3-Clause
// Results made by hand: groups of depth and scale with chosen values.
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/lab/model/results.hpp>

namespace sigmagrad::testing {

inline const lab::Int depth{.name = "depth", .help = "factors", .quick = {1, 2, 3}};
inline const lab::Real scale{.name = "scale", .help = "of the start", .quick = {0.1, 0.01}};
inline const lab::Text method{.name = "method", .help = "how", .quick = {"sgd", "adam"}};
inline const lab::Quantity rank{.name = "rank", .label = "effective rank"};
inline const lab::Quantity error{.name = "error"};
inline const lab::Curve loss{.name = "loss", .label = "loss", .over = "step"};

/// A group whose trials recorded `values` as `rank`.
inline lab::Group group_of(std::int64_t at_depth, double at_scale, const std::vector<double>& values) {
  lab::Group group(lab::Params({{"depth", at_depth}, {"scale", at_scale}}));
  for (std::size_t i = 0; i < values.size(); ++i) group.add(static_cast<std::int64_t>(i), {{"rank", values[i]}});
  return group;
}

/// Ranks that fall with depth, at two scales: medians 3, 2, 1 at 0.1 and ten times as much at 0.01.
inline lab::Results falling_ranks(lab::Selection printed = {}) {
  std::vector<lab::Group> groups;
  for (const std::int64_t d : {1, 2, 3})
    for (const double s : {0.1, 0.01}) {
      const double middle = (4.0 - static_cast<double>(d)) * (s == 0.1 ? 1.0 : 10.0);
      groups.push_back(group_of(d, s, {middle - 0.1, middle, middle + 0.1, middle, middle}));
    }
  return lab::Results(std::move(groups), std::move(printed));
}

}  // namespace sigmagrad::testing
