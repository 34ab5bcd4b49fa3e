// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Derivatives of functions. `f` is anything that can be called; what it takes says what is differentiated:
//
//   f(x)                 with a Tensor, f(x, y) with a braced list {x, y}, f(list) with a std::vector<Tensor>: f is
//                        called with copies of the inputs that share their memory;
//   f()                  reads the inputs where they are: `hvp([&] { return loss_of(model); }, model.parameters(), v)`.
//                        They must require grad.
//
// It returns a Tensor or a std::vector of them. Results come in the form of the inputs and outputs: a Tensor, a vector,
// for a braced list a std::array. Derivatives that do not exist because nothing depends on an input are zero. No grad()
// is touched, and gradients are enabled while f runs.
namespace sigmagrad {

struct DerivativeOptions {
  bool create_graph = false;  // results can be differentiated again, in the inputs that require grad, v and parameters
};

/// One output and the gradients of <v, f>, one per input.
template <class Out, class In>
struct Vjp {
  Out output;
  In gradients;
};
template <class Out>
struct Jvp {
  Out output, tangent;
};
template <class In>
struct Hvp {
  Tensor output;
  In products;
};

/// The Hessian of a scalar in tensors that it was computed from, as the linear map v -> H v. The gradient's graph is
/// built once and kept; a product is one walk through it. The inputs must not be changed in place meanwhile.
class HessianOperator;

namespace engine {

using Tensors = std::vector<Tensor>;

template <class T>
inline constexpr bool is_tensor_array = false;
template <std::size_t N>
inline constexpr bool is_tensor_array<std::array<Tensor, N>> = true;
template <class T>
concept TensorForm = std::derived_from<T, Tensor> || std::derived_from<T, Tensors> || is_tensor_array<T>;
/// The form of what derives from Tensor is Tensor, and likewise for lists.
template <TensorForm T>
using FormOf = std::conditional_t<std::derived_from<T, Tensor>, Tensor,
                                  std::conditional_t<std::derived_from<T, Tensors>, Tensors, T>>;

/// A T for each tensor of the form.
template <class Form, class T>
struct LikeOf {
  using type = T;
};
template <class T>
struct LikeOf<Tensors, T> {
  using type = std::vector<T>;
};
template <std::size_t N, class T>
struct LikeOf<std::array<Tensor, N>, T> {
  using type = std::array<T, N>;
};
template <class Form, class T>
using Like = typename LikeOf<Form, T>::type;

template <class Form, class T>
Like<Form, T> in_form(std::vector<T> list) {
  if constexpr (std::is_same_v<Form, Tensor>) {
    return std::move(list.front());
  } else if constexpr (std::is_same_v<Form, Tensors>) {
    return list;
  } else {
    Like<Form, T> result;
    std::move(list.begin(), list.end(), result.begin());
    return result;
  }
}

template <class Form>
Tensors as_list(const Form& form) {
  if constexpr (std::derived_from<Form, Tensor>)
    return {form};
  else
    return Tensors(form.begin(), form.end());
}

/// Whether f takes the tensors of an array as arguments of their own.
template <class F, class Indices>
inline constexpr bool takes_each = false;
template <class F, std::size_t... I>
inline constexpr bool takes_each<F, std::index_sequence<I...>> =
    std::is_invocable_v<const F&, const std::tuple_element_t<I, std::array<Tensor, sizeof...(I)>>&...>;
template <class F, class In>
inline constexpr bool spreads = false;
template <class F, std::size_t N>
inline constexpr bool spreads<F, std::array<Tensor, N>> = takes_each<F, std::make_index_sequence<N>>;
template <class F, class In>
using Argument = std::conditional_t<is_tensor_array<In>, Tensors, In>;
template <class F, class In>
inline constexpr bool takes_inputs = spreads<F, In> || std::is_invocable_v<const F&, const Argument<F, In>&>;

template <class In, class F>
auto call_with(const F& f, const Tensors& inputs) {
  static_assert(takes_inputs<F, In> || std::is_invocable_v<const F&>,
                "the function takes the inputs in the form they are given in, or no argument");
  if constexpr (spreads<F, In>)
    return std::apply(f, in_form<In>(inputs));
  else if constexpr (takes_inputs<F, In>)
    return f(in_form<Argument<F, In>>(inputs));
  else
    return f();
}
template <class F, class In>
using OutputOf = FormOf<decltype(call_with<In>(std::declval<const F&>(), std::declval<const Tensors&>()))>;

/// A function in one form for all.
struct Callable {
  std::function<Tensors(const Tensors&)> function;
  bool reads_inputs;  // where they are, instead of taking them
};
template <class In, class F>
Callable callable(const F& f) {
  return {[&f](const Tensors& inputs) { return as_list(call_with<In>(f, inputs)); }, !takes_inputs<F, In>};
}

std::pair<Tensors, Tensors> vjp(const Callable& f, const Tensors& inputs, const Tensors& v, DerivativeOptions options);
std::pair<Tensors, Tensors> jvp(const Callable& f, const Tensors& inputs, const Tensors& v, DerivativeOptions options);
std::vector<Tensors> jacobian(const Callable& f, const Tensors& inputs, DerivativeOptions options);
HessianOperator hessian_operator(const char* name, const Callable& f, const Tensors& inputs, DerivativeOptions options);

}  // namespace engine

class HessianOperator {
 public:
  /// Throws Error where `value` has more than one entry or no history, or an input does not require grad.
  HessianOperator(const Tensor& value, std::vector<Tensor> inputs);

  /// H v: one tensor per input, of its shape.
  std::vector<Tensor> operator()(const std::vector<Tensor>& v, DerivativeOptions options = {}) const;
  /// H as blocks: [i][j] has the shape [inputs[i]..., inputs[j]...].
  std::vector<std::vector<Tensor>> blocks(DerivativeOptions options = {}) const;

  const Tensor& value() const { return value_; }
  const std::vector<Tensor>& inputs() const { return inputs_; }
  /// The gradients of the value, one per input.
  const std::vector<Tensor>& gradients() const { return gradients_; }

 private:
  friend HessianOperator engine::hessian_operator(const char* name, const engine::Callable& f,
                                                  const engine::Tensors& inputs, DerivativeOptions options);
  HessianOperator() = default;
  void differentiate();

  Tensor value_;
  std::vector<Tensor> inputs_, gradients_;
};

/// v' J: `output` is f(inputs), `gradients` those of the sum of v * output. v has the form and shapes of the output.
template <class F, engine::TensorForm Inputs, class In = engine::FormOf<Inputs>>
auto vjp(const F& f, const Inputs& inputs, const std::type_identity_t<engine::OutputOf<F, In>>& v,
         DerivativeOptions options = {}) {
  using Out = engine::OutputOf<F, In>;
  auto [output, gradients] = engine::vjp(engine::callable<In>(f), engine::as_list(inputs), engine::as_list(v), options);
  return Vjp<Out, In>{engine::in_form<Out>(std::move(output)), engine::in_form<In>(std::move(gradients))};
}

/// J v: the derivative of f along v, which has the form and shapes of the inputs. Two walks back: v' J is linear in v,
/// and its gradient in v along another vector is J times that.
template <class F, engine::TensorForm Inputs, class In = engine::FormOf<Inputs>>
auto jvp(const F& f, const Inputs& inputs, const std::type_identity_t<In>& v, DerivativeOptions options = {}) {
  using Out = engine::OutputOf<F, In>;
  auto [output, tangent] = engine::jvp(engine::callable<In>(f), engine::as_list(inputs), engine::as_list(v), options);
  return Jvp<Out>{engine::in_form<Out>(std::move(output)), engine::in_form<Out>(std::move(tangent))};
}

/// [out..., in...], row by row, for each output and, within, for each input.
template <class F, engine::TensorForm Inputs, class In = engine::FormOf<Inputs>>
auto jacobian(const F& f, const Inputs& inputs, DerivativeOptions options = {}) {
  using Out = engine::OutputOf<F, In>;
  auto rows = engine::jacobian(engine::callable<In>(f), engine::as_list(inputs), options);
  std::vector<engine::Like<In, Tensor>> result;
  for (auto& row : rows) result.push_back(engine::in_form<In>(std::move(row)));
  return engine::in_form<Out>(std::move(result));
}

/// H v for an f that returns one entry: `output` is f(inputs), `products` has the form of the inputs. For many v of one
/// f, HessianOperator runs f once.
template <class F, engine::TensorForm Inputs, class In = engine::FormOf<Inputs>>
auto hvp(const F& f, const Inputs& inputs, const std::type_identity_t<In>& v, DerivativeOptions options = {}) {
  const auto H = engine::hessian_operator("hvp", engine::callable<In>(f), engine::as_list(inputs), options);
  return Hvp<In>{options.create_graph ? H.value() : H.value().detach().reshape(H.value().shape()),
                 engine::in_form<In>(H(engine::as_list(v), options))};
}

/// [in..., in...] for an f that returns one entry; for several inputs blocks, [i][j] of shape [in_i..., in_j...].
template <class F, engine::TensorForm Inputs, class In = engine::FormOf<Inputs>>
auto hessian(const F& f, const Inputs& inputs, DerivativeOptions options = {}) {
  const auto H = engine::hessian_operator("hessian", engine::callable<In>(f), engine::as_list(inputs), options);
  std::vector<engine::Like<In, Tensor>> result;
  for (auto& row : H.blocks(options)) result.push_back(engine::in_form<In>(std::move(row)));
  return engine::in_form<In>(std::move(result));
}

// For braced lists.

template <class F, std::size_t N>
auto vjp(const F& f, const Tensor (&inputs)[N],
         const std::type_identity_t<engine::OutputOf<F, std::array<Tensor, N>>>& v, DerivativeOptions options = {}) {
  return vjp(f, std::to_array(inputs), v, options);
}
template <class F, std::size_t N>
auto jvp(const F& f, const Tensor (&inputs)[N], const Tensor (&v)[N], DerivativeOptions options = {}) {
  return jvp(f, std::to_array(inputs), std::to_array(v), options);
}
template <class F, std::size_t N>
auto jacobian(const F& f, const Tensor (&inputs)[N], DerivativeOptions options = {}) {
  return jacobian(f, std::to_array(inputs), options);
}
template <class F, std::size_t N>
auto hvp(const F& f, const Tensor (&inputs)[N], const Tensor (&v)[N], DerivativeOptions options = {}) {
  return hvp(f, std::to_array(inputs), std::to_array(v), options);
}
template <class F, std::size_t N>
auto hessian(const F& f, const Tensor (&inputs)[N], DerivativeOptions options = {}) {
  return hessian(f, std::to_array(inputs), options);
}

}  // namespace sigmagrad
