// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <type_traits>
#include <vector>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/threads/parallel_for.hpp>
#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

/// The parameters of an optimiser and a tensor beside each, which begins as its copy.
struct Shadows {
  explicit Shadows(const Optimizer& optimizer);
  /// f(T* shadow, T* parameter, number of entries) for parts of each, as a kernel. Error for a model converted since.
  template <class F>
  void launch(const char* operation, F f);
  void check(const char* operation, std::size_t i) const;

  std::vector<Tensor> parameters, values;
};

template <class F>
void Shadows::launch(const char* operation, F f) {
  for (std::size_t i = 0; i < values.size(); ++i) check(operation, i);
  for (std::size_t i = 0; i < values.size(); ++i)
    engine::dispatch(values[i].dtype(), [&]<class T>(T) {
      const auto run = [&](auto* p) {
        engine::launch([f, shadow = engine::write<T>(values[i]), p, n = values[i].numel()] {
          engine::parallel_for(n, engine::entry_grain,
                               [&](std::int64_t at, std::int64_t end) { f(shadow + at, p + at, end - at); });
        });
      };
      if constexpr (std::is_invocable_v<F&, T*, const T*, std::int64_t>)
        run(engine::read<T>(parameters[i]));  // a write would count as a change of the parameter
      else
        run(engine::write<T>(parameters[i]));
    });
}

/// a + weight (b - a), without rounding at both ends.
template <class T>
T between(T a, T b, T weight) {
  return weight < T(0.5) ? a + weight * (b - a) : b - (T(1) - weight) * (b - a);
}

/// A whole number >= 0 of a saved state.
std::int64_t whole_number(const NamedTensors& state, const char* name);

}  // namespace sigmagrad::optim
