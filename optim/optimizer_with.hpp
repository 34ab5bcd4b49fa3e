// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <utility>
#include <vector>

#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

/// What such an optimiser is made of: options with a rate, and a group that gives some of them.
template <class Overrides, class Options>
concept OverridesOf = requires(const Overrides& group, const Options& options) {
  { options.lr } -> std::convertible_to<double>;
  { group.params } -> std::convertible_to<std::vector<Tensor>>;
  { group.over(options) } -> std::same_as<Options>;
};

/// Base of the optimisers each of whose groups may have any option of its own:
///   Adam({{.params = weights}, {.params = biases, .weight_decay = 0.0}}, {.lr = 1e-3});
/// An option that the optimiser does not have does not compile. `over` gives what it is given, with what the group
/// gives. Options may have a `check`, which throws Error, and an `lr_scale` (see GroupOptions).
template <class OptionsType, OverridesOf<OptionsType> Overrides>
class OptimizerWith : public Optimizer {
 public:
  using Options = OptionsType;
  using GroupOptions = Overrides;

  OptimizerWith(std::vector<Tensor> params, Options options = {})
      : OptimizerWith(std::vector<Overrides>{{.params = std::move(params)}}, std::move(options)) {}
  OptimizerWith(std::vector<Overrides> groups, Options options = {})
      : OptimizerWith(Resolved{each_of(groups, options), std::move(groups)}) {}
  /// Takes groups that give a rate alone, such as those of mup_groups.
  template <std::same_as<std::vector<optim::GroupOptions>> Groups>
  OptimizerWith(Groups groups, Options options = {}) : OptimizerWith(rates_alone(groups), std::move(options)) {}

 protected:
  const Options& options(const Group& group) const { return options_[group.number()]; }

 private:
  static constexpr bool scales = requires(Options options) { options.lr_scale; };

  struct Resolved {
    std::vector<Options> options;
    std::vector<Overrides> groups;
  };
  explicit OptimizerWith(Resolved given)
      : Optimizer(of_base(given.groups, given.options), 0.0), options_(std::move(given.options)) {}

  static std::vector<Options> each_of(const std::vector<Overrides>& groups, const Options& options) {
    std::vector<Options> result;
    for (const auto& group : groups) result.push_back(group.over(options));
    if constexpr (requires { options.check(); }) {
      options.check();
      for (const auto& each : result) each.check();
    }
    return result;
  }
  static std::vector<optim::GroupOptions> of_base(std::vector<Overrides>& groups, const std::vector<Options>& options) {
    std::vector<optim::GroupOptions> result;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      result.push_back({.params = std::move(groups[i].params), .lr = options[i].lr});
      if constexpr (scales) result.back().lr_scale = options[i].lr_scale;
    }
    return result;
  }
  static std::vector<Overrides> rates_alone(std::vector<optim::GroupOptions>& groups) {
    std::vector<Overrides> result;
    for (auto& group : groups) {
      result.push_back({.params = std::move(group.params), .lr = group.lr});
      if constexpr (scales)
        result.back().lr_scale = group.lr_scale;
      else if (group.lr_scale.defined())
        throw Error("optimizer: this one has no lr_scale");
    }
    return result;
  }

  std::vector<Options> options_;  // by group, where they stay: kernels read them at every replay
};

}  // namespace sigmagrad::optim
