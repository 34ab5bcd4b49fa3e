// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <memory>
#include <set>

#include <sigmagrad/nn/module.hpp>

namespace sigmagrad::nn {

namespace detail {

/// Base of what remembers, if it was copied in the body of a captured step, what it is a copy of.
template <class T>
struct KnowsItsOrigin : std::enable_shared_from_this<T> {
  KnowsItsOrigin() = default;
  KnowsItsOrigin(const KnowsItsOrigin& other) : std::enable_shared_from_this<T>() {
    if (engine::capturing) origin = other.origin.expired() ? other.weak_from_this() : other.origin;
  }
  KnowsItsOrigin& operator=(const KnowsItsOrigin&) = delete;
  ~KnowsItsOrigin() = default;

  std::weak_ptr<const T> origin{};
};

}  // namespace detail

// The origin's mode is what a replay must ask for: the copy is gone then.
struct Module::Registry : detail::KnowsItsOrigin<Registry> {
  struct Part {
    std::string name;
    Module module;
    const std::type_info* type;
  };

  NamedTensors parameters, buffers;
  std::vector<Part> parts;
  int kernel_axes = 0;  // of the weight: those behind [..., out, in]
  bool training = true;
  engine::Shared<std::map<int, ForwardHook>> hooks;  // in order of registration
  std::function<Tensor()> weight;                    // where it is computed: from the parameter "original" and these
  std::vector<Module> parametrizations;

  /// Calls visit(registry) here and in the parametrisations, whose names are this module's.
  template <class Visit>
  void walk_own(const Visit& visit) {
    visit(*this);
    for (const Module& own : parametrizations) own.registry_->walk_own(visit);
  }
  /// Calls visit(prefix, registry) here and below.
  template <class Visit>
  void walk(const std::string& prefix, const Visit& visit) {
    visit(prefix, *this);
    for (const Module& own : parametrizations) own.registry_->walk(prefix, visit);
    for (const Part& part : parts) part.module.registry_->walk(prefix + part.name + ".", visit);
  }
  /// Calls visit(name, weight, kernel axes) for the parameters without what weights are computed from, each registry
  /// once.
  template <class Visit>
  void walk_weights(const std::string& prefix, const Visit& visit, std::set<const Registry*>& seen) {
    if (!seen.insert(this).second) return;
    for (const auto& [name, value] : parameters)
      if (weight && name == "original")
        visit(prefix + "weight", weight(), kernel_axes);
      else
        visit(prefix + name, value, name == "weight" ? kernel_axes : 0);
    for (const Part& part : parts) part.module.registry_->walk_weights(prefix + part.name + ".", visit, seen);
  }
};

}  // namespace sigmagrad::nn
