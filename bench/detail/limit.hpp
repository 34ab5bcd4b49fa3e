// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <sigmagrad/bench/workloads.hpp>

namespace sigmagrad::bench {

// The memory of a hand-written loop: parameters in one block, gradients in another, buffers on cache lines.
// Everything that is not the loop itself is defined in limit.cpp: the files of the loops are compiled for one processor
// with relaxed arithmetic, and the linker must find no shared function in them.
class LimitStep : public Step {
 public:
  ~LimitStep() override;
  double loss() const final;
  std::vector<double> parameters() const override;

 protected:
  explicit LimitStep(const std::vector<double>& start);
  double* buffer(std::size_t size);  // zeros
  double* buffer(const std::vector<double>& values);

  std::size_t count() const { return count_; }
  std::vector<double> gradient_values() const;

  // Matrices of `entries` numbers, `trials` of each kind: trial by trial as the problems have them, and entry by entry,
  // the numbers of one entry in every trial side by side.
  static std::vector<double> by_entry(const std::vector<double>& by_trial, std::size_t entries, std::size_t trials);
  static std::vector<double> by_trial(const std::vector<double>& by_entry, std::size_t entries, std::size_t trials);

 private:
  struct Free {
    void operator()(double* memory) const;
  };
  std::size_t count_;
  std::vector<std::unique_ptr<double, Free>> buffers_;

 protected:
  double* const theta;     // every parameter
  double* const gradient;  // its gradient
  double last_loss = 0;
};

}  // namespace sigmagrad::bench
