// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/optim/detail/model_rates.hpp>
#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

/// An update by an average of gradients and a second one, which is called `second`: in each step
/// coefficients(T(), number of the step), and then, with these at(rate), loop(p, average, second, gradient, entries,
/// coefficients) once or for each of many models.
template <class Coefficients, class Loop>
void update_two_averages(const Tensor& parameter, const Tensor& grad, State& state, const Group& group,
                         const char* second, const Coefficients& coefficients, const Loop& loop) {
  engine::dispatch(parameter.dtype(), [&]<class T>(T) {
    T* m = engine::write<T>(state.buffer("exp_avg", parameter));
    T* v = engine::write<T>(state.buffer(second, parameter));
    const T* g = engine::read<T>(grad);
    with_rates(group.lr(), parameter, [&](const auto& rates) {
      engine::launch(
          [p = engine::write<T>(parameter), m, v, g, rates, step = state.step.address(), coefficients, loop] {
            const auto all = coefficients(T(), *step);
            rates.each([&](std::int64_t i, std::int64_t n, double lr) {
              auto c = all;
              loop(p + i, m + i, v + i, g + i, n, c.at(lr));
            });
          });
    });
  });
}

}  // namespace sigmagrad::optim
