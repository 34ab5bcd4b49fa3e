// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/nn/sequential.hpp>

namespace sigmagrad::nn {

/// y = branch(x) + shortcut(x) (He, Zhang, Ren and Sun 2016): `Residual(Sequential{Conv2d(64, 64, 3, {.padding = 1}),
/// ReLU(), ...})`. Without a shortcut that is x itself. Each is a Sequential or a layer, which makes a Sequential of
/// one; the parameters are "branch.0.weight" and "shortcut.0.weight".
class Residual : public Layer {
 public:
  template <class Branch>
  requires(!std::derived_from<Branch, Residual>) explicit Residual(Branch branch)
      : branch_(register_module("branch", sequence(std::move(branch)))) {}
  template <class Branch, class Shortcut>
  Residual(Branch branch, Shortcut shortcut)
      : branch_(register_module("branch", sequence(std::move(branch)))),
        shortcut_(register_module("shortcut", sequence(std::move(shortcut)))) {}

  /// Error unless both make one shape.
  Tensor operator()(const Tensor& x) const;
  const Sequential& branch() const { return branch_; }
  /// Empty where it is x itself.
  const Sequential& shortcut() const { return shortcut_; }
  Residual clone() const { return nn::clone(*this); }

 private:
  static Sequential sequence(Sequential layers) { return layers; }
  template <class One>
  requires(!std::derived_from<One, Sequential>) static Sequential sequence(One layer) {
    return Sequential{std::move(layer)};
  }

  Sequential branch_, shortcut_;
};

}  // namespace sigmagrad::nn
