// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <sigmagrad/autograd/tensor/cloning.hpp>
#include <sigmagrad/autograd/tensor/tensor_list.hpp>
#include <sigmagrad/io/named_tensors.hpp>
#include <sigmagrad/nn/parameter.hpp>

namespace sigmagrad::nn {

struct LoadOptions {
  /// Entries that are missing or unknown are an Error; else they are reported, and the others loaded.
  bool strict = true;
  /// Names in the state and what they are here. One that ends with a dot renames every name that begins so: a whole
  /// part.
  std::map<std::string, std::string> rename{};
};

/// What a state did not have, and what it had besides, by its names here.
struct LoadResult {
  std::vector<std::string> missing, unknown;
};

/// What takes a forward hook off again.
class HookHandle {
 public:
  HookHandle() = default;
  explicit HookHandle(std::function<void()> remove) : remove_(std::move(remove)) {}
  void remove() {
    if (remove_) std::exchange(remove_, nullptr)();
  }

 private:
  std::function<void()> remove_;
};

/// Base of everything with parameters. A model is a struct that registers its tensors and parts in its constructor and
/// has an operator(). It is a value that is a handle: a copy shares the parameters, `nn::clone(model)` does not,
/// and const is the handle alone.
class Module {
 public:
  Module();
  Module(const Module& other);
  Module(Module&&) noexcept = default;
  Module& operator=(const Module&) = default;
  Module& operator=(Module&&) noexcept = default;
  ~Module() = default;

  /// Parameters in order of registration, those of parts under their name: "hidden.weight". One that occurs twice is
  /// listed once, under its first name.
  NamedTensors named_parameters() const;
  TensorList parameters() const;
  NamedTensors named_buffers() const;
  /// The parameters as the model uses them: of a parametrised layer its computed weight, "hidden.weight", instead of
  /// what it is computed from. Gradients flow.
  NamedTensors named_weights() const;
  /// Those weights that are matrices [..., out, in], as penalties see them: of two or more axes, with the kernel [...,
  /// out, in, k...] of a convolution as [..., out, in k...].
  NamedTensors named_matrices() const;

  /// Copies of the parameters and then of the buffers.
  NamedTensors state_dict() const;
  /// Gives parameters and buffers the values of the entries with their names, converted to their dtypes. Error for an
  /// entry of another shape, and unless told otherwise for one that is missing or unknown; nothing is changed then.
  LoadResult load_state_dict(const NamedTensors& state, const LoadOptions& options = {}) const;

  /// A layer that behaves differently in training asks `is_training`. A captured step whose body asked is captured anew
  /// where the answer is another.
  void train(bool enable = true) const;
  void eval() const { train(false); }
  bool is_training() const;
  void zero_grad() const;
  /// Freezes every parameter, or thaws it.
  void requires_grad_(bool enable = true) const;
  /// Converts parameters, their gradients and buffers in place. Optimisers and captured steps are to be made
  /// afterwards.
  void to(Dtype dtype) const;

  /// From now on hook(input, output) is called whenever this module has computed an output; where it returns a Tensor,
  /// that takes the output's place. The layers of this library and Sequential call the hooks, Sequential also those of
  /// a module in it that does not; a module of one's own does by `return hooked(x, y);`, and says so by deriving from
  /// `nn::Layer`. A captured step calls hooks when it is recorded: what they compute is replayed, the rest is not. A
  /// clone has hooks of its own, copies of these.
  template <class Hook>
  HookHandle register_forward_hook(Hook hook) const {
    if constexpr (std::is_void_v<std::invoke_result_t<Hook&, const Tensor&, const Tensor&>>)
      return add_hook([hook](const Tensor& input, const Tensor& output) mutable {
        hook(input, output);
        return output;
      });
    else
      return add_hook(std::move(hook));
  }
  /// What an operator() returns: its output, after the forward hooks.
  Tensor hooked(const Tensor& input, Tensor output) const;
  /// Whether operator() calls the hooks itself.
  static constexpr bool shows_hooks = false;

 protected:
  /// Returns a leaf that requires grad: the tensor itself where it is one, so that modules can share it, else a copy.
  /// The name is new in this module and has no dot.
  Parameter register_parameter(const std::string& name, Tensor value);
  /// Returns a copy that is kept with the model but not trained.
  Buffer register_buffer(const std::string& name, Tensor value);
  /// `hidden(register_module("hidden", Linear(64, 128)))`
  template <class Part>
  Part register_module(const std::string& name, Part part) {
    add_part(name, part, typeid(Part));
    return part;
  }
  /// The parameter "weight" is a kernel [..., out, in, k...] with that many axes k.
  void weight_is_kernel(int axes);
  /// A handle to what is registered already.
  static Parameter registered(const Tensor& parameter) { return Parameter(parameter); }
  /// From now on the parameter "weight" is called "original", and `named_weights` lists what `weight` computes from it
  /// instead. The tensors of `parametrization` become this module's own.
  void compute_weight(std::function<Tensor()> weight, const Module& parametrization);

 private:
  struct Registry;
  friend void print(std::ostream& out, const Module& module, const std::type_info& type);

  using ForwardHook = std::function<Tensor(const Tensor& input, const Tensor& output)>;

  HookHandle add_hook(ForwardHook hook) const;
  void add_part(const std::string& name, const Module& part, const std::type_info& type);
  void check_name(const std::string& name) const;

  engine::Shared<Registry> registry_;
};

/// A copy of the model with parameters and buffers of its own. Other tensors that it holds remain shared, gradients
/// stay behind.
template <std::derived_from<Module> Model>
Model clone(const Model& model) {
  auto tensors = model.parameters();
  for (const auto& [name, buffer] : model.named_buffers()) tensors.push_back(buffer);
  const engine::Cloning guard(tensors);
  return Model(model);
}

void print(std::ostream& out, const Module& module, const std::type_info& type);

/// The layers, one a line, with the shapes of their parameters and their number.
template <std::derived_from<Module> Model>
std::ostream& operator<<(std::ostream& out, const Model& model) {
  print(out, model, typeid(Model));
  return out;
}

}  // namespace sigmagrad::nn
