// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <set>

#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/nn/detail/registry.hpp>

namespace sigmagrad::nn {
namespace {

// Appends entries whose tensors are not in the list yet.
class Once {
 public:
  bool add(const std::string& name, const Tensor& value) {
    if (!seen_.insert(value.ref().get()).second) return false;
    list.emplace_back(name, value);
    return true;
  }
  NamedTensors list;

 private:
  std::set<const void*> seen_;
};

// The name by the longest entry that holds for it: its own, or the beginning up to a dot.
std::string renamed(const std::string& name, const std::map<std::string, std::string>& renames) {
  std::string result = name;
  std::size_t longest = 0;
  for (const auto& [from, to] : renames) {
    const bool begins = !from.empty() && from.back() == '.' && name.starts_with(from);
    if ((begins || name == from) && from.size() > longest) {
      result = to + name.substr(from.size());
      longest = from.size();
    }
  }
  return result;
}

void check_renames(const NamedTensors& state, const std::map<std::string, std::string>& renames) {
  for (const auto& rename : renames)
    if (std::ranges::all_of(state, [&](const auto& entry) { return renamed(entry.first, {rename}) == entry.first; }))
      engine::fail("load_state_dict: no entry is called \"{}\", which is to be renamed", rename.first);
}

// Removes the tensors whose names `others` does not have, and returns these names.
std::vector<std::string> take_out(NamedTensors& tensors, const NamedTensors& others) {
  std::vector<std::string> names;
  std::erase_if(tensors, [&](const auto& entry) {
    if (others.contains(entry.first)) return false;
    names.push_back(entry.first);
    return true;
  });
  return names;
}

}  // namespace

Module::Module() = default;
Module::Module(const Module& other) = default;

NamedTensors Module::named_parameters() const {
  Once result;
  registry_->walk("", [&](const std::string& prefix, Registry& registry) {
    for (const auto& [name, value] : registry.parameters) result.add(prefix + name, value);
  });
  return result.list;
}

TensorList Module::parameters() const {
  std::vector<Tensor> result;
  for (auto& [name, value] : named_parameters()) result.push_back(value);
  return result;
}

NamedTensors Module::named_buffers() const {
  Once result;
  registry_->walk("", [&](const std::string& prefix, Registry& registry) {
    for (const auto& [name, value] : registry.buffers) result.add(prefix + name, value);
  });
  return result.list;
}

NamedTensors Module::named_weights() const {
  Once result;
  std::set<const Registry*> seen;
  registry_->walk_weights(
      "", [&](const std::string& name, const Tensor& value, int) { result.add(name, value); }, seen);
  return result.list;
}

NamedTensors Module::named_matrices() const {
  Once weights;
  NamedTensors result;
  std::set<const Registry*> seen;
  const auto visit = [&](const std::string& name, const Tensor& value, int kernel_axes) {
    if (!weights.add(name, value) || value.dim() < 2 + kernel_axes) return;
    result.emplace_back(name, kernel_axes == 0 ? value : value.flatten(-1 - kernel_axes, -1));
  };
  registry_->walk_weights("", visit, seen);
  return result;
}

NamedTensors Module::state_dict() const {
  engine::refuse_in_capture("state_dict", "take it between the calls");
  NamedTensors result;
  for (const auto& tensors : {named_parameters(), named_buffers()})
    for (const auto& [name, value] : tensors) result.emplace_back(name, value.detach().clone());
  return result;
}

LoadResult Module::load_state_dict(const NamedTensors& state, const LoadOptions& options) const {
  NamedTensors own = named_parameters(), given;
  for (const auto& buffer : named_buffers()) own.push_back(buffer);
  for (const auto& [name, value] : state) given.emplace_back(renamed(name, options.rename), value);
  LoadResult result;
  if (options.strict) {
    check_renames(state, options.rename);
  } else {
    result.missing = take_out(own, given);
    result.unknown = take_out(given, own);
  }
  copy_values("load_state_dict", own, given);
  return result;
}

// A replay refers to modules weakly: it notices that the tensors of a model are gone.
void Module::train(bool enable) const {
  registry_->walk("", [&](const std::string&, Registry& registry) {
    if (engine::capturing) engine::replay_settles(&registry);
    engine::launch([at = registry.weak_from_this(), enable] {
      if (const auto own = at.lock()) own->training = enable;
    });
  });
}

bool Module::is_training() const {
  const bool found = registry_->training;
  if (!engine::capturing) return found;
  const auto origin = registry_->origin.lock();
  if (origin && origin->training != found) return found;  // the body itself switched its copy
  const auto asked = origin ? origin : registry_->shared_from_this();
  engine::replay_expects(asked.get(), [at = std::weak_ptr(asked), found] {
    const auto own = at.lock();
    return !own || own->training == found;
  });
  return found;
}

void Module::zero_grad() const {
  for (auto& parameter : parameters()) parameter.zero_grad();
}

void Module::requires_grad_(bool enable) const {
  for (auto& parameter : parameters()) parameter.requires_grad_(enable);
}

void Module::to(Dtype dtype) const {
  engine::refuse_in_capture("Module::to", "convert the model outside");
  registry_->walk("", [&](const std::string&, Registry& registry) {
    for (auto* tensors : {&registry.parameters, &registry.buffers})
      for (auto& [name, value] : *tensors) {
        engine::TensorImpl& impl = value.impl();
        if (impl.dtype == dtype) continue;
        impl.take_value(value.detach().to(dtype).impl());
        if (impl.grad) impl.grad = Tensor(impl.grad).detach().to(dtype).ref();
      }
  });
}

Parameter Module::register_parameter(const std::string& name, Tensor value) {
  check_name(name);
  // A leaf stays itself: two modules that register one tensor share it and its gradient. Other values are copied.
  registry_->parameters.emplace_back(name, value.impl().leaf ? value : value.detach().clone().requires_grad_());
  return Parameter(registry_->parameters.back().second);
}

Buffer Module::register_buffer(const std::string& name, Tensor value) {
  check_name(name);
  registry_->buffers.emplace_back(name, value.detach().clone());
  return Buffer(registry_->buffers.back().second);
}

void Module::weight_is_kernel(int axes) { registry_->kernel_axes = axes; }

void Module::compute_weight(std::function<Tensor()> weight, const Module& parametrization) {
  Registry& own = *registry_;
  const auto entry = std::find_if(own.parameters.begin(), own.parameters.end(),
                                  [](const auto& parameter) { return parameter.first == "weight"; });
  if (!own.weight) {
    if (entry == own.parameters.end()) engine::fail("parametrize: the layer has no parameter \"weight\"");
    check_name("original");
  }
  for (const auto& tensors : {parametrization.named_parameters(), parametrization.named_buffers()})
    for (const auto& [name, value] : tensors) {
      check_name(name.substr(0, name.find('.')));
      if (name == "original") engine::fail("Module: \"original\" is registered already");
    }
  if (!own.weight) entry->first = "original";
  own.parametrizations.push_back(parametrization);
  own.weight = std::move(weight);
}

HookHandle Module::add_hook(ForwardHook hook) const {
  const auto hooks = registry_->hooks;
  const int number = hooks->empty() ? 0 : hooks->rbegin()->first + 1;
  hooks->emplace(number, std::move(hook));
  ++engine::body_changes;  // captured steps call other hooks than they captured
  return HookHandle([hooks, number] {
    hooks->erase(number);
    ++engine::body_changes;
  });
}

Tensor Module::hooked(const Tensor& input, Tensor output) const {
  if (registry_->hooks->empty()) return output;
  const auto hooks = *registry_->hooks;  // a hook may remove itself
  for (const auto& [number, hook] : hooks) output = hook(input, output);
  return output;
}

void Module::add_part(const std::string& name, const Module& part, const std::type_info& type) {
  if (const auto dot = name.find('.'); dot != std::string::npos)
    engine::fail(
        "Module: a name must not hold a dot (got \"{}\"): parts in a row are a ModuleList, registered as \"{}\"", name,
        name.substr(0, dot));
  check_name(name);
  registry_->parts.push_back({name, part, &type});
}

void Module::check_name(const std::string& name) const {
  const auto has = [&](const auto& entries, auto member) {
    return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return entry.*member == name; });
  };
  if (name.empty() || name.find('.') != std::string::npos)
    engine::fail("Module: a name must not be empty or hold a dot (got \"{}\")", name);
  using Entry = NamedTensors::value_type;
  bool taken = false;
  registry_->walk_own([&](const Registry& own) {
    taken = taken || has(own.parameters, &Entry::first) || has(own.buffers, &Entry::first) ||
            has(own.parts, &Registry::Part::name);
  });
  if (taken) engine::fail("Module: \"{}\" is registered already", name);
}

}  // namespace sigmagrad::nn
