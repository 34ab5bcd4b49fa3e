// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <functional>
#include <iosfwd>
#include <string>
#include <typeinfo>
#include <vector>

#include <sigmagrad/autograd/tensor/cloning.hpp>
#include <sigmagrad/io/named_tensors.hpp>

namespace sigmagrad::nn {

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
  std::vector<Tensor> parameters() const;
  NamedTensors named_buffers() const;
  /// The parameters as the model uses them: of a parametrised layer its computed weight, "hidden.weight", instead of
  /// what it is computed from. Gradients flow.
  NamedTensors named_weights() const;

  /// Copies of the parameters and then of the buffers.
  NamedTensors state_dict() const;
  /// Gives parameters and buffers the values of the entries with their names, converted to their dtypes. Error for an
  /// entry that is missing, unknown or of another shape; nothing is changed then.
  void load_state_dict(const NamedTensors& state) const;

  /// A layer that behaves differently in training asks `is_training`.
  void train(bool enable = true) const;
  void eval() const { train(false); }
  bool is_training() const;
  void zero_grad() const;
  /// Freezes every parameter, or thaws it.
  void requires_grad_(bool enable = true) const;
  /// Converts parameters, their gradients and buffers in place. Optimisers and captured steps are to be made
  /// afterwards.
  void to(Dtype dtype) const;

 protected:
  /// Returns a leaf that requires grad: the tensor itself where it is one, so that modules can share it, else a copy.
  /// The name is new in this module and has no dot.
  Tensor register_parameter(const std::string& name, Tensor value);
  /// Returns a copy that is kept with the model but not trained.
  Tensor register_buffer(const std::string& name, Tensor value);
  /// `hidden(register_module("hidden", Linear(64, 128)))`
  template <class Part>
  Part register_module(const std::string& name, Part part) {
    add_part(name, part, typeid(Part));
    return part;
  }
  /// From now on the parameter "weight" is called "original", and `named_weights` lists what `weight` computes from it
  /// instead. The tensors of `parametrization` become this module's own.
  void compute_weight(std::function<Tensor()> weight, const Module& parametrization);

 private:
  struct Registry;
  friend void print(std::ostream& out, const Module& module, const std::type_info& type);

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
