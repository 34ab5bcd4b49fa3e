// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <new>

#include <sigmagrad/bench/detail/limit.hpp>

namespace sigmagrad::bench {
namespace {

constexpr std::align_val_t cache_line{64};

}  // namespace

LimitStep::LimitStep(const std::vector<double>& start)
    : count_(start.size()), theta(buffer(start)), gradient(buffer(start.size())) {}

LimitStep::~LimitStep() = default;

double LimitStep::loss() const { return last_loss; }

std::vector<double> LimitStep::parameters() const { return {theta, theta + count_}; }

double* LimitStep::buffer(std::size_t size) {
  auto* memory = static_cast<double*>(::operator new(size * sizeof(double), cache_line));
  std::fill_n(memory, size, 0.0);
  return buffers_.emplace_back(memory).get();
}

double* LimitStep::buffer(const std::vector<double>& values) {
  double* memory = buffer(values.size());
  std::copy(values.begin(), values.end(), memory);
  return memory;
}

void LimitStep::Free::operator()(double* memory) const { ::operator delete(memory, cache_line); }

}  // namespace sigmagrad::bench
