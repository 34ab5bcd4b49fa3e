// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <sigmagrad/io/named_tensors.hpp>
#include <string>
#include <utility>
#include <vector>

namespace sigmagrad::nn {

/// Base of everything with parameters. A model is a struct that registers its tensors and parts in its constructor and
/// has an operator(). It is a value that is a handle: a copy shares the parameters.
class Module {
 public:
  Module();

  /// Parameters in order of registration, those of parts under their name: "hidden.weight".
  NamedTensors named_parameters() const;
  std::vector<Tensor> parameters() const;
  NamedTensors named_buffers() const;

  /// A layer that behaves differently in training asks `is_training`.
  void train(bool enable = true);
  void eval() { train(false); }
  bool is_training() const;
  void zero_grad();

 protected:
  /// Makes the tensor a leaf that requires grad, under a name that is new in this module and has no dot. Returns it.
  Tensor register_parameter(const std::string& name, Tensor value);
  /// A tensor that is kept with the model but not trained.
  Tensor register_buffer(const std::string& name, Tensor value);
  /// `hidden(register_module("hidden", Linear(64, 128)))`
  template <class Part>
  Part register_module(const std::string& name, Part part) {
    add_part(name, part);
    return part;
  }

 private:
  struct Registry;
  void add_part(const std::string& name, const Module& part);
  void check_name(const std::string& name) const;

  std::shared_ptr<Registry> registry_;
};

}  // namespace sigmagrad::nn
