// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sigmagrad/io/named_tensors.hpp>

namespace sigmagrad {

/// Named curves of a training loop, such as the loss over the steps.
///   history.record("loss", step, loss.item());
///   history.record(step, {{"loss", loss.item()}, {"accuracy", accuracy}});
/// A curve appears when it is first recorded; curves may have points at different steps. Values may be NaN or infinite.
class History {
 public:
  struct Curve {
    std::vector<double> steps, values;
    std::size_t size() const { return steps.size(); }
    double last() const;  // value; Error where there is none
  };

  /// Error for a step that is not above the curve's last one, and for an empty name or "step".
  void record(std::string_view name, double step, double value);
  /// All or, where one is refused, none of these.
  void record(double step, std::initializer_list<std::pair<std::string_view, double>> values);

  bool contains(std::string_view name) const;
  /// Error, listing the curves there are, for another name.
  const Curve& operator[](std::string_view name) const;
  /// In the order of their first points.
  std::vector<std::string> names() const;

  /// f64 [steps, 1 + curves]: the steps at which anything was recorded, in order, and a column for each curve, NaN
  /// where it has no point. Error where nothing was recorded, as from what writes it.
  Tensor table() const;
  /// The table under a line of names, "step" first, with empty fields where there is no point. An existing file is
  /// replaced in one step.
  void save_csv(const std::filesystem::path& path) const;
  /// The table as numpy.save writes it.
  void save_npy(const std::filesystem::path& path) const;

  /// "loss" [2, points], steps above values, ...: a part of a checkpoint, so that a run that goes on has all of its
  /// curve.
  NamedTensors state_dict() const;
  void load_state_dict(const NamedTensors& state);

 private:
  using Rows = std::map<double, std::vector<std::optional<double>>>;  // by step, a value for each curve

  Rows rows() const;
  void check(std::string_view name, double step) const;

  std::vector<std::pair<std::string, Curve>> curves_;
};

}  // namespace sigmagrad
