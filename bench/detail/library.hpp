// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>
#include <vector>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/bench/problems.hpp>
#include <sigmagrad/nn/module.hpp>

namespace sigmagrad::bench {

// Gives a module's parameters, in order of registration, these values.
void set_parameters(nn::Module& module, const std::vector<double>& values);
std::vector<double> parameter_values(const nn::Module& module);

// The training of a module that has a loss(), as a program of the library's users has it.
template <class Model, class Optimizer>
class LibraryStep final : public Step {
 public:
  LibraryStep(Model model, const std::vector<double>& start, typename Optimizer::Options options, Way way)
      : model_(std::move(model)),
        optimizer_(model_.parameters(), options),
        captured_(capture([this] { return train(); })),
        way_(way) {
    set_parameters(model_, start);
  }

  void operator()() override { loss_ = (way_ == Way::Captured ? captured_() : train()).item(); }
  double loss() const override { return loss_; }
  std::vector<double> parameters() const override { return parameter_values(model_); }

 private:
  Tensor train() {
    optimizer_.zero_grad();
    const auto loss = model_.loss();
    loss.backward();
    optimizer_.step();
    return loss;
  }

  Model model_;
  Optimizer optimizer_;
  CapturedStep captured_;
  Way way_;
  double loss_ = 0;
};

}  // namespace sigmagrad::bench
