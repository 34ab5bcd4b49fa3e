// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/nn/module.hpp>

namespace sigmagrad::nn {

/// A module whose operator() shows its result to the forward hooks: `return hooked(x, y);`.
struct Layer : Module {
  static constexpr bool shows_hooks = true;
};

/// A layer that has learned to scale and to shift. Assigning a whole layer makes it a handle to the other one.
class AffineLayer : public Layer {
 public:
  Parameter weight;
  Parameter bias;  // undefined without bias

  AffineLayer(const AffineLayer&) = default;
  AffineLayer(AffineLayer&&) noexcept = default;
  AffineLayer& operator=(AffineLayer&&) noexcept = default;
  AffineLayer& operator=(const AffineLayer& other) { return *this = AffineLayer(other); }

 protected:
  AffineLayer() = default;
  ~AffineLayer() = default;
};

}  // namespace sigmagrad::nn
