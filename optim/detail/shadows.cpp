// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/detail/shadows.hpp>

#include <cmath>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::optim {

Shadows::Shadows(const Optimizer& optimizer) {
  const NoGrad guard;
  const engine::NotCaptured once;
  for (const auto& group : optimizer.groups())
    for (const auto& parameter : group.params()) {
      parameters.push_back(parameter);
      values.push_back(parameter.detach().clone());
    }
}

void Shadows::check(const char* operation, std::size_t i) const {
  if (values[i].dtype() != parameters[i].dtype() || values[i].shape() != parameters[i].shape())
    engine::fail("{}: parameter {} is {} {}, expected {} {}: was the model converted?", operation, i,
                 parameters[i].shape().str(), name_of(parameters[i].dtype()), values[i].shape().str(),
                 name_of(values[i].dtype()));
}

std::int64_t whole_number(const NamedTensors& state, const char* name) {
  const double value = state[name].item();
  if (!(value >= 0.0 && value < 0x1p53 && value == std::floor(value)))
    engine::fail("load_state_dict: \"{}\" must be a whole number >= 0 (got {})", name, value);
  return static_cast<std::int64_t>(value);
}

}  // namespace sigmagrad::optim
