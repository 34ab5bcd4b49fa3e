// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/bench/workloads.hpp>

#include <sigmagrad/bench/problems.hpp>

namespace sigmagrad::bench {
namespace {

template <class Problem>
Workload without_limit(std::string name, int size) {
  return {.name = std::move(name),
          .limit = {},
          .eager = [size] { return library(Problem(size), Way::Eager); },
          .captured = [size] { return library(Problem(size), Way::Captured); }};
}

template <class Problem>
Workload workload(std::string name, int size) {
  Workload result = without_limit<Problem>(std::move(name), size);
  result.limit = [size] { return limit(Problem(size)); };
  return result;
}

}  // namespace

Step::~Step() = default;

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> all = {
      workload<Completion>("completion_d2_L3", 2),
      workload<Completion>("completion_d5_L3", 5),
      workload<Completion>("completion_d10_L3", 10),
      workload<Completion>("completion_d100_L3", 100),
      workload<Regression>("regression_d32_B64", 32),
      workload<Regression>("regression_d64_B64", 64),
      workload<Regression>("regression_d128_B64", 128),
      workload<Regression>("regression_d512_B64", 512),
      workload<Relu2>("relu2_d64_B64_adam", 64),
      without_limit<Relu5>("relu5_3072_512_B128_sgdm", 128),
      workload<SpectralPenalty>("spectral_penalty_d16", 16),
      workload<SpectralPenalty>("spectral_penalty_d64", 64),
      workload<SpectralPenalty>("spectral_penalty_d128", 128),
      workload<Ensemble>("ensemble300_d2_L3", 2),
      workload<Ensemble>("ensemble300_d3_L3", 3),
      workload<Ensemble>("ensemble300_d5_L3", 5),
      workload<Ensemble>("ensemble300_d10_L3", 10),
  };
  return all;
}

}  // namespace sigmagrad::bench
