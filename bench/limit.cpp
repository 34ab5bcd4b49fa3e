// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <new>

#include <sigmagrad/bench/detail/limit.hpp>

namespace sigmagrad::bench {
namespace {

constexpr std::align_val_t cache_line{64};

// The place, stored trial by trial, of what stands at i where entries stand together.
std::size_t place_by_trial(std::size_t i, std::size_t entries, std::size_t trials) {
  const std::size_t trial = i % trials, entry = i / trials % entries, matrix = i / trials / entries;
  return (matrix * trials + trial) * entries + entry;
}

}  // namespace

LimitStep::LimitStep(const std::vector<double>& start)
    : count_(start.size()), theta(buffer(start)), gradient(buffer(start.size())) {}

LimitStep::~LimitStep() = default;

double LimitStep::loss() const { return last_loss; }

std::vector<double> LimitStep::parameters() const { return {theta, theta + count_}; }

std::vector<double> LimitStep::gradient_values() const { return {gradient, gradient + count_}; }

std::vector<double> LimitStep::by_entry(const std::vector<double>& values, std::size_t entries, std::size_t trials) {
  std::vector<double> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) result[i] = values[place_by_trial(i, entries, trials)];
  return result;
}

std::vector<double> LimitStep::by_trial(const std::vector<double>& values, std::size_t entries, std::size_t trials) {
  std::vector<double> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) result[place_by_trial(i, entries, trials)] = values[i];
  return result;
}

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
