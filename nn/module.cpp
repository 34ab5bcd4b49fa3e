// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/nn/module.hpp>

namespace sigmagrad::nn {

struct Module::Registry {
  NamedTensors parameters, buffers;
  std::vector<std::pair<std::string, Module>> parts;
  bool training = true;

  /// Every tensor of one kind, here and in the parts; one that is shared comes once, under its first name.
  void collect(NamedTensors Registry::*kind, const std::string& prefix, NamedTensors& result) const {
    for (const auto& [name, value] : this->*kind) {
      const auto same = [&](const auto& known) { return known.second.is(value); };
      if (std::none_of(result.begin(), result.end(), same)) result.emplace_back(prefix + name, value);
    }
    for (const auto& [name, part] : parts) part.registry_->collect(kind, prefix + name + ".", result);
  }
};

Module::Module() : registry_(std::make_shared<Registry>()) {}

NamedTensors Module::named_parameters() const {
  NamedTensors result;
  registry_->collect(&Registry::parameters, "", result);
  return result;
}

std::vector<Tensor> Module::parameters() const {
  std::vector<Tensor> result;
  for (auto& [name, value] : named_parameters()) result.push_back(value);
  return result;
}

NamedTensors Module::named_buffers() const {
  NamedTensors result;
  registry_->collect(&Registry::buffers, "", result);
  return result;
}

void Module::train(bool enable) {
  registry_->training = enable;
  for (auto& [name, part] : registry_->parts) part.train(enable);
}

bool Module::is_training() const { return registry_->training; }

void Module::zero_grad() {
  for (auto& parameter : parameters()) parameter.zero_grad();
}

Tensor Module::register_parameter(const std::string& name, Tensor value) {
  check_name(name);
  // A leaf stays itself: two modules that register one tensor share it and its gradient.
  registry_->parameters.emplace_back(name, value.impl().leaf ? value : value.detach().requires_grad_());
  return registry_->parameters.back().second;
}

Tensor Module::register_buffer(const std::string& name, Tensor value) {
  check_name(name);
  registry_->buffers.emplace_back(name, value.detach());
  return registry_->buffers.back().second;
}

void Module::add_part(const std::string& name, const Module& part) {
  check_name(name);
  registry_->parts.emplace_back(name, part);
}

void Module::check_name(const std::string& name) const {
  const auto taken = [&](const auto& entries) {
    return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return entry.first == name; });
  };
  if (name.empty() || name.find('.') != std::string::npos)
    detail::fail("Module: a name must not be empty or hold a dot (got \"{}\")", name);
  if (taken(registry_->parameters) || taken(registry_->buffers) || taken(registry_->parts))
    detail::fail("Module: \"{}\" is registered already", name);
}

}  // namespace sigmagrad::nn
