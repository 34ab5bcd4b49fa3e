// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sigmagrad::lab {

/// The numbers one trial records, in order. All must be finite: any other value fails the trial.
class Metrics {
 public:
  using Item = std::pair<std::string, double>;
  Metrics() = default;
  Metrics(std::initializer_list<Item> items);
  explicit Metrics(std::vector<Item> items);

  /// An Error if there is one of that name.
  Metrics& add(const std::string& name, double value);
  /// One point of a curve (a step, a time, an index): kept as the metric `name@at`, read back by Group::curve.
  Metrics& add_at(const std::string& name, double at, double value);
  const std::vector<Item>& items() const { return items_; }
  /// Those that are the same numbers on every machine (is_clock).
  Metrics without_clocks() const;
  friend bool operator==(const Metrics&, const Metrics&) = default;

 private:
  std::vector<Item> items_;
};

/// Whether a metric is a point of a curve (`name@at`); tables leave those out.
bool is_curve_point(std::string_view metric);

}  // namespace sigmagrad::lab
