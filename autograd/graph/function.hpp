// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <any>
#include <functional>
#include <string>
#include <type_traits>
#include <typeinfo>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

namespace engine {
class FunctionNode;
}

/// What a user's operation keeps between `forward` and `backward`.
class Context {
 public:
  /// Keeps tensors for `backward`: inputs, the output, or anything computed on the way.
  template <class... Tensors>
  void save(const Tensors&... tensors) {
    (saved_.push_back(tensors), ...);
  }
  /// The i-th of them. Throws Error if an in-place operation has overwritten it, or its graph was released.
  Tensor saved(std::size_t i) const;

  /// Keeps a value of another type: a flag, a scalar, sizes.
  template <class T>
  void keep(T value) {
    static_assert(!std::is_base_of_v<Tensor, T>, "tensors are kept by save()");
    kept_.push_back(std::move(value));
  }
  /// The i-th of them, of the type that was kept; Error otherwise.
  template <class T>
  const T& kept(std::size_t i) const {
    const T* value = std::any_cast<T>(find_kept(i));
    if (!value) throw_kept(i);
    return *value;
  }

 private:
  friend class engine::FunctionNode;
  const std::any* find_kept(std::size_t i) const;
  [[noreturn]] void throw_kept(std::size_t i) const;

  std::vector<std::any> kept_;
  std::vector<Tensor> saved_;  // during forward; afterwards the node holds them
  const engine::FunctionNode* node_ = nullptr;
};

namespace engine {

std::string function_name(const std::type_info& type);

using FunctionBackward = std::vector<Tensor> (*)(Context&, const Tensor&);

/// Gives `output` a node that calls `backward`, where one of the inputs needs a gradient.
Tensor make_function_node(const char* name, const Context& context, const std::vector<Tensor>& inputs, Tensor output,
                          FunctionBackward backward);

template <class F>
struct Apply {
  template <class... Args>
  Tensor operator()(const Args&... args) const {
    Context context;
    Tensor output;
    {
      const NoGrad guard;
      output = F::forward(context, args...);
    }
    std::vector<Tensor> inputs;
    const auto collect = [&](const auto& argument) {
      if constexpr (std::is_base_of_v<Tensor, std::decay_t<decltype(argument)>>) inputs.push_back(argument);
    };
    (collect(args), ...);
    static const std::string name = function_name(typeid(F));
    return make_function_node(name.c_str(), context, inputs, std::move(output), &F::backward);
  }
};

}  // namespace engine

/// Base of an operation with its own gradient:
///
///   struct Softplus : Function<Softplus> {
///     static Tensor forward(Context& ctx, const Tensor& x);
///     static std::vector<Tensor> backward(Context& ctx, const Tensor& grad);
///   };
///
/// `forward` makes no nodes and may take arguments of other types; `backward` returns one gradient per tensor
/// argument (an undefined tensor means zero), in tensor operations so that it can be differentiated again.
template <class F>
struct Function {
  static constexpr engine::Apply<F> apply{};
};

}  // namespace sigmagrad
