// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/optim/group.hpp>

namespace sigmagrad::optim {

/// The rates of a parameter's models, for its kernel: it captures this and reads the rates at every replay.
class ModelRates {
 public:
  ModelRates(const LearningRate& lr, const Tensor& parameter);

  /// f(first entry, number of entries, rate) for each model; where they share one rate, once, for all of them.
  template <class F>
  void each(F f) const {
    if (!scale_) return f(std::int64_t{0}, size_, lr_.now());
    for (std::int64_t m = 0; m < models_; ++m) f(m * size_, size_, lr_.now() * scale_[m]);
  }

 private:
  Scalar lr_;
  const double* scale_;
  std::int64_t models_, size_;
};

/// For optimisers of matrices: Error for an lr_scale whose models would be the rows of a matrix.
void check_matrices_of_models(const char* optimizer, const Tensor& lr_scale, const std::vector<Tensor>& params);

}  // namespace sigmagrad::optim
