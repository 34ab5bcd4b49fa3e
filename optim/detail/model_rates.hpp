// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/threads/parallel_for.hpp>
#include <sigmagrad/optim/group.hpp>

namespace sigmagrad::optim {

/// The rate of a parameter, for its kernel: it captures this and reads the rate at every replay.
class OneRate {
 public:
  OneRate(Scalar lr, std::int64_t size) : lr_(lr), size_(size) {}

  /// f(first entry, number of entries, rate) for parts of the entries, on the threads of the calling one.
  template <class F>
  void each(F f) const {
    if (engine::threads.spread == 1) [[likely]]  // of a small step's instructions, to ask here saves two in a hundred
      return each_whole(f);
    engine::parallel_for(size_, engine::entry_grain,
                         [f, lr = lr_.now()](std::int64_t begin, std::int64_t end) { f(begin, end - begin, lr); });
  }
  /// Once, for all entries.
  template <class F>
  void each_whole(F f) const {
    f(std::int64_t{0}, size_, lr_.now());
  }

 private:
  Scalar lr_;
  std::int64_t size_;
};

/// The rates of a parameter's models, of which each has its calls.
class ModelRates {
 public:
  ModelRates(Scalar lr, const Tensor& scale, std::int64_t size)
      : lr_(lr),
        scale_(engine::read<double>(scale)),
        models_(scale.numel()),
        size_(models_ == 0 ? 0 : size / models_) {}

  template <class F>
  void each(F f) const {
    const double lr = lr_.now();
    engine::parallel_for(models_ * size_, engine::entry_grain, [&](std::int64_t begin, std::int64_t end) {
      while (begin < end) {
        const std::int64_t m = begin / size_, stop = std::min(end, (m + 1) * size_);
        f(begin, stop - begin, lr * scale_[m]);
        begin = stop;
      }
    });
  }
  template <class F>
  void each_whole(F f) const {
    for (std::int64_t m = 0; m < models_; ++m) f(m * size_, size_, lr_.now() * scale_[m]);
  }

 private:
  Scalar lr_;
  const double* scale_;
  std::int64_t models_, size_;
};

/// f(rates), of one kind or the other.
template <class F>
void with_rates(const LearningRate& lr, const Tensor& parameter, F f) {
  if (lr.scale_->defined()) [[unlikely]]
    f(ModelRates(lr.lr_, *lr.scale_, parameter.numel()));
  else
    f(OneRate(lr.lr_, parameter.numel()));
}

/// For optimisers of matrices: Error for an lr_scale whose models would be the rows of a matrix.
void check_matrices_of_models(const char* optimizer, const Tensor& lr_scale, const std::vector<Tensor>& params);

}  // namespace sigmagrad::optim
