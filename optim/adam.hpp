// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

struct AdamOptions {
  double lr = 1e-3;
  std::array<double, 2> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0.0;
  bool amsgrad = false;
};

/// Adam (Kingma and Ba 2015, algorithm 1), in PyTorch's convention:
///   g <- grad + weight_decay p;  m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2;
///   p <- p - lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps), where amsgrad takes the largest v so far.
/// A gradient with an entry that is NaN, or whose square is infinite, is an Error before anything is changed. Where v
/// is 0 and eps is 0, a gradient of 0 makes the parameter NaN.
class Adam : public Optimizer {
 public:
  using Options = AdamOptions;
  Adam(std::vector<Tensor> params, Options options = {});
  Adam(std::vector<GroupOptions> groups, Options options = {});

 protected:
  enum class Decay { Coupled, Decoupled };
  template <class Params>
  Adam(const char* name, Params params, Options options, Decay decay);
  void check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state,
             const Group& group) override;
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;

 private:
  Options options_;
  Decay decay_;
};

}  // namespace sigmagrad::optim
